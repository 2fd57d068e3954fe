// Messages sent while the account was away that nobody answers: kept for the next turn of their conversation, which sees
// them as its history.
//
// The host has no call that takes a message into a conversation without a turn, so they wait in memory: what no turn has
// taken before the gateway ends is not shown again.

import { createChannelHistoryWindow, evictOldHistoryKeys, type HistoryEntry } from "openclaw/plugin-sdk/reply-history";

import type { Message } from "multi-openim-channel";
import { displayName } from "../conversation/conversation.js";
import { cut } from "../text.js";

/** Messages kept of one conversation. The host shows an agent no more than so many. */
export const MISSED_PER_CONVERSATION = 20;
/** Conversations in which something waits; those that were quiet longest are forgotten first. */
const MISSED_CONVERSATIONS = 1_000;
/** Characters kept of one message: enough to know what it was about. */
export const MISSED_CHARS = 2_000;

const kept = new Map<string, HistoryEntry[]>();
const missed = createChannelHistoryWindow({ historyMap: kept });

/** Where a message waits: per account, session and place, so that nobody reads what was said elsewhere. */
export function missedKey(accountId: string, sessionKey: string, target: string): string {
  return JSON.stringify([accountId, sessionKey, target]);
}

export function keepMissed(key: string, message: Message, text: string): void {
  missed.record({
    historyKey: key,
    limit: MISSED_PER_CONVERSATION,
    entry: {
      sender: displayName(message.senderNickname) ?? message.sendID,
      body: cut(text, MISSED_CHARS),
      timestamp: message.sendTime,
      messageId: message.clientMsgID,
    },
  });
  evictOldHistoryKeys(kept, MISSED_CONVERSATIONS);
}

/** What waits for a turn, oldest first; undefined where nothing does. */
export function missedBefore(key: string): HistoryEntry[] | undefined {
  return kept.has(key) ? missed.buildInboundHistory({ historyKey: key, limit: MISSED_PER_CONVERSATION }) : undefined;
}

/** A turn has taken what waited. */
export function missedTaken(key: string): void {
  kept.delete(key);
}
