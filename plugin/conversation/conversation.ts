// The conversation of a message, in the host's terms. Ids decide; names are only shown, and cleaned first. Pure.

import type { Message } from "multi-openim-channel";
import { NAME_CHARS } from "../limits.js";
import { CHANNEL_ID } from "../names.js";
import { formatTarget } from "../config/targets.js";
import { oneLine } from "../text.js";

export interface Conversation {
  kind: "direct" | "group";
  /** The other person's id, or the group's. */
  peerId: string;
  /** The target of an answer: `user:<id>` or `group:<id>`. */
  target: string;
  /** The host's name for the origin. */
  from: string;
}

const DIRECT = 1;
const GROUP = 3;

/** Null when there is no conversation to answer in, such as with a notification account. */
export function conversationOf(message: Message): Conversation | null {
  if (message.sessionType === DIRECT && message.sendID) {
    const target = formatTarget({ kind: "user", id: message.sendID });
    return { kind: "direct", peerId: message.sendID, target, from: `${CHANNEL_ID}:${message.sendID}` };
  }
  if (message.sessionType === GROUP && message.sendID && message.groupID) {
    const target = formatTarget({ kind: "group", id: message.groupID });
    return { kind: "group", peerId: message.groupID, target, from: `${CHANNEL_ID}:group:${message.groupID}` };
  }
  return null;
}

/** A nickname on one line, cleaned; undefined when nothing is left of it. */
export function displayName(nickname: string): string | undefined {
  return oneLine(nickname, NAME_CHARS);
}
