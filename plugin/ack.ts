// Settles one delivery: acknowledged at the first proof that the host has taken the message, refused otherwise.
//
// The host takes a message when a turn adopts it, or when a run resolves without having deferred it. A deferred message
// waits in the host's queue; it is settled when the queue adopts or abandons it. What is refused comes again.

export interface TurnLifecycle {
  admission: "exclusive";
  onAdopted(): void;
  onDeferred(): void;
  onAbandoned(): void;
  onSettled(): void;
  abortSignal: AbortSignal;
}

export interface TurnAck {
  /** Goes to the host with the run. */
  readonly lifecycle: TurnLifecycle;
  /** The run resolved. */
  resolved(): void;
  /** The run rejected. */
  rejected(error: unknown): void;
  /** Resolves once acknowledged; rejects with the reason when the message was refused. */
  readonly settled: Promise<void>;
}

/** `stop` is the account's own end: what no turn has adopted by then is given back. `onQueued` hears of a deferral. */
export function createTurnAck(stop: AbortSignal, onQueued: () => void = () => undefined): TurnAck {
  const queued = new AbortController();
  const { promise: settled, resolve, reject } = Promise.withResolvers<void>();
  settled.catch(() => undefined);
  let open = true;
  let deferred = false;

  const close = (): boolean => {
    const first = open;
    open = false;
    stop.removeEventListener("abort", onStop);
    return first;
  };
  const accept = (): void => {
    if (close()) resolve();
  };
  const refuse = (reason: unknown): void => {
    if (close()) reject(reason);
  };
  const onStop = (): void => {
    // Only a turn that is still queued is called off: an adopted one goes on to its answer.
    queued.abort(stop.reason);
    refuse(new Error("the account stopped before a turn took the message"));
  };

  if (stop.aborted) onStop();
  else stop.addEventListener("abort", onStop, { once: true });

  return {
    lifecycle: {
      admission: "exclusive",
      onAdopted: accept,
      onDeferred: () => {
        deferred = true;
        onQueued();
      },
      onAbandoned: () => refuse(new Error("the turn was abandoned before it took the message")),
      // Neither adopted nor abandoned: the host consumed the message in another turn.
      onSettled: accept,
      abortSignal: queued.signal,
    },
    resolved: () => {
      if (!deferred) accept();
    },
    rejected: refuse,
    settled,
  };
}
