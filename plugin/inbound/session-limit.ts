// Limits how many messages of one session wait in the host's queue. Above its cap the host drops the oldest and keeps only a
// summary; messages that wait here instead are all answered.

/** The host's own cap when the operator set none. */
const HOST_CAP = 20;
/** Places left in the host's queue for messages that reach the session another way. */
const SPARE = 4;

interface Session {
  held: number;
  waiting: (() => void)[];
}

const sessions = new Map<string, Session>();

/** Waits for a slot of the session. Resolves with the function that releases it; calling that again does nothing. */
export async function acquireSlot(sessionKey: string, cfg: unknown): Promise<() => void> {
  const session = sessions.get(sessionKey) ?? { held: 0, waiting: [] };
  sessions.set(sessionKey, session);
  if (session.held < slotsOf(cfg)) session.held += 1;
  // A released slot goes to the next in line, so the count stays.
  else await new Promise<void>((resolve) => session.waiting.push(resolve));
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    const next = session.waiting.shift();
    if (next) return next();
    session.held -= 1;
    if (session.held === 0) sessions.delete(sessionKey);
  };
}

function slotsOf(cfg: unknown): number {
  const { messages } = (cfg ?? {}) as { messages?: { queue?: { cap?: unknown } } };
  const cap = messages?.queue?.cap;
  return Math.max(1, (typeof cap === "number" && cap >= 1 ? cap : HOST_CAP) - SPARE);
}
