// One upload or download as its caller follows it: progress, and an AbortSignal. Compiled once per environment. The
// caller's callback is called where a throw is caught, and never after the transfer has settled.
(function () {
  "use strict";

  const isObject = (value) => value !== null && typeof value === "object";
  const isCallable = (value) => typeof value === "function";

  /**
   * `report` is what native code calls with each step; `follow` watches the promise and the signal. `cancel` is
   * native and harmless at any time.
   */
  function begin(options, cancel) {
    const { onProgress = null, signal = null } = isObject(options) ? options : {};
    if (onProgress !== null && !isCallable(onProgress)) throw new TypeError("onProgress is a function");
    if (signal !== null && !(isObject(signal) && isCallable(signal.addEventListener)))
      throw new TypeError("signal is an AbortSignal");
    const abort = () => cancel();
    let over = false;
    let last = -1;

    function report(sent, total) {
      if (over || onProgress === null || sent <= last) return;
      last = sent;
      try {
        const result = onProgress({ sent, total });
        if (isObject(result) && isCallable(result.then)) Promise.resolve(result).catch(() => {});
      } catch {}
    }

    function end(size) {
      // The last step may still be on its way; who waits for the promise has seen it.
      if (typeof size === "number") report(size, size);
      over = true;
      signal?.removeEventListener("abort", abort);
    }

    function follow(promise) {
      if (signal?.aborted) cancel();
      else signal?.addEventListener("abort", abort, { once: true });
      promise.then((done) => end(done?.size), end);
    }

    return { report, follow };
  }

  return { begin };
})();
