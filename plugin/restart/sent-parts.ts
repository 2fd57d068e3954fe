// What of the answer to a message had reached its conversation before a restart. OpenIM keeps what it was given, and the ids of
// an answer follow from its turn.

import { type AnswerPart, answerPart } from "../outbound/delivery-id.js";
import { CLOCKS_APART_MS, LAST_WORDS_CHARS } from "../limits.js";
import { ownMessagesSince } from "./own-messages.js";
import { connectedClient } from "../outbound/send.js";
import { parseTarget } from "../config/targets.js";

interface Asked {
  cfg: unknown;
  accountId: string;
  target: string;
  /** The id under which the host knew the message, and when it was sent. */
  turn: string;
  sendTime: number;
}

/** The last message of an answer that is there. */
export interface Given extends AnswerPart {
  text: string;
}

/** How far an answer got; undefined where nothing of it is there. A rejection has the message come again. */
export async function lastGiven({ cfg, accountId, target: to, turn, sendTime }: Asked): Promise<Given | undefined> {
  const target = parseTarget(to);
  if (!target) return undefined;
  const { messages } = await ownMessagesSince(connectedClient({ cfg, accountId }), target, sendTime - CLOCKS_APART_MS);
  const found = messages.flatMap(({ clientMsgID, text }) => {
    const part = answerPart(turn, clientMsgID);
    return part ? [{ ...part, text }] : [];
  });
  return found.sort((one, other) => other.index - one.index)[0];
}

/** What the agent reads with a message that it is asked again. */
export function askedAgain(last: Given | undefined): string {
  if (!last) return "[A restart lost the answer to this message. Answer again without repeating what was done for it.]";
  const { index, left, text } = last;
  const words = JSON.stringify([...text].slice(-LAST_WORDS_CHARS).join(""));
  const sent = `message ${index + 1} of ${index + 1 + left}, which ends with ${words}`;
  return `[A restart cut off the answer to this message after ${sent}. Send only the rest of it.]`;
}
