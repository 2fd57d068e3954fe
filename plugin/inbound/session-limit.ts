// Limits how many messages of one session wait in the host's queue. Above its cap the host drops the oldest and keeps only a
// summary; messages that wait here instead are all answered. Also limits how many of them are of one sender.

import { PER_SENDER } from "../limits.js";

/** The host's own cap when the operator set none. */
const HOST_CAP = 20;
/** Places left in the host's queue for messages that reach the session another way. */
const SPARE = 4;

/** The messages that hold one of a limited number of slots, and those that wait for one. */
interface Slots {
  held: number;
  waiting: (() => void)[];
}

const sessions = new Map<string, Slots>();
const senders = new Map<string, Slots>();

/** Waits for a slot of the session. Resolves with the function that releases it; calling that again does nothing. */
export function acquireSlot(sessionKey: string, cfg: unknown): Promise<() => void> {
  return acquire(sessions, sessionKey, slotsOf(cfg));
}

/**
 * Waits for a slot of the sender. A sender has fewer of them than a session, so that a flood of messages leaves room in the
 * session for others.
 */
export function acquireShare(accountId: string, senderId: string): Promise<() => void> {
  return acquire(senders, JSON.stringify([accountId, senderId]), PER_SENDER);
}

async function acquire(all: Map<string, Slots>, key: string, limit: number): Promise<() => void> {
  const slots = all.get(key) ?? { held: 0, waiting: [] };
  all.set(key, slots);
  if (slots.held < limit) slots.held += 1;
  // A released slot goes to the next in line, so the count stays.
  else await new Promise<void>((resolve) => slots.waiting.push(resolve));
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    const next = slots.waiting.shift();
    if (next) return next();
    slots.held -= 1;
    if (slots.held === 0) all.delete(key);
  };
}

function slotsOf(cfg: unknown): number {
  const { messages } = (cfg ?? {}) as { messages?: { queue?: { cap?: unknown } } };
  const cap = messages?.queue?.cap;
  return Math.max(1, (typeof cap === "number" && cap >= 1 ? cap : HOST_CAP) - SPARE);
}
