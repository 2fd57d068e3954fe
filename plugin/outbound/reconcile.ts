// Finds out whether a delivery that was under way when the gateway died was sent: the host never repeats on its own a message
// that may have been sent. The ids of the messages are known (delivery-id.ts), and OpenIM keeps messages under these ids.

import { setTimeout } from "node:timers/promises";

import {
  type ChannelMessageUnknownSendContext,
  type ChannelMessageUnknownSendReconciliationResult,
  createMessageReceiptFromOutboundResults,
} from "openclaw/plugin-sdk/channel-outbound";
import { resolveOutboundMediaUrls } from "openclaw/plugin-sdk/reply-payload";

import type { Message } from "multi-openim-channel";
import { type Part, partOf } from "./delivery-id.js";
import { CLOCKS_APART_MS, STORED_AFTER_MS } from "../limits.js";
import { CHANNEL_ID } from "../names.js";
import { ownMessagesSince } from "../restart/own-messages.js";
import { connectedClient } from "./send.js";
import { parseTarget, type Target } from "../config/targets.js";

type Context = ChannelMessageUnknownSendContext;
type Verdict = ChannelMessageUnknownSendReconciliationResult;
type Payload = Context["payloads"][number];
type Found = { part: Part; message: Message };

/**
 * Says whether a delivery was sent. The host asks again later when this rejects, for example because the account is offline.
 */
export async function reconcileUnknownSend(ctx: Context): Promise<Verdict> {
  const target = parseTarget(ctx.to);
  const [payload] = ctx.payloads;
  if (!target || !payload || !hasKnownIds(ctx)) {
    return { status: "unresolved", error: "it was not sent under ids that are known" };
  }
  const { found, complete } = await lookFor(ctx, target);
  const [first] = found;
  if (!first) return complete ? { status: "not_sent" } : unresolved("its conversation has moved on too far");
  const wanted = expected(payload, first.part.count);
  const there = wanted.flatMap((part) => found.find((one) => samePart(one.part, part)) ?? []);
  if (there.length === wanted.length) return sent(there);
  return unresolved(`${there.length} of its ${wanted.length} messages are in the conversation`);
}

/** Whether the host gave the sender the delivery's id: it does so for single texts and files without reply or thread. */
function hasKnownIds(ctx: Context): boolean {
  const [payload] = ctx.payloads;
  const plain = ctx.replyToId == null && ctx.threadId == null && ctx.silent !== true && payload?.replyToId == null;
  return ctx.payloads.length === 1 && plain && payload?.audioAsVoice !== true;
}

/** The messages of the delivery that are in its conversation. */
async function lookFor(ctx: Context, target: Target): Promise<{ found: Found[]; complete: boolean }> {
  const begun = ctx.platformSendStartedAt ?? ctx.enqueuedAt;
  const client = connectedClient({ cfg: ctx.cfg, accountId: ctx.accountId });
  // The server may take a moment to store a message.
  await setTimeout(Math.min(Math.max(begun + STORED_AFTER_MS - Date.now(), 0), STORED_AFTER_MS));
  const { messages, complete } = await ownMessagesSince(client, target, begun - CLOCKS_APART_MS);
  const found = messages.flatMap((message) => {
    const part = partOf(ctx.queueId, message.clientMsgID);
    return part ? [{ part, message }] : [];
  });
  return { found, complete };
}

/** The messages the delivery consists of, in their order; `count` is the host's. */
function expected(payload: Payload, count: number): Part[] {
  const parts = Array.from({ length: count }, (_, index) => ({ index, count, words: false }));
  const files = resolveOutboundMediaUrls(payload).length > 0;
  return files && payload.text?.trim() ? [...parts, { index: 0, count, words: true }] : parts;
}

function samePart(one: Part, other: Part): boolean {
  return one.index === other.index && one.words === other.words;
}

function sent(found: Found[]): Verdict {
  const results = found.map(({ message }) => ({ channel: CHANNEL_ID, messageId: message.clientMsgID }));
  return { status: "sent", receipt: createMessageReceiptFromOutboundResults({ results, kind: "text" }) };
}

function unresolved(error: string): Verdict {
  return { status: "unresolved", error };
}
