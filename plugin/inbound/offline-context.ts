// Keeps messages that were sent while the account was offline and are not answered; the next turn of their conversation shows
// them as history.
//
// The host has no call that adds a message to a conversation without a turn, so they wait in memory and are lost when the
// gateway ends before that turn.

import { createChannelHistoryWindow, evictOldHistoryKeys, type HistoryEntry } from "openclaw/plugin-sdk/reply-history";

import type { Message } from "multi-openim-channel";
import { displayName } from "../conversation/conversation.js";
import { cut } from "../text.js";
import { withoutNotes } from "./notes.js";

/** Messages kept of one conversation. The host shows an agent no more than so many. */
export const MISSED_PER_CONVERSATION = 20;
/** Conversations with waiting messages; the longest quiet ones are forgotten first. */
const MISSED_CONVERSATIONS = 1_000;
/** Characters kept of one message: enough to know what it was about. */
export const MISSED_CHARS = 2_000;

const kept = new Map<string, HistoryEntry[]>();
const missed = createChannelHistoryWindow({ historyMap: kept });

/** The key of a message: account, session and target, so that no conversation shows messages of another one. */
export function missedKey(accountId: string, sessionKey: string, target: string): string {
  return JSON.stringify([accountId, sessionKey, target]);
}

export function keepMissed(key: string, message: Message, text: string): void {
  missed.record({
    historyKey: key,
    limit: MISSED_PER_CONVERSATION,
    entry: {
      sender: displayName(message.senderNickname) ?? message.sendID,
      body: cut(withoutNotes(text), MISSED_CHARS),
      timestamp: message.sendTime,
      messageId: message.clientMsgID,
    },
  });
  evictOldHistoryKeys(kept, MISSED_CONVERSATIONS);
}

/** The messages that wait for a turn, oldest first; undefined when there are none. */
export function missedBefore(key: string): HistoryEntry[] | undefined {
  return kept.has(key) ? missed.buildInboundHistory({ historyKey: key, limit: MISSED_PER_CONVERSATION }) : undefined;
}

/** Forgets the waiting messages: a turn has taken them. */
export function missedTaken(key: string): void {
  kept.delete(key);
}
