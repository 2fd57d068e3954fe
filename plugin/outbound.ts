// The outbound adapter: texts from the host, the agent and the command line to OpenIM.

import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import { chunkMarkdownTextWithMode } from "openclaw/plugin-sdk/reply-chunking";

import type { Account } from "./config.js";
import { CHANNEL_ID } from "./names.js";
import { sendText } from "./send.js";
import { normalizeTarget } from "./targets.js";

type OutboundAdapter = NonNullable<ChannelPlugin<Account>["outbound"]>;

/**
 * Characters of one message unless `textChunkLimit` says otherwise. A server reads frames of 50 KB; 4,000 characters of
 * three bytes each, escaped and packed, stay well below.
 */
export const TEXT_CHUNK_LIMIT = 4_000;

export const outboundAdapter: OutboundAdapter = {
  // The command line has no connection of its own: it asks the gateway, which sends through the running account.
  deliveryMode: "gateway",
  chunker: (text, limit, ctx) => chunkMarkdownTextWithMode(text, limit, ctx?.formatting?.chunkMode ?? "length"),
  chunkerMode: "markdown",
  textChunkLimit: TEXT_CHUNK_LIMIT,
  deliveryCapabilities: { durableFinal: { text: true, messageSendingHooks: true } },
  resolveTarget: ({ to }) => {
    const target = normalizeTarget(to ?? "");
    return target
      ? { ok: true, to: target }
      : { ok: false, error: new Error(`${CHANNEL_ID} requires --to <user:ID|group:ID>`) };
  },
  sendText: async (ctx) => {
    const to = normalizeTarget(ctx.to);
    if (!to) {
      const message = "invalid target, expected user:<id> or group:<id>";
      throw new PlatformMessageNotDispatchedError(message, { cause: new Error(message), retryable: false });
    }
    ctx.signal?.throwIfAborted();
    await ctx.onPlatformSendDispatch?.();
    ctx.assertDirectAdapterHandoff?.();
    const sent = await sendText({ cfg: ctx.cfg, to, text: ctx.text, accountId: ctx.accountId });
    return {
      channel: CHANNEL_ID,
      messageId: sent.messageId,
      target: { kind: "conversation", id: sent.conversationId ?? to },
      meta: { visibleText: ctx.text, ...(sent.serverMessageId ? { serverMessageId: sent.serverMessageId } : {}) },
    };
  },
};
