// Finds the messages of an answer that were sent before a restart. Their ids are computed from the turn (delivery-id.ts), and
// OpenIM keeps messages under these ids.

import { type AnswerPart, answerPart } from "../outbound/delivery-id.js";
import { CLOCKS_APART_MS, LAST_WORDS_CHARS } from "../limits.js";
import { ownMessagesSince } from "./own-messages.js";
import { connectedClient } from "../outbound/send.js";
import { parseTarget } from "../config/targets.js";

interface AskedMessage {
  cfg: unknown;
  accountId: string;
  target: string;
  /** The id under which the host knew the message, and when it was sent. */
  turn: string;
  sendTime: number;
}

/** The last message of an answer that was sent. */
export interface SentPart extends AnswerPart {
  text: string;
}

/** How far an answer got; undefined when none of it was sent. When this rejects, the message is delivered again. */
export async function lastSentPart({
  cfg,
  accountId,
  target: to,
  turn,
  sendTime,
}: AskedMessage): Promise<SentPart | undefined> {
  const target = parseTarget(to);
  if (!target) return undefined;
  const { messages } = await ownMessagesSince(connectedClient({ cfg, accountId }), target, sendTime - CLOCKS_APART_MS);
  const found = messages.flatMap(({ clientMsgID, text }) => {
    const part = answerPart(turn, clientMsgID);
    return part ? [{ ...part, text }] : [];
  });
  return found.sort((one, other) => other.index - one.index)[0];
}

/** The note that the agent reads with a message that it gets again. */
export function repeatNote(last: SentPart | undefined): string {
  if (!last) return "[A restart lost the answer to this message. Answer again without repeating what was done for it.]";
  const { index, left, text } = last;
  const words = JSON.stringify([...text].slice(-LAST_WORDS_CHARS).join(""));
  const sent = `message ${index + 1} of ${index + 1 + left}, which ends with ${words}`;
  return `[A restart cut off the answer to this message after ${sent}. Send only the rest of it.]`;
}
