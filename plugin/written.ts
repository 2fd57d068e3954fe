// Hears when the host has written a received message into the transcript of a session: from then on the host itself
// brings it to its end, even when the gateway dies.

import { hostRuntime } from "./host.js";
import { CHANNEL_ID } from "./names.js";

/** Who waits for which message. */
const waiting = new Map<string, Set<() => void>>();
let unsubscribe: (() => void) | undefined;

/** Calls `then` once the message is written. Returns how to stop waiting; undefined where the host does not tell. */
export function whenWritten(messageId: string, then: () => void): (() => void) | undefined {
  const events = hostRuntime()?.events;
  if (!events?.onSessionTranscriptUpdate) return undefined;
  const callbacks = waiting.get(messageId) ?? new Set();
  waiting.set(messageId, callbacks.add(then));
  unsubscribe ??= events.onSessionTranscriptUpdate(({ message }) => told(message));
  return () => {
    callbacks.delete(then);
    if (callbacks.size === 0 && waiting.get(messageId) === callbacks) waiting.delete(messageId);
    if (waiting.size > 0) return;
    unsubscribe?.();
    unsubscribe = undefined;
  };
}

function told(message: unknown): void {
  const id = receivedId(message);
  for (const then of [...((id && waiting.get(id)) || [])]) then();
}

interface Entry {
  role?: unknown;
  __openclaw?: { transport?: { channel?: unknown; messageId?: unknown } };
}

/** The id under which a channel gave the host what an entry of the transcript says. */
function receivedId(message: unknown): string | undefined {
  const { role, __openclaw: origin } = (message ?? {}) as Entry;
  const { channel, messageId } = origin?.transport ?? {};
  return role === "user" && channel === CHANNEL_ID && typeof messageId === "string" ? messageId : undefined;
}
