// Carries the host's replies back, through the account that received the message.

import { createChannelPartialDeliveryError, type ChannelInboundTurnPlan } from "openclaw/plugin-sdk/channel-inbound";
import { createMessageReceiptFromOutboundResults } from "openclaw/plugin-sdk/channel-outbound";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { getAgentScopedMediaLocalRoots } from "openclaw/plugin-sdk/media-local-roots";
import { resolveOutboundMediaUrls } from "openclaw/plugin-sdk/reply-payload";

import { answerMsgID } from "./delivery-id.js";
import type { ChannelRuntime } from "./host.js";
import { sendFile } from "./media-out.js";
import { CHANNEL_ID, INBOUND_TAG } from "./names.js";
import { TEXT_CHUNK_LIMIT } from "./outbound.js";
import { sendText, type Sent } from "./send.js";

type Delivery = ChannelInboundTurnPlan["delivery"];

export interface DeliveryRoute {
  runtime: ChannelRuntime;
  cfg: OpenClawConfig;
  accountId: string;
  agentId: string;
  target: string;
  /** The id under which the host knows the message that is answered. */
  turn: string;
  log?: { warn(message: string): void } | undefined;
}

export function createDelivery(route: DeliveryRoute): Delivery {
  const ids = idsOf(route.turn);
  return {
    // Finals go through the host's outbound queue, which survives a restart and retries what was not dispatched.
    durable: () => ({ to: route.target, replyToId: null }),
    deliver: async (payload) => {
      const files = resolveOutboundMediaUrls(payload);
      if (!payload.text?.trim() && files.length === 0) return { visibleReplySent: false };
      return await sendAll(route, payload.text ?? "", files, payload.audioAsVoice === true, ids);
    },
    observeMessageSent: true,
    onError: (error, { kind }) => {
      route.log?.warn(`${INBOUND_TAG} account=${route.accountId} ${kind} reply failed: ${String(error)}`);
    },
  };
}

/** One id after the other for all messages of one answer. */
function idsOf(turn: string): () => string | undefined {
  let index = 0;
  return () => answerMsgID(turn, index++);
}

/** The text in chunks, then the files. Whatever fails in between, what was sent until then is told. */
async function sendAll(
  route: DeliveryRoute,
  text: string,
  files: string[],
  asVoice: boolean,
  nextId: () => string | undefined,
) {
  const chunks = text.trim() ? chunked(route, text) : [];
  const done: Sent[] = [];
  const steps = [
    ...chunks.map((chunk) => () => sendText({ ...to(route), text: chunk, clientMsgID: nextId() })),
    ...files.map((source) => () => sendOneFile(route, source, asVoice, nextId())),
  ];
  for (const step of steps) {
    try {
      done.push(await step());
    } catch (error) {
      if (done.length === 0) throw error;
      throw createChannelPartialDeliveryError(error, accepted(done, chunks.slice(0, done.length).join("")));
    }
  }
  return accepted(done, text);
}

function chunked({ runtime, cfg, accountId }: DeliveryRoute, text: string): string[] {
  const limit = runtime.text.resolveTextChunkLimit(cfg, CHANNEL_ID, accountId, { fallbackLimit: TEXT_CHUNK_LIMIT });
  const mode = runtime.text.resolveChunkMode(cfg, CHANNEL_ID, accountId);
  return runtime.text.chunkMarkdownTextWithMode(text, limit, mode);
}

async function sendOneFile(
  route: DeliveryRoute,
  source: string,
  asVoice: boolean,
  clientMsgID: string | undefined,
): Promise<Sent> {
  const { cfg, agentId } = route;
  const mediaLocalRoots = getAgentScopedMediaLocalRoots(cfg, agentId);
  return sendFile({
    ...to(route),
    source,
    clientMsgID,
    access: { mediaLocalRoots },
    ...(asVoice ? { kind: "voice" } : {}),
  });
}

const to = ({ cfg, accountId, target }: DeliveryRoute) => ({ cfg, accountId, to: target });

function accepted(sent: Sent[], content: string) {
  const receipt = createMessageReceiptFromOutboundResults({
    results: sent.map((one) => ({ channel: CHANNEL_ID, messageId: one.messageId })),
    kind: "text",
  });
  return { receipt, messageIds: sent.map((one) => one.messageId), content, visibleReplySent: true as const };
}
