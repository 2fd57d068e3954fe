// Sends the host's replies through the account that received the message, if need be once OpenIM is back.

import { createChannelPartialDeliveryError, type ChannelInboundTurnPlan } from "openclaw/plugin-sdk/channel-inbound";
import { createMessageReceiptFromOutboundResults } from "openclaw/plugin-sdk/channel-outbound";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { getAgentScopedMediaLocalRoots } from "openclaw/plugin-sdk/media-local-roots";
import { resolveOutboundMediaUrls } from "openclaw/plugin-sdk/reply-payload";

import { answerMsgID } from "./delivery-id.js";
import type { ChannelRuntime } from "../host.js";
import { findSent } from "./find-sent.js";
import { sendFile } from "./media.js";
import { CHANNEL_ID, INBOUND_TAG } from "../names.js";
import { OPTIONS } from "../config/option-table.js";
import { isWorthRepeating, sendThroughOutage } from "./outage.js";
import { reachability, sendText, type Sent } from "./send.js";
import { runInOrder } from "../serial-queue.js";

type Delivery = ChannelInboundTurnPlan["delivery"];

export interface DeliveryRoute {
  runtime: ChannelRuntime;
  cfg: OpenClawConfig;
  accountId: string;
  agentId: string;
  target: string;
  /** The id under which the host knows the message that is answered. */
  turn: string;
  progress: AnswerProgress;
  log?: { warn(message: string): void } | undefined;
}

/** How far an answer has got. */
export interface AnswerProgress {
  /** Messages that were sent. */
  sent: number;
  /** A message waits for the account to be connected. */
  isWaiting: boolean;
  /** A message was given up because the account stayed away. */
  onLost(error: unknown): void;
}

/** An answer on its way: its messages get consecutive ids, whatever they are. */
interface Answer extends DeliveryRoute {
  /** `left` messages of the same reply follow. */
  nextId(left: number): string | undefined;
}

export function createDelivery(route: DeliveryRoute): Delivery {
  let sent = 0;
  const answer: Answer = { ...route, nextId: (left) => answerMsgID(route.turn, { index: sent++, left }) };
  return {
    // Finals go through the host's outbound queue, which survives a restart and retries what was not dispatched.
    durable: () => ({ to: route.target, replyToId: null }),
    deliver: async (payload) => {
      const files = resolveOutboundMediaUrls(payload);
      if (!payload.text?.trim() && files.length === 0) return { visibleReplySent: false };
      return await sendAll(answer, payload.text ?? "", files, payload.audioAsVoice === true);
    },
    observeMessageSent: true,
    onError: (error, { kind }) => {
      route.log?.warn(`${INBOUND_TAG} account=${route.accountId} ${kind} reply failed: ${String(error)}`);
    },
  };
}

/** Sends the text in chunks, then the files. When one fails, the error reports what was sent before it. */
async function sendAll(answer: Answer, text: string, files: string[], asVoice: boolean) {
  const chunks = text.trim() ? chunked(answer, text) : [];
  const done: Sent[] = [];
  const steps = [
    ...chunks.map((chunk) => (way: Destination) => sendText({ ...way, text: chunk })),
    ...files.map((source) => (way: Destination) => sendOneFile(answer, way, source, asVoice)),
  ];
  for (const [index, step] of steps.entries()) {
    try {
      done.push(await sendStep(answer, destinationOf(answer, steps.length - 1 - index), step));
      answer.progress.sent += 1;
    } catch (error) {
      if (isWorthRepeating(error) && reachability(answer) !== "connected") answer.progress.onLost(error);
      if (done.length === 0) throw error;
      throw createChannelPartialDeliveryError(error, accepted(done, chunks.slice(0, done.length).join("")));
    }
  }
  return accepted(done, text);
}

/** In the order of the answers to a conversation, also when several of them wait. */
function sendStep(answer: Answer, way: Destination, step: (way: Destination) => Promise<Sent>): Promise<Sent> {
  const { accountId, target, progress, log } = answer;
  const onWaiting = (isWaiting: boolean): void => {
    if (isWaiting && !progress.isWaiting) {
      log?.warn(`${INBOUND_TAG} account=${accountId} an answer could not be sent yet; it waits`);
    }
    progress.isWaiting = isWaiting;
  };
  return runInOrder(JSON.stringify(["answers", accountId, target]), () =>
    sendThroughOutage({
      send: () => step(way),
      reachability: () => reachability(way),
      find: () => findSent(way),
      onWaiting,
    }),
  );
}

function chunked({ runtime, cfg, accountId }: DeliveryRoute, text: string): string[] {
  const limit = runtime.text.resolveTextChunkLimit(cfg, CHANNEL_ID, accountId, {
    fallbackLimit: OPTIONS.textChunkLimit.default,
  });
  const mode = runtime.text.resolveChunkMode(cfg, CHANNEL_ID, accountId);
  return runtime.text.chunkMarkdownTextWithMode(text, limit, mode);
}

function sendOneFile({ cfg, agentId }: Answer, way: Destination, source: string, asVoice: boolean): Promise<Sent> {
  const mediaLocalRoots = getAgentScopedMediaLocalRoots(cfg, agentId);
  return sendFile({ ...way, source, access: { mediaLocalRoots }, ...(asVoice ? { kind: "voice" } : {}) });
}

type Destination = ReturnType<typeof destinationOf>;

/** Where the next message goes, and under which id. */
function destinationOf({ cfg, accountId, target, nextId }: Answer, left: number) {
  return { cfg, accountId, to: target, clientMsgID: nextId(left) };
}

function accepted(sent: Sent[], content: string) {
  const receipt = createMessageReceiptFromOutboundResults({
    results: sent.map((one) => ({ channel: CHANNEL_ID, messageId: one.messageId })),
    kind: "text",
  });
  return { receipt, messageIds: sent.map((one) => one.messageId), content, visibleReplySent: true as const };
}
