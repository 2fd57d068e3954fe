// Runs the turn of one admitted message through the host and settles the message with it.

import { setTimeout } from "node:timers/promises";

import { resolvePinnedMainDmOwnerFromAllowlist } from "openclaw/plugin-sdk/conversation-runtime";
import { resolveInboundLastRouteSessionKey } from "openclaw/plugin-sdk/routing";

import { createTurnAck } from "./acknowledge.js";
import type { AdmittedTurn } from "./admitted-turn.js";
import { attemptKey, beginAttempt, forgetAttempts } from "./attempts.js";
import { whenAnswered } from "../outbound/answer-watch.js";
import { buildContext } from "./context.js";
import { type AnswerProgress, createDelivery } from "../outbound/delivery.js";
import { missedBefore, missedTaken } from "./offline-context.js";
import { QUEUED_WAIT_MS } from "../limits.js";
import { CHANNEL_ID, INBOUND_TAG } from "../names.js";
import { errorText } from "../status/failures.js";
import { normalizeUserEntry } from "../config/targets.js";

/**
 * How long a message waits before it is offered again to a draining gateway. A drain lasts up to 315 s and the eighth refusal
 * puts a message aside: with this delay it is refused five times at most.
 */
const DRAIN_RETRY_MS = 60_000;

/**
 * Starts a turn at once. The promise resolves when the message is acknowledged and rejects when it is refused. `placed` is
 * called when the host has queued the turn in its session, or has not done so for long: then the next message may follow.
 */
export async function startTurn(
  turn: AdmittedTurn,
  placed: () => void,
  queuedWaitMs: number = QUEUED_WAIT_MS,
): Promise<void> {
  const { ctx, runtime, account, message, messageId, conversation, text, commandText, history } = turn;
  // The message may have waited; an account that has ended must not start anything.
  ctx.abortSignal.throwIfAborted();
  const { accountId } = account;
  const place = { accountId, target: conversation.target };
  const progress = { sent: 0, isWaiting: false, isLost: false, onLost };
  const ack = createTurnAck({
    stop: ctx.abortSignal,
    onQueued: placed,
    whenAnswered: (then) => whenAnswered(place, then),
    isAnswerWaiting: () => progress.isWaiting,
  });
  function onLost(reason: unknown): void {
    progress.isLost = true;
    ack.answerLost(reason);
  }
  const key = attemptKey(accountId, message.conversationID, message.clientMsgID);
  beginAttempt(key, {
    ended: ack.ended,
    isAnswered: () => progress.sent > 0 && !progress.isLost,
    isLost: () => progress.isLost,
  });
  // Nothing the host does or leaves undone holds up the next message of the conversation for ever.
  void waitUnlessAborted(queuedWaitMs, ctx.abortSignal).then(placed);
  let unbuilt: unknown;
  const run = runtime.inbound.run({
    channel: CHANNEL_ID,
    accountId,
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
      resolveTurn: () =>
        plan(turn, progress).catch((error: unknown) => {
          unbuilt = error;
          throw error;
        }),
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
    } else if (unbuilt !== undefined) {
      // Building is the same work with the same message: another delivery would fail in the same way.
      ctx.log?.error(`${INBOUND_TAG} account=${account.accountId} a message has no turn: ${errorText(unbuilt)}`);
      ack.resolved();
    }
    ack.rejected(error);
  });
  await ack.settled.finally(placed);
  forgetAttempts(key);
}

/**
 * Before a restart the host refuses new work with this error. The message is not at fault, so it is not refused at once.
 */
function isDraining(error: unknown): boolean {
  return error instanceof Error && error.name === "GatewayDrainingError";
}

async function waitUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

async function plan(turn: AdmittedTurn, progress: AnswerProgress) {
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
      progress,
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

/** Where the host sends messages of its own. A guest must not redirect the owner's main session to themselves. */
function lastRoute({ cfg, account, message, conversation, route, answer }: AdmittedTurn) {
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
