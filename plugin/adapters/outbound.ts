// The outbound adapter: texts and files from the host, the agent and the command line to OpenIM.

import type { ChannelOutboundContext } from "openclaw/plugin-sdk/channel-contract";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import { chunkMarkdownTextWithMode } from "openclaw/plugin-sdk/reply-chunking";

import { notifyAnswer } from "../outbound/answer-watch.js";
import { type Account, storedAccountId } from "../config/account.js";
import { clientMsgID } from "../outbound/delivery-id.js";
import { errorText } from "../status/failures.js";
import { CHANNEL_ID } from "../names.js";
import { sendText, type Sent } from "../outbound/send.js";
import { OPTIONS } from "../config/option-table.js";
import { normalizeTarget } from "../config/targets.js";

type OutboundAdapter = NonNullable<ChannelPlugin<Account>["outbound"]>;

export const outboundAdapter: OutboundAdapter = {
  // The command line has no connection of its own: it asks the gateway, which sends through the running account.
  deliveryMode: "gateway",
  chunker: (text, limit, ctx) => chunkMarkdownTextWithMode(text, limit, ctx?.formatting?.chunkMode ?? "length"),
  chunkerMode: "markdown",
  textChunkLimit: OPTIONS.textChunkLimit.default,
  deliveryCapabilities: { durableFinal: { text: true, media: true, messageSendingHooks: true } },
  resolveTarget: ({ to }) => {
    const target = normalizeTarget(to ?? "");
    return target
      ? { ok: true, to: target }
      : { ok: false, error: new Error(`${CHANNEL_ID} requires --to <user:ID|group:ID>`) };
  },
  sendText: async (ctx) => {
    const to = targetOf(ctx);
    notifyLeaving(ctx, to);
    await askHostBeforeSend(ctx);
    const { cfg, text, accountId } = ctx;
    return delivered(ctx, to, await sendText({ cfg, to, text, accountId, clientMsgID: clientMsgID(ctx) }));
  },
  sendMedia: async (ctx) => {
    const to = targetOf(ctx);
    const { cfg, accountId, mediaUrl: source, text, signal } = ctx;
    if (!source) return outboundAdapter.sendText!(ctx);
    notifyLeaving(ctx, to);
    // Imported only here: the host's media machinery is large, and a command that lists accounts does not need it.
    const { sendFile } = await import("../outbound/media.js");
    const beforeSend = () => askHostBeforeSend(ctx);
    const asFile = ctx.forceDocument === true;
    const known = { clientMsgID: clientMsgID(ctx) };
    const file = await sendFile({ cfg, accountId, to, source, access: ctx, asFile, signal, beforeSend, ...known });
    const result = delivered({ text: "" }, to, file);
    if (!text.trim()) return result;
    // OpenIM's pictures and files have no captions: the text follows in a message of its own.
    await ctx.onDeliveryResult?.(result);
    try {
      await askHostBeforeSend(ctx);
      const words = { clientMsgID: clientMsgID(ctx, { words: true }) };
      return delivered(ctx, to, await sendText({ cfg, to, text, accountId, ...words }));
    } catch (error) {
      // Another error: the original may say that nothing was dispatched, and then the file would be sent again.
      throw new Error(`the file was sent, the text that belongs to it was not: ${errorText(error)}`);
    }
  },
};

/** Only a message of the host's queue survives the gateway, so only such a message counts as the answer. */
function notifyLeaving({ cfg, accountId: asked, deliveryQueueId }: ChannelOutboundContext, target: string): void {
  const accountId = storedAccountId(cfg, asked);
  if (deliveryQueueId && accountId !== undefined) notifyAnswer({ accountId, target });
}

/** The host's last checks before anything is sent. */
async function askHostBeforeSend(ctx: ChannelOutboundContext): Promise<void> {
  ctx.signal?.throwIfAborted();
  await ctx.onPlatformSendDispatch?.();
  ctx.assertDirectAdapterHandoff?.();
}

function targetOf(ctx: ChannelOutboundContext): string {
  const to = normalizeTarget(ctx.to);
  if (to) return to;
  const message = "invalid target, expected user:<id> or group:<id>";
  throw new PlatformMessageNotDispatchedError(message, { cause: new Error(message), retryable: false });
}

function delivered({ text }: { text: string }, to: string, sent: Sent) {
  return {
    channel: CHANNEL_ID,
    messageId: sent.messageId,
    target: { kind: "conversation" as const, id: sent.conversationId ?? to },
    meta: { visibleText: text, ...(sent.serverMessageId ? { serverMessageId: sent.serverMessageId } : {}) },
  };
}
