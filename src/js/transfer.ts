// One upload or download as its caller follows it: progress, and an AbortSignal. No callback runs after the transfer has
// settled. src/transfer.rs does the work.

import { callQuietly, isCallable } from "./values.js";

interface TransferOptions {
  onProgress?: ((progress: { sent: number; total: number }) => unknown) | null;
  signal?: AbortSignal | null;
}

export interface TransferWatch {
  /** Native code calls this with each step. */
  report(sent: number, total: number): void;
  /** Watches the signal until the promise settles. */
  follow(promise: Promise<{ size?: number } | undefined>): void;
}

/** `cancel` is native and harmless at any time. Throws a TypeError for options of the wrong type. */
export function beginTransfer(options: unknown, cancel: () => void): TransferWatch {
  const { onProgress, signal } = readOptions(options);
  const abort = (): void => cancel();
  let isSettled = false;
  let lastSent = -1;

  function report(sent: number, total: number): void {
    if (isSettled || onProgress === null || sent <= lastSent) return;
    lastSent = sent;
    callQuietly(() => onProgress({ sent, total }));
  }

  function settle(size: unknown): void {
    // The last step may still be under way; a caller that waits for the promise has seen it.
    if (typeof size === "number") report(size, size);
    isSettled = true;
    signal?.removeEventListener("abort", abort);
  }

  return {
    report,
    follow(promise) {
      if (signal?.aborted) cancel();
      else signal?.addEventListener("abort", abort, { once: true });
      promise.then((done) => settle(done?.size), settle);
    },
  };
}

function readOptions(options: unknown): Required<NoUndefined<TransferOptions>> {
  const { onProgress = null, signal = null } = (
    options !== null && typeof options === "object" ? options : {}
  ) as TransferOptions;
  if (onProgress !== null && !isCallable(onProgress)) throw new TypeError("onProgress is a function");
  if (signal !== null && !(typeof signal === "object" && isCallable(signal.addEventListener)))
    throw new TypeError("signal is an AbortSignal");
  return { onProgress, signal };
}

type NoUndefined<T> = { [K in keyof T]: Exclude<T[K], undefined> };
