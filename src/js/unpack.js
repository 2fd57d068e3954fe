// Makes ordinary objects out of a packed batch and calls the user's callbacks so that nothing they do can escape. Compiled
// once per environment; returns the functions that native code calls.
//
// The names with a dollar sign stand for object literals that src/packed.rs makes from the declarations of these objects.
// A literal reads its members one after the other by string(), strings(), json() and numbers[n++].
(function () {
  "use strict";

  const TEXT = 101;
  // The events that bring messages. Each message goes to the first of them that has a listener.
  const LIVE = ["OnRecvNewMessages", "OnRecvNewMessage"];
  const OFFLINE = ["onRecvOfflineNewMessages", "onRecvOfflineNewMessage", ...LIVE];
  const ONE_BY_ONE = new Set(["OnRecvNewMessage", "onRecvOfflineNewMessage"]);
  // These events begin a connection, so they come before its messages; all others come after the messages.
  const BEGINNINGS = new Set(["OnConnecting", "OnConnectSuccess", "OnSyncServerStart", "OnSyncServerFinish"]);
  // The SDK spells the offline events with a small letter; bots use both spellings.
  const name = (event) => event.replace(/^OnRecvOffline/, "onRecvOffline");

  // The callbacks of each client. They are kept here, not in native memory, so that a client whose callback refers to the
  // client itself can be collected.
  const callbacks = new WeakMap();

  function unpack(numbers, text, longs) {
    let n = 3;
    let at = 0;
    let long = 0;

    function string() {
      const length = numbers[n++];
      if (length === 0) return "";
      if (length < 0) return longs[long++];
      return text.slice(at, (at += length));
    }

    function strings() {
      const list = [];
      for (let count = numbers[n++]; count > 0; count--) list.push(string());
      return list;
    }

    function json() {
      const written = string();
      return written === "" ? null : JSON.parse(written);
    }

    const messages = [];
    for (let count = numbers[0]; count > 0; count--) {
      const message = $Message;
      // A text has no parts and pays nothing for the kinds that have some: one read of 0.
      const parts = string();
      if (parts !== "") Object.assign(message, JSON.parse(parts));
      else if (message.contentType === TEXT) message.textElem = { content: message.text };
      messages.push(message);
    }

    const events = [];
    for (let count = numbers[1]; count > 0; count--) events.push($ClientEvent);

    const lines = [];
    for (let count = numbers[2]; count > 0; count--) lines.push($LogLine);
    return { messages, events, lines };
  }

  function reason(error) {
    try {
      return String((error !== null && typeof error === "object" && error.message) || error).slice(0, 200);
    } catch {
      return "an error that cannot be printed";
    }
  }

  const ignore = () => {};

  // A failing log callback is never logged: that would go round in circles.
  function log(onLog, lines) {
    if (onLog === null || lines.length === 0) return;
    try {
      Promise.resolve(onLog(lines)).catch(ignore);
    } catch {}
  }

  /** Calls the listeners of one event; `failed` gets the errors that they throw or reject with. */
  function emit(client, listeners, { event, data, errCode, errMsg }, failed) {
    for (const listener of listeners.get(event)?.slice() ?? []) {
      const wrong = (error) => failed(event, error);
      try {
        const result = listener.call(client, { event, data, errCode, errMsg, operationID: "" });
        if (result !== null && typeof result === "object" && typeof result.then === "function") {
          Promise.resolve(result).catch(wrong);
        }
      } catch (error) {
        wrong(error);
      }
    }
  }

  function emitMessages(client, listeners, messages, names, failed) {
    const event = names.find((each) => listeners.has(each));
    if (messages.length === 0 || event === undefined) return;
    const datas = ONE_BY_ONE.has(event) ? messages : [messages];
    for (const data of datas) emit(client, listeners, { event, data, errCode: 0, errMsg: "" }, failed);
  }

  /** Hands a batch to the listeners. */
  function emitAll(client, listeners, { messages, events }, failed) {
    const begun = events.findLastIndex(({ event }) => BEGINNINGS.has(event)) + 1;
    for (const event of events.slice(0, begun)) emit(client, listeners, event, failed);
    const offline = messages.filter((message) => message.offline);
    const live = offline.length === 0 ? messages : messages.filter((message) => !message.offline);
    emitMessages(client, listeners, offline, OFFLINE, failed);
    emitMessages(client, listeners, live, LIVE, failed);
    for (const event of events.slice(begun)) emit(client, listeners, event, failed);
  }

  return {
    parse: JSON.parse,

    // A message of one's own: packed like a batch, so that it looks like a received one.
    message(numbers, text, longs) {
      return unpack(numbers, text, longs).messages[0];
    },

    // A page of history: packed like a batch as well.
    history(isEnd, numbers, text, longs) {
      const { messages } = unpack(numbers, text, longs);
      return { isEnd, errCode: 0, errMsg: "", messageList: messages };
    },

    remember(client, onBatch, onLog) {
      callbacks.set(client, { onBatch, onLog, listeners: new Map() });
    },

    on(client, event, listener) {
      const { listeners } = callbacks.get(client);
      listeners.set(name(event), [...(listeners.get(name(event)) ?? []), listener]);
    },

    off(client, event, listener) {
      const { listeners } = callbacks.get(client);
      const known = listeners.get(name(event)) ?? [];
      const at = known.lastIndexOf(listener);
      const left = listener === null ? [] : known.filter((_, index) => index !== at);
      if (left.length > 0) listeners.set(name(event), left);
      else listeners.delete(name(event));
    },

    // The function that native code calls for one login. It refers to the client, so that a running client stays alive.
    deliverer(client, accountId, settle) {
      const { onBatch, onLog, listeners } = callbacks.get(client);

      function failed(event, error) {
        const message = `account=${accountId} a listener of ${event} failed: ${reason(error)}`;
        log(onLog, [{ level: "error", accountId, message }]);
      }

      function refused(number, error) {
        settle(number, false);
        const message = `account=${accountId} the batch callback failed: ${reason(error)}`;
        log(onLog, [{ level: "error", accountId, message }]);
      }

      return function deliver(number, numbers, text, longs) {
        // A batch without a number is for a client that has logged out meanwhile.
        if (number === 0) return;
        try {
          const { messages, events, lines } = unpack(numbers, text, longs);
          log(onLog, lines);
          if (messages.length === 0 && events.length === 0) return settle(number, true);
          if (listeners.size > 0) emitAll(client, listeners, { messages, events }, failed);
          if (onBatch === null) return settle(number, true);
          const result = onBatch.call(client, { messages, events });
          if (result === null || typeof result !== "object" || typeof result.then !== "function") {
            return settle(number, true);
          }
          Promise.resolve(result).then(
            () => settle(number, true),
            (error) => refused(number, error),
          );
        } catch (error) {
          refused(number, error);
        }
      };
    },
  };
})();
