// Mentions: whether the bot was meant, and the text without the mention of it.

import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import type { Message } from "multi-openim-channel";
import { type Account, resolveAccount } from "../config/account.js";

/** Matches `@<id>` where it stands as a word of its own. */
export function selfMentionPattern(selfId: string): string {
  const id = selfId.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
  return `(?<![\\p{L}\\p{N}_@])@${id}(?![\\p{L}\\p{N}_])`;
}

export function stripSelfMention(text: string, selfId: string): string {
  if (!selfId) return text;
  return text.replace(new RegExp(`${selfMentionPattern(selfId)}[ \\t\\u2005]?`, "gu"), "").trim();
}

/** What the message itself says about mentions. */
export function mentionSignal(message: Message): {
  hasAnyMention: boolean;
  isExplicitlyMentioned: boolean;
  canResolveExplicit: boolean;
} {
  return {
    hasAnyMention: message.isAtSelf || message.atUserIDList.length > 0,
    isExplicitlyMentioned: message.isAtSelf,
    canResolveExplicit: true,
  };
}

export const mentionsAdapter: NonNullable<ChannelPlugin<Account>["mentions"]> = {
  stripMentions: ({ text, ctx, cfg }) => {
    const selfId = resolveAccount(cfg, ctx.AccountId).userID;
    return selfId ? stripSelfMention(text, selfId) : text;
  },
};
