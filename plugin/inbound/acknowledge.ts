// Settles one delivered message: acknowledged when its answer leaves or its turn is over, refused when no turn adopts it.
//
// A turn's `adopted` callback does not survive a crash: the host may die before the answer is in its outbound queue, may cut a
// turn off when it drains, and records only some turns. So adoption alone acknowledges nothing. A message that was refused, or
// was not settled when the process died, is delivered again.

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
  /** The host ended the turn before there was an answer. Even an adopted message counts as not taken. */
  cutOff(): void;
  /** Resolves once acknowledged; rejects with the reason when the message was refused. */
  readonly settled: Promise<void>;
}

/** Calls back once the answer to the message leaves. Returns how to stop waiting. */
export type Answered = (then: () => void) => () => void;

/** `stop` is the account's own end: a message that no turn has adopted by then is refused. `onQueued` is called at a deferral. */
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
    // An adopted message belongs to its turn, even if the turn fails.
    if (!adopted && close()) reject(reason);
  };
  const onStop = (): void => {
    // Only a queued turn is cancelled: an adopted one goes on to its answer.
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
