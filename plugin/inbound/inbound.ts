// Takes a received message to the host: finds the route, asks for permission, fetches files and starts the turn. Nothing is
// dispatched unless the host admits it.

import { setTimeout } from "node:timers/promises";

import { isAbortRequestText } from "openclaw/plugin-sdk/command-primitives-runtime";

import type { Message, InboundState } from "multi-openim-channel";
import { attemptKey, type EarlierAttempts, earlierAttempts, forgetAttempts } from "./attempts.js";
import { resolveAccount } from "../config/account.js";
import { cleanMessage } from "../conversation/clean-message.js";
import { conversationOf, type Conversation } from "../conversation/conversation.js";
import { routePeer } from "../conversation/route-peer.js";
import { channelRuntime, currentConfig, type GatewayContext } from "../host.js";
import { runInOrder } from "../serial-queue.js";
import { askIngress, isForMentionOnly } from "./ingress.js";
import { fetchMedia } from "./media.js";
import { mediaMaxBytes } from "../config/media-limit.js";
import { stripSelfMention } from "../conversation/mention.js";
import { keepMissed, missedKey } from "./offline-context.js";
import { STOP_WAIT_MS } from "../limits.js";
import { CHANNEL_ID, INBOUND_TAG } from "../names.js";
import { withoutNotes } from "./notes.js";
import { quotesOwnMessage } from "./own-quote.js";
import { needsAnswer } from "../restart/needs-answer.js";
import { sendPairingCode } from "./pairing-code.js";
import { acquireShare, acquireSlot } from "./session-limit.js";
import { forwardWords } from "./supplemental.js";
import type { AdmittedTurn } from "./admitted-turn.js";
import { startTurn } from "./turn.js";

/** Content types that hold a file and no words of the sender: the text shown in place of the file is not theirs. */
const FILES_ONLY = new Set([102, 103, 104, 105]);

/**
 * Takes one message. The message is acknowledged when the promise resolves, and delivered again when it rejects. A message
 * that nobody should answer is acknowledged as well.
 */
export async function receive(ctx: GatewayContext, state: InboundState, received: Message): Promise<void> {
  // Without its own id the plugin could answer itself for ever.
  if (!state.selfId) throw new Error(`${CHANNEL_ID} account "${ctx.accountId}" does not know its own user id`);
  if (received.sendID === state.selfId) return;
  const message = cleanMessage(received);
  if (!message) {
    countUnclean(ctx);
    return;
  }
  const conversation = conversationOf(message);
  if (!conversation || !(message.text.trim() || message.media.length > 0)) return;
  const key = attemptKey(ctx.accountId, message.conversationID, message.clientMsgID);
  const earlier = await earlierAttempts(key, ctx.abortSignal);
  if (earlier.isAnswered) return forgetAttempts(key);
  const text = ownWords(message, conversation, state.selfId);
  const one = { ctx, state, message, conversation, text, earlier };
  const order = JSON.stringify([ctx.accountId, conversation.target]);
  if (isAbortRequestText(text)) {
    // It must not wait for the turn that it is to stop, but follows the messages before it if they are quick.
    await Promise.race([runInOrder(order, async () => undefined), setTimeout(STOP_WAIT_MS, undefined, { ref: false })]);
    return (await admit(one)).settled;
  }
  const leave = await acquireShare(ctx.accountId, message.sendID);
  try {
    // In order: a question must not overtake the picture it is about, however long the picture takes to fetch.
    const { settled } = await runInOrder(order, () => admit(one));
    await settled;
  } finally {
    leave();
  }
}

interface Received {
  ctx: GatewayContext;
  state: InboundState;
  message: Message;
  conversation: Conversation;
  /** The sender's own words. */
  text: string;
  earlier: EarlierAttempts;
}

/** Decides about a message and starts what follows. */
async function admit(received: Received): Promise<{ settled: Promise<void> }> {
  const { ctx, state, message, conversation, text, earlier } = received;
  const runtime = channelRuntime(ctx);
  const cfg = currentConfig(ctx);
  const account = resolveAccount(cfg, ctx.accountId);
  const { accountId } = account;
  const peers = routePeer(cfg, accountId, { kind: conversation.kind, id: conversation.peerId });
  const route = runtime.routing.resolveAgentRoute({ cfg, channel: CHANNEL_ID, accountId, ...peers });
  const { selfId } = state;
  const question = { runtime, cfg, account, message, conversation, route, text, selfId, quotesSelf: false };
  let answer = await askIngress(question);
  // Asked only about people who may trigger: a quote is looked up on the server.
  const quotesSelf = isForMentionOnly(answer) && (await quotesOwnMessage({ cfg, accountId, selfId }, message));
  if (quotesSelf) answer = await askIngress({ ...question, quotesSelf });
  const { admission, reasonCode } = answer.ingress.ingress;
  if (admission !== "dispatch") {
    ctx.log?.debug?.(`${INBOUND_TAG} account=${accountId} ${conversation.kind} message not answered: ${reasonCode}`);
    return { settled: admission === "pairing-required" ? sendPairingCode({ runtime, cfg, account, message }) : done };
  }
  const { agentId, sessionKey } = route;
  const { target } = conversation;
  const still = await needsAnswer(ctx, { cfg, agentId, sessionKey }, message, target, earlier);
  if (!still) return { settled: done };
  const history = missedKey(accountId, route.sessionKey, target);
  if (message.offline && account.offline.mode === "context") {
    keepMissed(history, message, text || message.text);
    return { settled: done };
  }
  const fetching = {
    state,
    messageId: message.clientMsgID,
    sender: message.sendID,
    maxBytes: mediaMaxBytes(cfg, accountId),
    warn: (words: string) => ctx.log?.warn(`${INBOUND_TAG} account=${accountId} ${words}`),
  };
  const media = await fetchMedia(message.media, fetching);
  const isUrgent = isAbortRequestText(text) && answer.ingress.commandAccess.authorized;
  const leave = isUrgent ? () => undefined : await acquireSlot(route.sessionKey, cfg);
  const turn: AdmittedTurn = {
    ctx,
    runtime,
    cfg,
    account,
    message,
    conversation,
    route,
    messageId: still.messageId,
    text: [message.forwarded ? text : withoutNotes(text), ...media.missing, still.note].filter(Boolean).join("\n"),
    commandText: text,
    media: media.facts,
    fetchQuoted: async (quote) => (await fetchMedia(quote.media, fetching)).facts,
    selfId,
    quotesSelf,
    peer: peers.peer,
    answer,
    history,
  };
  const { promise: placed, resolve } = Promise.withResolvers<void>();
  const settled = startTurn(turn, resolve).finally(leave);
  await Promise.race([placed, settled]);
  return { settled };
}

const done = Promise.resolve();

const unclean = new Map<string, number>();

/** Reports messages whose sender or group has no clean id: the first one and every hundredth. */
function countUnclean({ accountId, log }: GatewayContext): void {
  const count = (unclean.get(accountId) ?? 0) + 1;
  unclean.set(accountId, count);
  if (count % 100 !== 1) return;
  log?.warn(
    `${INBOUND_TAG} account=${accountId} ${count} messages skipped so far: the id of the sender or group is not clean`,
  );
}

/** The sender's own words: without the mention of the bot, and without text that stands for a file or a forward. */
function ownWords(message: Message, conversation: Conversation, selfId: string): string {
  if (message.forwarded) return forwardWords(message.forwarded);
  if (message.media.length > 0 && FILES_ONLY.has(message.contentType)) return "";
  return conversation.kind === "group" ? stripSelfMention(message.text, selfId) : message.text;
}
