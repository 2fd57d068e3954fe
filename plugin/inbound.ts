// One received message from the native side to the host: route, permission, turn. Nothing is dispatched unasked.

import { setTimeout } from "node:timers/promises";

import { resolveInboundLastRouteSessionKey } from "openclaw/plugin-sdk/routing";
import { resolvePinnedMainDmOwnerFromAllowlist } from "openclaw/plugin-sdk/conversation-runtime";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";

import { createTurnAck } from "./ack.js";
import type { NativeMessage, NativeState } from "./addon.js";
import { type Account, resolveAccount } from "./config.js";
import { buildContext } from "./context.js";
import { type Conversation, conversationOf } from "./conversation.js";
import { createDelivery } from "./delivery.js";
import { channelRuntime, type ChannelRuntime, currentConfig, type GatewayContext } from "./host.js";
import { askIngress, type IngressAnswer } from "./ingress.js";
import { stripSelfMention } from "./mention.js";
import { keepMissed, missedBefore, missedKey, missedTaken } from "./missed.js";
import { CHANNEL_ID, INBOUND_TAG } from "./names.js";
import { answerWithCode } from "./pairing.js";
import { normalizeUserEntry } from "./targets.js";

/**
 * How long a message waits before it is offered again to a gateway that drains. A drain lasts up to 315 s and the eighth
 * refusal puts a message aside: at this pace it is refused five times at most.
 */
const DRAIN_RETRY_MS = 60_000;

interface Admitted {
  ctx: GatewayContext;
  runtime: ChannelRuntime;
  cfg: OpenClawConfig;
  account: Account;
  message: NativeMessage;
  conversation: Conversation;
  route: ReturnType<ChannelRuntime["routing"]["resolveAgentRoute"]>;
  text: string;
  answer: IngressAnswer;
  /** Where what was missed in this conversation waits. */
  history: string;
}

/**
 * Takes one message. The returned promise is the delivery: resolved, the message counts as taken; rejected, it comes
 * again. A message that nobody should answer is taken as well.
 */
export async function receive(ctx: GatewayContext, state: NativeState, message: NativeMessage): Promise<void> {
  // Without its own id the plugin could answer itself for ever.
  if (!state.selfId) throw new Error(`${CHANNEL_ID} account "${ctx.accountId}" does not know its own user id`);
  if (message.sendID === state.selfId) return;
  const conversation = conversationOf(message);
  if (!conversation || !message.text.trim()) return;

  const runtime = channelRuntime(ctx);
  const cfg = currentConfig(ctx);
  const account = resolveAccount(cfg, ctx.accountId);
  const route = runtime.routing.resolveAgentRoute({
    cfg,
    channel: CHANNEL_ID,
    accountId: account.accountId,
    peer: { kind: conversation.kind, id: conversation.peerId },
  });
  const text = conversation.kind === "group" ? stripSelfMention(message.text, state.selfId) : message.text;
  const answer = await askIngress({ runtime, cfg, account, message, conversation, route, text });
  const { admission, reasonCode } = answer.ingress.ingress;
  const history = missedKey(account.accountId, route.sessionKey, conversation.target);
  if (admission === "dispatch" && message.offline && account.offlineMode === "context") {
    keepMissed(history, message, text);
    return;
  }
  if (admission === "dispatch") {
    await runTurn({ ctx, runtime, cfg, account, message, conversation, route, text, answer, history });
    return;
  }
  ctx.log?.debug?.(
    `${INBOUND_TAG} account=${account.accountId} ${conversation.kind} message not answered: ${reasonCode}`,
  );
  if (admission === "pairing-required") await answerWithCode({ runtime, cfg, account, message });
}

async function runTurn(turn: Admitted): Promise<void> {
  const { ctx, runtime, account, message, text, history } = turn;
  const ack = createTurnAck(ctx.abortSignal);
  const run = runtime.inbound.run({
    channel: CHANNEL_ID,
    accountId: account.accountId,
    raw: message,
    turnAdoptionLifecycle: ack.lifecycle,
    adapter: {
      ingest: (raw) => ({
        id: raw.clientMsgID,
        timestamp: raw.sendTime,
        rawText: raw.text,
        textForAgent: text,
        textForCommands: text,
        raw,
      }),
      resolveTurn: () => plan(turn),
      onFinalize: ({ dispatched }) => {
        if (dispatched) missedTaken(history);
      },
    },
  });
  run.then(ack.resolved, async (error: unknown) => {
    if (isDraining(error)) await waitUnlessAborted(DRAIN_RETRY_MS, ctx.abortSignal);
    ack.rejected(error);
  });
  await ack.settled;
}

/** The host takes no new work before a restart. That is no fault of the message, so it is not refused in haste. */
function isDraining(error: unknown): boolean {
  return error instanceof Error && error.name === "GatewayDrainingError";
}

async function waitUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

function plan(turn: Admitted) {
  const { ctx, runtime, cfg, account, message, conversation, route, text, answer, history } = turn;
  return {
    cfg,
    channel: CHANNEL_ID,
    accountId: account.accountId,
    route: {
      agentId: route.agentId,
      sessionKey: route.sessionKey,
      ...(route.dmScope ? { dmScope: route.dmScope } : {}),
    },
    ctxPayload: buildContext({
      runtime,
      account,
      message,
      conversation,
      route,
      text,
      wasMentioned: answer.wasMentioned,
      ingress: answer.ingress,
      missed: missedBefore(history),
    }),
    delivery: createDelivery({
      runtime,
      cfg,
      accountId: account.accountId,
      target: conversation.target,
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
function lastRoute({ cfg, account, message, conversation, route, answer }: Admitted) {
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
