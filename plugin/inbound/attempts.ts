// Remembers the messages that this process has offered to the host and that were refused. One that comes again waits until the
// host is done with the earlier attempt, and is then offered under another id: the host ignores an id that it knows.

import { setTimeout } from "node:timers/promises";

import { ANSWER_WAIT_MS, ATTEMPTS_KEPT } from "../limits.js";

export interface Attempt {
  /** Resolves when the host is done with the message. */
  ended: Promise<void>;
  /** The whole answer was sent. */
  isAnswered(): boolean;
  /** The answer was ready and could not be sent. */
  isLost(): boolean;
}

/** What earlier attempts of a message came to. */
export interface EarlierAttempts {
  count: number;
  isAnswered: boolean;
  isLost: boolean;
}

const NONE: EarlierAttempts = { count: 0, isAnswered: false, isLost: false };

interface Entry {
  count: number;
  last: Attempt;
}

const entries = new Map<string, Entry>();

/** Names a message of an account. */
export function attemptKey(accountId: string, conversationID: string, clientMsgID: string): string {
  return JSON.stringify([accountId, conversationID, clientMsgID]);
}

/** Waits for the earlier attempts to end. Rejects when the signal is aborted. */
export async function earlierAttempts(key: string, signal: AbortSignal): Promise<EarlierAttempts> {
  const entry = entries.get(key);
  if (!entry) return NONE;
  const stopWaiting = new AbortController();
  const late = setTimeout(2 * ANSWER_WAIT_MS, undefined, {
    signal: AbortSignal.any([signal, stopWaiting.signal]),
    ref: false,
  });
  late.catch(() => undefined);
  await Promise.race([entry.last.ended, late]);
  stopWaiting.abort();
  const { count, last } = entry;
  return { count, isAnswered: last.isAnswered(), isLost: last.isLost() };
}

/** Notes that a message is offered to the host. */
export function beginAttempt(key: string, attempt: Attempt): void {
  const count = (entries.get(key)?.count ?? 0) + 1;
  entries.delete(key);
  entries.set(key, { count, last: attempt });
  if (entries.size > ATTEMPTS_KEPT) entries.delete(entries.keys().next().value ?? "");
}

/** Forgets a message that was acknowledged: it does not come again. */
export function forgetAttempts(key: string): void {
  entries.delete(key);
}
