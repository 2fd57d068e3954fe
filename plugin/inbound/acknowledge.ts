// Settles one delivery: acknowledged when the host needs it no more, refused when no turn has taken the message.
//
// A turn takes a message by adopting it, at once or out of the host's queue. The host may die before the answer is in its
// outbound queue, or cut the turn off when it drains, and keeps a record of some turns only. So an adopted message is
// settled when its answer leaves or when its turn is over. What is refused, or not settled at a kill, comes again.

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
  /** The host ended the turn before its answer was there. It may have adopted the message; it has not taken it. */
  cutOff(): void;
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
        if (open) unwatch ??= whenAnswered(accept);
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
    rejected: (error) => {
      refuse(error);
      if (!deferred) accept();
    },
    cutOff: () => {
      adopted = false;
    },
    settled,
  };
}
