// Mentions: whether a message mentions the bot, and its text without that mention. Pure.

import type { Message } from "multi-openim-channel";

/** Matches `@<id>` where it stands as a word of its own. */
export function selfMentionPattern(selfId: string): string {
  const id = selfId.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
  return `(?<![\\p{L}\\p{N}_@])@${id}(?![\\p{L}\\p{N}_])`;
}

export function stripSelfMention(text: string, selfId: string): string {
  if (!selfId) return text;
  return text.replace(new RegExp(`${selfMentionPattern(selfId)}[ \\t\\u2005]?`, "gu"), "").trim();
}

/** Stands for everybody in the list of mentioned people. */
const EVERYBODY = "AtAllTag";

/** What the message itself says about mentions. */
export function mentionSignal(
  { isAtSelf, atUserIDList: mentioned }: Pick<Message, "isAtSelf" | "atUserIDList">,
  { selfId, respondToMentionAll }: { selfId: string; respondToMentionAll: boolean },
): {
  hasAnyMention: boolean;
  isExplicitlyMentioned: boolean;
  canResolveExplicit: boolean;
} {
  const byName = !mentioned.includes(EVERYBODY) || mentioned.includes(selfId);
  return {
    hasAnyMention: isAtSelf || mentioned.length > 0,
    isExplicitlyMentioned: isAtSelf && (byName || respondToMentionAll),
    canResolveExplicit: true,
  };
}
