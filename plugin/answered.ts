// Whether the answer to a message had reached its conversation before a restart. OpenIM keeps what it was given, and the ids
// of an answer follow from its turn.

import { isAnswer } from "./delivery-id.js";
import { CLOCKS_APART_MS } from "./limits.js";
import { ownMessagesSince } from "./own-messages.js";
import { connectedClient } from "./send.js";
import { parseTarget } from "./targets.js";

export interface Turn {
  cfg: unknown;
  accountId: string;
  target: string;
  /** The id under which the host knew the message, and when it was sent. */
  turn: string;
  sendTime: number;
}

/** With its first message an answer counts as given. A rejection has the message come again. */
export async function isAnswered({ cfg, accountId, target: to, turn, sendTime }: Turn): Promise<boolean> {
  const target = parseTarget(to);
  if (!target) return false;
  const { messages } = await ownMessagesSince(connectedClient({ cfg, accountId }), target, sendTime - CLOCKS_APART_MS);
  return messages.some(({ clientMsgID }) => isAnswer(turn, clientMsgID));
}
