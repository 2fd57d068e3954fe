// Sends a message through an outage: while the account is offline it waits, and then sends the message again under the same id.
// The host sends an answer in a direct chat only once, so an outage at that moment would lose it.

import { setTimeout } from "node:timers/promises";

import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";

import { ABSENT_MS, ANSWER_WAIT_MS, CONNECTION_POLL_MS, RESEND_PAUSES_MS } from "../limits.js";
import { type Reachability, UncertainSendError } from "./send.js";

export interface Outage<T> {
  /** Sends the message; always under the same id. */
  send(): Promise<T>;
  reachability(): Reachability;
  /** Looks for a message whose sending had no certain end: its receipt, or `absent` when it was certainly not sent. */
  find(): Promise<T | "absent" | "unknown">;
  /** Called with true when the message has to wait, and with false when it no longer does. */
  onWaiting(isWaiting: boolean): void;
}

export interface Patience {
  waitMs: number;
  absentMs: number;
  pollMs: number;
  pausesMs: readonly number[];
}

const PATIENCE: Patience = {
  waitMs: ANSWER_WAIT_MS,
  absentMs: ABSENT_MS,
  pollMs: CONNECTION_POLL_MS,
  pausesMs: RESEND_PAUSES_MS,
};

/** Rejects with the last error when the message cannot be sent in time, or when no repetition can help. */
export async function sendThroughOutage<T>(outage: Outage<T>, patience: Patience = PATIENCE): Promise<T> {
  const end = performance.now() + patience.waitMs;
  const pauses = patience.pausesMs.values();
  try {
    for (;;) {
      try {
        return await outage.send();
      } catch (error) {
        const { found } = await untilSendable(outage, error, { patience, pauses, end });
        if (found !== undefined) return found;
      }
    }
  } finally {
    outage.onWaiting(false);
  }
}

interface Retry {
  patience: Patience;
  /** The pauses that are left while the account is connected. */
  pauses: Iterator<number>;
  end: number;
}

/** Waits until the message may be sent again; resolves with its receipt when it was sent after all. Rejects with the error. */
async function untilSendable<T>(outage: Outage<T>, error: unknown, retry: Retry): Promise<{ found?: T }> {
  const isUncertain = error instanceof UncertainSendError;
  if (!isUncertain && !isWorthRepeating(error)) throw error;
  outage.onWaiting(true);
  if (outage.reachability() === "connected") await pause(error, retry);
  const { absentMs, pollMs } = retry.patience;
  if (!(await untilConnected(outage.reachability, { end: retry.end, absentMs, pollMs }))) throw error;
  if (!isUncertain) return {};
  // A look that fails says nothing: the account may have been cut off again.
  const found = await outage.find().catch(() => undefined);
  if (found === "unknown") throw error;
  if (found === "absent") return {};
  return found === undefined ? untilSendable(outage, error, retry) : { found };
}

/** The account is connected and the server did not take the message: that is tried a few times only. */
async function pause(error: unknown, { pauses, end }: Retry): Promise<void> {
  const { value: ms, done } = pauses.next();
  if (done || performance.now() + ms > end) throw error;
  await sleep(ms);
}

/** Waits for the account; false when it stays away too long. Without limits it waits until the signal is aborted. */
export async function untilConnected(
  reachability: () => Reachability,
  { end = Infinity, absentMs = Infinity, pollMs = CONNECTION_POLL_MS, signal }: ConnectionWait,
): Promise<boolean> {
  let absentSince: number | undefined;
  for (;;) {
    const now = performance.now();
    const state = reachability();
    if (state === "connected") return true;
    absentSince = state === "absent" ? (absentSince ?? now) : undefined;
    if (now > end || (absentSince !== undefined && now - absentSince > absentMs)) return false;
    await setTimeout(pollMs, undefined, { ref: false, ...(signal ? { signal } : {}) });
  }
}

export interface ConnectionWait {
  /** The moment to give up, on the clock of \`performance.now()\`. */
  end?: number;
  absentMs?: number;
  pollMs?: number;
  /** Its abort rejects. */
  signal?: AbortSignal;
}

/** Nothing was sent, and sending again may help. */
export function isWorthRepeating(error: unknown): boolean {
  return error instanceof PlatformMessageNotDispatchedError && error.retryable;
}

const sleep = (ms: number): Promise<void> => setTimeout(ms, undefined, { ref: false });
