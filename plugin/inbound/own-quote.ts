// Finds out whether a message quotes one of the account's own. A quote is written by the sender of the message, so its words and
// its author prove nothing; only the conversation itself shows whether the account wrote such a message.

import type { Message } from "multi-openim-channel";

import { LOOK_BACK_PER_PAGE } from "../limits.js";
import { connectedClient } from "../outbound/send.js";

interface Place {
  cfg: unknown;
  accountId: string;
  selfId: string;
}

/** Rejects when the server cannot be asked: then the message comes again. */
export async function quotesOwnMessage(place: Place, message: Message): Promise<boolean> {
  const { quote, conversationID } = message;
  if (!quote || quote.sendID !== place.selfId) return false;
  const client = connectedClient(place);
  for (const where of placesToLook(message)) {
    const { messageList } = await client.getAdvancedHistoryMessageList({ conversationID, ...where });
    const isFound = ({ clientMsgID, sendID }: Message) => clientMsgID === quote.clientMsgID && sendID === place.selfId;
    if (messageList.some(isFound)) return true;
  }
  return false;
}

/** The place that the quote names, if it names one, and the messages before the one that quotes. */
function placesToLook({ seq, quoteElem, atTextElem }: Message): { startSeq?: number; count: number }[] {
  const quoted = (quoteElem?.quoteMessage ?? atTextElem?.quoteMessage)?.seq ?? 0;
  const named = Number.isSafeInteger(quoted) && quoted > 0 && quoted < seq;
  const before = { ...(seq > 0 ? { startSeq: seq } : {}), count: LOOK_BACK_PER_PAGE };
  return named ? [{ startSeq: quoted + 1, count: 1 }, before] : [before];
}
