// How many messages of one session wait in the host's queue at once. Above its cap the host drops the oldest and keeps a
// summary of them; what waits here instead is answered in its turn.

/** The host's own cap where the operator set none. */
const HOST_CAP = 20;
/** Room left in the host's queue for what comes into the session by other ways. */
const SPARE = 4;

interface Session {
  held: number;
  waiting: (() => void)[];
}

const sessions = new Map<string, Session>();

/** Waits until the session has room. The function it resolves with gives the room back; calling it again does nothing. */
export async function acquireSlot(sessionKey: string, cfg: unknown): Promise<() => void> {
  const session = sessions.get(sessionKey) ?? { held: 0, waiting: [] };
  sessions.set(sessionKey, session);
  if (session.held < roomOf(cfg)) session.held += 1;
  // Whoever gives room back hands it to the next in line, so the count stays.
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

function roomOf(cfg: unknown): number {
  const { messages } = (cfg ?? {}) as { messages?: { queue?: { cap?: unknown } } };
  const cap = messages?.queue?.cap;
  return Math.max(1, (typeof cap === "number" && cap >= 1 ? cap : HOST_CAP) - SPARE);
}
