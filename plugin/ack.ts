// Settles one delivery: acknowledged at the first proof that the host has taken the message, refused otherwise.
//
// The host takes a message when a turn adopts it, or when a run resolves without having deferred it. A deferred message
// waits in the host's queue, and of its turn the host keeps no record: killed before the message is written, or after the
// turn has ended and before its answer is queued, the host would not answer. So it is settled when its answer leaves,
// when its turn is over, or when the queue abandons it. What is refused comes again.

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

/** Calls back once the answer to the message leaves. Returns how to stop waiting. */
export type Answered = (then: () => void) => () => void;

/** `stop` is the account's own end: what no turn has adopted by then is given back. `onQueued` hears of a deferral. */
export function createTurnAck(
  stop: AbortSignal,
  onQueued: () => void = () => undefined,
  whenAnswered: Answered = () => () => undefined,
): TurnAck {
  const queued = new AbortController();
  const { promise: settled, resolve, reject } = Promise.withResolvers<void>();
  settled.catch(() => undefined);
  let open = true;
  let deferred = false;
  let adopted = false;
  let unwatch: (() => void) | undefined;

  const close = (): boolean => {
    const first = open;
    open = false;
    stop.removeEventListener("abort", onStop);
    unwatch?.();
    return first;
  };
  const accept = (): void => {
    if (close()) resolve();
  };
  const refuse = (reason: unknown): void => {
    // What a turn has adopted is its own, however it fares.
    if (!adopted && close()) reject(reason);
  };
  const onStop = (): void => {
    // Only a turn that is still queued is called off: an adopted one goes on to its answer.
    if (adopted) return accept();
    queued.abort(stop.reason);
    refuse(new Error("the account stopped before a turn took the message"));
  };

  if (stop.aborted) onStop();
  else stop.addEventListener("abort", onStop, { once: true });

  return {
    lifecycle: {
      admission: "exclusive",
      onAdopted: () => {
        adopted = true;
        if (!deferred) accept();
        else if (open) unwatch ??= whenAnswered(accept);
      },
      onDeferred: () => {
        deferred = true;
        onQueued();
      },
      onAbandoned: () => refuse(new Error("the turn was abandoned before it took the message")),
      // Its turn is over, or the host consumed the message in another one.
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
