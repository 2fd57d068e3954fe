// Settles one delivered message: acknowledged when its answer leaves or its turn is over, refused when no turn adopts it.
//
// A turn's `adopted` callback does not survive a crash: the host may die before the answer is in its outbound queue, may cut a
// turn off when it drains, and records only some turns. So adoption alone acknowledges nothing. A message that was refused, or
// was not settled when the process died, is delivered again.

import { QUEUE_HEARTBEAT_MS, QUEUE_SILENT_MS } from "../limits.js";

export interface TurnLifecycle {
  admission: "exclusive";
  onAdopted(): void;
  onDeferred(): void;
  onDeferredHeartbeat(): void;
  deferredHeartbeatIntervalMs: number;
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
  /** The answer could not be sent. The message counts as not taken, however its turn ends. */
  answerLost(reason: unknown): void;
  /** Resolves once acknowledged; rejects with the reason when the message was refused. */
  readonly settled: Promise<void>;
  /** Resolves when the host is done with the message, also after it was refused. */
  readonly ended: Promise<void>;
}

/** Calls back once the answer to the message leaves. Returns how to stop waiting. */
export type Answered = (then: () => void) => () => void;

export interface AckOptions {
  /** The account's own end: a message that no turn has adopted by then is refused. */
  stop: AbortSignal;
  /** Called when the host has put the message into its queue. */
  onQueued?: () => void;
  whenAnswered?: Answered;
  /** Whether the answer is ready and waits for a connection. */
  isAnswerWaiting?: () => boolean;
  /** How long the host may be silent about a message in its queue. */
  silentMs?: number;
}

export function createTurnAck({
  stop,
  onQueued,
  whenAnswered = () => () => undefined,
  isAnswerWaiting = () => false,
  silentMs = QUEUE_SILENT_MS,
}: AckOptions): TurnAck {
  const queued = new AbortController();
  const { promise: settled, resolve, reject } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  settled.catch(() => undefined);
  let open = true;
  let deferred = false;
  let adopted = false;
  let lost: { reason: unknown } | undefined;
  let unwatch: (() => void) | undefined;
  let silence: NodeJS.Timeout | undefined;

  const close = (): boolean => {
    const first = open;
    open = false;
    stop.removeEventListener("abort", onStop);
    unwatch?.();
    clearTimeout(silence);
    return first;
  };
  const refuse = (reason: unknown): void => {
    // An adopted message belongs to its turn, even if the turn fails.
    if (!adopted && close()) reject(reason);
  };
  const accept = (): void => {
    if (lost) refuse(lost.reason);
    else if (close()) resolve();
  };
  const onStop = (): void => {
    // Only a queued turn is cancelled: an adopted one goes on to its answer. One whose answer waits may end with the process,
    // so its message comes again.
    if (adopted && !isAnswerWaiting()) return accept();
    const when = adopted ? "while the answer waited" : "before a turn took the message";
    adopted = false;
    queued.abort(stop.reason);
    refuse(new Error(`the account stopped ${when}`));
  };
  const onSilence = (): void => {
    queued.abort(new Error("the host was silent about the message"));
    refuse(new Error("the host lost the message in its queue"));
    end();
  };
  const watchQueue = (): void => {
    clearTimeout(silence);
    if (!open || adopted) return;
    silence = setTimeout(onSilence, silentMs);
    silence.unref();
  };

  if (stop.aborted) onStop();
  else stop.addEventListener("abort", onStop, { once: true });

  return {
    lifecycle: {
      admission: "exclusive",
      onAdopted: () => {
        adopted = true;
        clearTimeout(silence);
        if (open) unwatch ??= whenAnswered(accept);
      },
      onDeferred: () => {
        deferred = true;
        watchQueue();
        onQueued?.();
      },
      onDeferredHeartbeat: watchQueue,
      deferredHeartbeatIntervalMs: QUEUE_HEARTBEAT_MS,
      onAbandoned: () => refuse(new Error("the turn was abandoned before it took the message")),
      onSettled: () => {
        // Its turn is over, or the host consumed the message in another one.
        accept();
        end();
      },
      abortSignal: queued.signal,
    },
    resolved: () => {
      if (deferred) return;
      accept();
      end();
    },
    rejected: (error) => {
      refuse(error);
      if (deferred) return;
      accept();
      end();
    },
    cutOff: () => {
      adopted = false;
    },
    answerLost: (reason) => {
      adopted = false;
      lost = { reason };
    },
    settled,
    ended,
  };
}
