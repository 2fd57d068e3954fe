// Carries the host's replies back, through the account that received the message.

import { createChannelPartialDeliveryError, type ChannelInboundTurnPlan } from "openclaw/plugin-sdk/channel-inbound";
import { createMessageReceiptFromOutboundResults } from "openclaw/plugin-sdk/channel-outbound";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { formatTextWithAttachmentLinks, resolveOutboundMediaUrls } from "openclaw/plugin-sdk/reply-payload";

import type { ChannelRuntime } from "./host.js";
import { CHANNEL_ID, INBOUND_TAG } from "./names.js";
import { TEXT_CHUNK_LIMIT } from "./outbound.js";
import { sendText, type Sent } from "./send.js";

type Delivery = ChannelInboundTurnPlan["delivery"];

export interface DeliveryRoute {
  runtime: ChannelRuntime;
  cfg: OpenClawConfig;
  accountId: string;
  target: string;
  log?: { warn(message: string): void } | undefined;
}

export function createDelivery(route: DeliveryRoute): Delivery {
  return {
    // Finals go through the host's outbound queue, which survives a restart and retries what was not dispatched.
    durable: () => ({ to: route.target, replyToId: null }),
    deliver: async (payload) => {
      const links = resolveOutboundMediaUrls(payload).filter((url) => /^https?:\/\//i.test(url));
      const text = formatTextWithAttachmentLinks(payload.text, links);
      if (!text.trim()) return { visibleReplySent: false };
      return await sendChunks(route, text);
    },
    observeMessageSent: true,
    onError: (error, { kind }) => {
      route.log?.warn(`${INBOUND_TAG} account=${route.accountId} ${kind} reply failed: ${String(error)}`);
    },
  };
}

async function sendChunks(route: DeliveryRoute, text: string) {
  const { runtime, cfg, accountId, target } = route;
  const limit = runtime.text.resolveTextChunkLimit(cfg, CHANNEL_ID, accountId, { fallbackLimit: TEXT_CHUNK_LIMIT });
  const mode = runtime.text.resolveChunkMode(cfg, CHANNEL_ID, accountId);
  const chunks = runtime.text.chunkMarkdownTextWithMode(text, limit, mode);
  const sent: Sent[] = [];
  for (const [index, chunk] of chunks.entries()) {
    try {
      sent.push(await sendText({ cfg, to: target, text: chunk, accountId }));
    } catch (error) {
      if (sent.length === 0) throw error;
      throw createChannelPartialDeliveryError(error, accepted(sent, chunks.slice(0, index).join("")));
    }
  }
  return accepted(sent, text);
}

function accepted(sent: Sent[], content: string) {
  const receipt = createMessageReceiptFromOutboundResults({
    results: sent.map((one) => ({ channel: CHANNEL_ID, messageId: one.messageId })),
    kind: "text",
  });
  return { receipt, messageIds: sent.map((one) => one.messageId), content, visibleReplySent: true as const };
}
