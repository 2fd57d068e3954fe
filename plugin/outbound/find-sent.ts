// Finds out whether one message of an account is in its conversation, when its sending had no certain end.

import { setTimeout } from "node:timers/promises";

import { ANSWER_WAIT_MS, CLOCKS_APART_MS, STORED_AFTER_MS } from "../limits.js";
import { parseTarget } from "../config/targets.js";
import { ownMessagesSince } from "../restart/own-messages.js";
import { connectedClient, type Sent } from "./send.js";

export interface SentMessage {
  cfg: unknown;
  accountId: string;
  to: string;
  clientMsgID: string | undefined;
}

/** Resolves with `unknown` when the conversation has moved on too far. Rejects while the account is offline. */
export async function findSent(message: SentMessage, begun = Date.now()): Promise<Sent | "absent" | "unknown"> {
  const { to, clientMsgID } = message;
  const target = parseTarget(to);
  if (!target || !clientMsgID) return "unknown";
  // The server may take a moment to store a message.
  await setTimeout(Math.min(Math.max(begun + STORED_AFTER_MS - Date.now(), 0), STORED_AFTER_MS), undefined, {
    ref: false,
  });
  const { messages, complete } = await ownMessagesSince(
    connectedClient(message),
    target,
    begun - ANSWER_WAIT_MS - CLOCKS_APART_MS,
  );
  if (messages.some((one) => one.clientMsgID === clientMsgID)) return { messageId: clientMsgID };
  return complete ? "absent" : "unknown";
}
