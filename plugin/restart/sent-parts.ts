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
  /** The ids under which the host knew, or may have known, the message, and when it was sent. */
  turns: string[];
  sendTime: number;
}

/** The last message of an answer that was sent. */
export interface SentPart extends AnswerPart {
  text: string;
}

export interface SentAnswer {
  /** Undefined when no part of the answer was found. */
  last?: SentPart;
  /** Whether all of the conversation since the question was read. */
  complete: boolean;
}

/** How far an answer got. When this rejects, the message is delivered again. */
export async function lastSentPart({ cfg, accountId, target: to, turns, sendTime }: AskedMessage): Promise<SentAnswer> {
  const target = parseTarget(to);
  if (!target) return { complete: true };
  const client = connectedClient({ cfg, accountId });
  const { messages, complete } = await ownMessagesSince(client, target, sendTime - CLOCKS_APART_MS);
  const found = messages.flatMap(({ clientMsgID, text }) => {
    const part = turns.map((turn) => answerPart(turn, clientMsgID)).find((one) => one !== undefined);
    return part ? [{ ...part, text }] : [];
  });
  const [last] = found.sort((one, other) => other.index - one.index);
  return { complete, ...(last ? { last } : {}) };
}

/** The note that the agent reads with a message that it gets again. */
export function repeatNote({ last, complete }: SentAnswer): string {
  if (!last && !complete) {
    return "[A restart may have lost the answer to this message. Answer only what you have not answered yet.]";
  }
  if (!last) return "[A restart lost the answer to this message. Answer again without repeating what was done for it.]";
  const { index, left, text } = last;
  const words = JSON.stringify([...text].slice(-LAST_WORDS_CHARS).join(""));
  const sent = `message ${index + 1} of ${index + 1 + left}, which ends with ${words}`;
  return `[A restart cut off the answer to this message after ${sent}. Send only the rest of it.]`;
}
