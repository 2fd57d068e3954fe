// Makes a received message safe to work with: its ids are clean, its times are dates. Pure.

import type { Message } from "multi-openim-channel";

import { isCleanId, isCleanUserId, mentionedPeople, messageKey } from "./ids.js";

/** The last millisecond that is a date. */
const LAST_DATE = 8_640_000_000_000_000;
/** How far the server's clock may be ahead. */
const AHEAD_MS = 24 * 60 * 60_000;

/** The message with clean ids and times; null when nobody can say who wrote it, or where. */
export function cleanMessage(message: Message, now = Date.now()): Message | null {
  const { sendID, groupID, clientMsgID, serverMsgID, seq, quote, forwarded } = message;
  if (!isCleanUserId(sendID) || (groupID !== "" && !isCleanId(groupID))) return null;
  return {
    ...message,
    // Two messages without an id, or with ids that are not clean, are still two.
    clientMsgID: messageKey(clientMsgID, sendID, groupID, serverMsgID, seq),
    sendTime: Math.min(dateOf(message.sendTime) || now, now + AHEAD_MS),
    atUserIDList: mentionedPeople(message.atUserIDList),
    quote: quote && { ...quote, clientMsgID: messageKey(quote.clientMsgID), sendID: personOf(quote.sendID) },
    forwarded: forwarded && {
      ...forwarded,
      messages: forwarded.messages.map((one) => ({
        ...one,
        sendID: personOf(one.sendID),
        sendTime: dateOf(one.sendTime),
      })),
    },
  };
}

/** A time in milliseconds that a `Date` can hold; 0 for anything else. */
export function dateOf(time: number): number {
  return Number.isFinite(time) && time > 0 && time <= LAST_DATE ? Math.trunc(time) : 0;
}

function personOf(id: string): string {
  return isCleanUserId(id) ? id : "";
}
