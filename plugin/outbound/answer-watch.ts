// Hears when the first message of an answer reaches this channel: the host has it in its queue by then, and brings it to
// its end even when the gateway dies.

import { PLUGIN_ID } from "../names.js";
import { VERSION } from "../version.js";

/** Where an answer goes. */
export interface Place {
  accountId: string;
  target: string;
}

type Waiting = Map<string, Set<() => void>>;

/** Answers may be sent by another evaluation of the plugin than the one that runs the account; they share `globalThis`. */
const slot = Symbol.for(`${PLUGIN_ID}.answers.v${VERSION}`);
const shared = globalThis as typeof globalThis & { [slot]?: Waiting };
const waiting: Waiting = (shared[slot] ??= new Map());

/** Calls `then` at the next message that leaves for there. Returns how to stop waiting. */
export function whenAnswered(place: Place, then: () => void): () => void {
  const key = keyOf(place);
  const callbacks = waiting.get(key) ?? new Set();
  waiting.set(key, callbacks.add(then));
  return () => {
    callbacks.delete(then);
    if (callbacks.size === 0 && waiting.get(key) === callbacks) waiting.delete(key);
  };
}

/** A message of the host's queue leaves for there. */
export function notifyAnswer(place: Place): void {
  for (const then of [...(waiting.get(keyOf(place)) ?? [])]) then();
}

const keyOf = ({ accountId, target }: Place): string => JSON.stringify([accountId, target]);
