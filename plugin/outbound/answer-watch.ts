// Notices when the first message of an answer leaves through this channel. By then the host has the answer in its durable
// queue and finishes it even if the gateway dies.

import { PLUGIN_ID } from "../names.js";
import { VERSION } from "../version.js";

/** Where an answer goes. */
export interface AnswerPlace {
  accountId: string;
  target: string;
}

type Waiting = Map<string, Set<() => void>>;

/** Another evaluation of the plugin than the one that runs the account may send the answer; they share `globalThis`. */
const slot = Symbol.for(`${PLUGIN_ID}.answers.v${VERSION}`);
const shared = globalThis as typeof globalThis & { [slot]?: Waiting };
const waiting: Waiting = (shared[slot] ??= new Map());

/** Calls `then` when the next message leaves for this place. Returns a function that stops waiting. */
export function whenAnswered(place: AnswerPlace, then: () => void): () => void {
  const key = keyOf(place);
  const callbacks = waiting.get(key) ?? new Set();
  waiting.set(key, callbacks.add(then));
  return () => {
    callbacks.delete(then);
    if (callbacks.size === 0 && waiting.get(key) === callbacks) waiting.delete(key);
  };
}

/** Reports that a message of the host's queue leaves for this place. */
export function notifyAnswer(place: AnswerPlace): void {
  for (const then of [...(waiting.get(keyOf(place)) ?? [])]) then();
}

const keyOf = ({ accountId, target }: AnswerPlace): string => JSON.stringify([accountId, target]);
