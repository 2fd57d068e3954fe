// Runs the turn of one admitted message through the host and settles the message with it.

import { setTimeout } from "node:timers/promises";

import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolvePinnedMainDmOwnerFromAllowlist } from "openclaw/plugin-sdk/conversation-runtime";
import { resolveInboundLastRouteSessionKey } from "openclaw/plugin-sdk/routing";

import { createTurnAck } from "./acknowledge.js";
import type { Message, MessageQuote } from "multi-openim-channel";
import { whenAnswered } from "../outbound/answer-watch.js";
import type { Account } from "../config/account.js";
import { buildContext } from "./context.js";
import type { Conversation } from "../conversation/conversation.js";
import { createDelivery } from "../outbound/delivery.js";
import type { ChannelRuntime, GatewayContext } from "../host.js";
import type { IngressAnswer } from "./ingress.js";
import type { MediaFacts } from "./media.js";
import { missedBefore, missedTaken } from "./offline-context.js";
import { QUEUED_WAIT_MS } from "../limits.js";
import { CHANNEL_ID, INBOUND_TAG } from "../names.js";
import { normalizeUserEntry } from "../config/targets.js";

/**
 * How long a message waits before it is offered again to a gateway that drains. A drain lasts up to 315 s and the eighth
 * refusal puts a message aside: at this pace it is refused five times at most.
 */
const DRAIN_RETRY_MS = 60_000;

export interface Turn {
  ctx: GatewayContext;
  runtime: ChannelRuntime;
  cfg: OpenClawConfig;
  account: Account;
  message: Message;
  /** The id under which the host knows the message. */
  messageId: string;
  conversation: Conversation;
  route: ReturnType<ChannelRuntime["routing"]["resolveAgentRoute"]>;
  /** The text for the agent. */
  text: string;
  /** The sender's own words, in which a command may stand. */
  commandText: string;
  media: MediaFacts;
  fetchQuoted(quote: MessageQuote): Promise<MediaFacts>;
  selfId: string;
  answer: IngressAnswer;
  /** Where what was missed in this conversation waits. */
  history: string;
}

/**
 * Starts a turn at once. The promise settles with the message: taken, or to come again. `placed` is called when the host
 * has given it its place in the session, or has not done so for long: from then on the next one cannot overtake it.
 */
export async function startTurn(turn: Turn, placed: () => void): Promise<void> {
  const { ctx, runtime, account, message, messageId, conversation, text, commandText, history } = turn;
  // It may have waited; a run that has ended must not start anything.
  ctx.abortSignal.throwIfAborted();
  const place = { accountId: account.accountId, target: conversation.target };
  const ack = createTurnAck(ctx.abortSignal, placed, (then) => whenAnswered(place, then));
  const run = runtime.inbound.run({
    channel: CHANNEL_ID,
    accountId: account.accountId,
    raw: message,
    turnAdoptionLifecycle: ack.lifecycle,
    adapter: {
      ingest: (raw) => ({
        id: messageId,
        timestamp: raw.sendTime,
        rawText: commandText,
        textForAgent: text,
        textForCommands: commandText,
        raw,
      }),
      resolveTurn: async () => {
        const planned = await plan(turn);
        void waitUnlessAborted(QUEUED_WAIT_MS, ctx.abortSignal).then(placed);
        return planned;
      },
      onFinalize: ({ dispatched }) => {
        if (dispatched) missedTaken(history);
      },
    },
  });
  run.then(ack.resolved, async (error: unknown) => {
    placed();
    if (isDraining(error)) {
      ack.cutOff();
      await waitUnlessAborted(DRAIN_RETRY_MS, ctx.abortSignal);
    }
    ack.rejected(error);
  });
  await ack.settled.finally(placed);
}

/**
 * The host takes no new work before a restart, not even the rest of a turn whose message came when another was about to
 * end. That is no fault of the message, so it is not refused in haste.
 */
function isDraining(error: unknown): boolean {
  return error instanceof Error && error.name === "GatewayDrainingError";
}

async function waitUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

async function plan(turn: Turn) {
  const { ctx, runtime, cfg, account, messageId, conversation, route, history } = turn;
  return {
    cfg,
    channel: CHANNEL_ID,
    accountId: account.accountId,
    route: {
      agentId: route.agentId,
      sessionKey: route.sessionKey,
      ...(route.dmScope ? { dmScope: route.dmScope } : {}),
    },
    ctxPayload: await buildContext(turn, missedBefore(history)),
    delivery: createDelivery({
      runtime,
      cfg,
      accountId: account.accountId,
      agentId: route.agentId,
      target: conversation.target,
      turn: messageId,
      log: ctx.log,
    }),
    replyPipeline: {},
    record: {
      updateLastRoute: lastRoute(turn),
      onRecordError: (error: unknown) =>
        ctx.log?.warn(`${INBOUND_TAG} account=${account.accountId} session not recorded: ${String(error)}`),
    },
  };
}

/** Where the host answers when it speaks first. A guest must not turn the owner's main session to itself. */
function lastRoute({ cfg, account, message, conversation, route, answer }: Turn) {
  const sessionKey = resolveInboundLastRouteSessionKey({ route, sessionKey: route.sessionKey });
  const owner =
    conversation.kind === "direct" && sessionKey === route.mainSessionKey
      ? resolvePinnedMainDmOwnerFromAllowlist({
          dmScope: route.dmScope ?? cfg.session?.dmScope ?? null,
          allowFrom: answer.ingress.senderAccess.effectiveAllowFrom,
          normalizeEntry: normalizeUserEntry,
        })
      : null;
  return {
    sessionKey,
    channel: CHANNEL_ID,
    to: conversation.target,
    accountId: account.accountId,
    ...(owner ? { mainDmOwnerPin: { ownerRecipient: owner, senderRecipient: message.sendID } } : {}),
  };
}
