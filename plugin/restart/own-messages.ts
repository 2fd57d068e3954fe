// Reads back the account's own messages in a conversation.

import type { Message, OpenImClient } from "multi-openim-channel";
import { LOOK_BACK_PAGES, LOOK_BACK_PER_PAGE } from "../limits.js";
import type { Target } from "../config/targets.js";

const SESSION_TYPES = { user: 1, group: 3 } as const;

export interface OwnMessages {
  /** Newest first. */
  messages: Message[];
  /** Whether everything back to the given time was read; if not, a message that is missing here may still exist. */
  complete: boolean;
}

/** The account's own messages in a conversation since a time. */
export async function ownMessagesSince(client: OpenImClient, target: Target, since: number): Promise<OwnMessages> {
  const self = client.status().userID;
  const { conversationID } = await client.getOneConversation({
    sourceID: target.id,
    sessionType: SESSION_TYPES[target.kind],
  });
  const messages: Message[] = [];
  let before: { startSeq?: number } = {};
  for (let page = 0; page < LOOK_BACK_PAGES; page += 1) {
    const query = { conversationID, count: LOOK_BACK_PER_PAGE, ...before };
    const { messageList, isEnd } = await client.getAdvancedHistoryMessageList(query);
    const own = messageList.filter(({ sendID }) => sendID === self).reverse();
    messages.push(...own);
    const [oldest] = messageList;
    // Anybody may write any time into a message of theirs, so only the account's own messages say how far back this is.
    const isBack = own.some(({ sendTime }) => sendTime < since);
    if (isEnd || isBack) return { messages, complete: true };
    if (!oldest) break;
    before = { startSeq: oldest.seq };
  }
  return { messages, complete: false };
}
