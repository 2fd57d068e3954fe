// Says which ids are clean. People and groups choose their ids on some servers, and senders choose the ids of messages, while
// the host puts ids into prompts, session keys and log lines. Pure.

import { createHash } from "node:crypto";

/** Bytes of an id; those that servers give have 10 to 40. */
export const ID_BYTES = 128;

/** Invisible characters, blanks of every kind, and the sign that separates the parts of a session key. */
const UNCLEAN = /[\p{C}\p{Z}:]/u;

/** Whether the id of a group, or of a message, can be used as it is. */
export function isCleanId(id: string): boolean {
  return id !== "" && id !== "*" && Buffer.byteLength(id) <= ID_BYTES && !UNCLEAN.test(id);
}

/** Whether the id of a person can be used. The slash belongs to `<account>/<id>` (config/privileges.ts). */
export function isCleanUserId(id: string): boolean {
  return isCleanId(id) && !id.includes("/");
}

/** The plugin's own names of messages: a replacement begins with `~`, a repeated turn ends with `-again-` and a number. */
const RESERVED = /^~|-again-/;

/** The id of a message if it is clean; for any other one a fixed replacement, which no sender can choose. */
export function messageKey(id: string, ...more: unknown[]): string {
  return isCleanId(id) && !RESERVED.test(id) ? id : `~${digest(JSON.stringify([id, ...more]))}`;
}

/** The people a message mentions, without ids that are not clean. */
export function mentionedPeople(ids: readonly string[]): string[] {
  return ids.filter(isCleanUserId);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
