// Questions to callbacks of the user: each is answered once, whatever the callback does. Compiled once per environment;
// src/refresh/ask.rs asks and waits.
(function () {
  "use strict";

  const HOOK = "__multiOpenimTokenRefresher";
  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

  function reason(error) {
    try {
      return String((isObject(error) && error.message) || error).slice(0, 500);
    } catch {
      return "an error that cannot be printed";
    }
  }

  /** What the refresher returned, in one of four shapes. */
  function refreshed(result) {
    if (result === null || result === undefined) return { none: true };
    if (!isObject(result) || typeof result.token !== "string") return { garbage: true };
    const { userID } = result;
    return { token: result.token, userID: userID === undefined || userID === null ? null : String(userID) };
  }

  const QUESTIONS = {
    async refresh({ refresher }, [accountId, why]) {
      const ask = refresher ?? globalThis[HOOK];
      if (typeof ask !== "function") return { absent: true };
      return refreshed(await ask(accountId, why));
    },
    token: ({ onToken }, [news]) => onToken(news),
    persist: ({ persist }, [news]) => persist(news),
    permanent: ({ onPermanentFailure }, [why]) => onPermanentFailure(why),
    reconnect: ({ reconnect }) => reconnect(),
    log: ({ onLog }, [line]) => onLog([line]),
  };

  return {
    /** Answers by `settle(number, ok, text)`; a question after the end has the number 0 and is not asked. */
    asker(callbacks, settle) {
      return (number, what, args) => {
        if (number === 0) return;
        const answer = async () =>
          JSON.stringify((await QUESTIONS[what](callbacks, JSON.parse(args))) ?? null) ?? "null";
        answer().then(
          (text) => settle(number, true, text),
          (error) => settle(number, false, reason(error)),
        );
      };
    },
  };
})();
