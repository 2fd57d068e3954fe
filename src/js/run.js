// One account of the descriptor while it runs: its client, its status for the host, its messages on their way to the
// dispatcher. Compiled once per environment; js/channel.js decides when a run begins and ends.
(function () {
  "use strict";

  const LIFECYCLE = "[multi-openim:lifecycle]";
  const INBOUND = "[multi-openim:inbound]";
  // The host calls a connected account stale when it has heard nothing of its socket for half an hour.
  const STATUS_EVERY_MS = 30_000;
  // Traffic changes the status too often to publish each change.
  const STATUS_AFTER_TRAFFIC_MS = 1_000;
  const ENDED = new Set(["failed", "stopped"]);
  // Events of the connection; those of people and groups change no status.
  const OF_THE_CONNECTION = /^On(Connect|Disconnected|SyncServer|KickedOffline|UserToken|Stopped|DeadLetter)/;

  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  const isCallable = (value) => typeof value === "function";
  const words = (error) => {
    try {
      return String(isObject(error) && error.message ? error.message : error).slice(0, 500);
    } catch {
      return "an error that cannot be printed";
    }
  };

  /** Calls something of the host's whose failure must not become ours. */
  function quietly(call) {
    try {
      const result = call();
      if (isObject(result) && isCallable(result.then)) Promise.resolve(result).catch(() => {});
    } catch {}
  }

  /** The functions of all runs of one descriptor. `host` logs, sends and knows the dispatcher of the moment. */
  function runner(native, host) {
    function status(run) {
      const { accountId, userID, state, connected, ...rest } = run.client.status();
      const lastDisconnect =
        rest.lastDisconnectedAt === null
          ? null
          : { at: rest.lastDisconnectedAt, ...(rest.lastError ? { error: rest.lastError } : {}) };
      return {
        accountId: run.id,
        enabled: true,
        configured: true,
        running: true,
        connected,
        state,
        userID,
        reconnectAttempts: rest.attempt,
        ...rest,
        ...(connected ? {} : { lastDisconnect }),
      };
    }

    function setStatus(hostCtx, next) {
      quietly(() => hostCtx?.setStatus?.({ ...hostCtx.getStatus?.(), ...next }));
    }

    function publish(run) {
      if (run.over) return;
      setStatus(run.ctx, status(run));
    }

    function publishSoon(run) {
      if (run.over || run.soon !== null) return;
      run.soon = setTimeout(() => {
        run.soon = null;
        publish(run);
      }, STATUS_AFTER_TRAFFIC_MS);
      run.soon.unref?.();
    }

    function onEvent(run, { event, errMsg, data }) {
      const where = `${LIFECYCLE} account=${run.id}`;
      switch (event) {
        case "OnConnectSuccess":
          if (run.troubled) host.log(run, "info", `${where} connected again`);
          run.troubled = false;
          break;
        case "OnDisconnected":
        case "OnConnectFailed":
          // Once per outage; the attempts are counted in the status.
          if (!run.troubled) host.log(run, "warn", `${where} not connected: ${errMsg}`);
          run.troubled = true;
          break;
        case "OnUserTokenRefreshed":
          host.log(
            run,
            "info",
            `${where} token refreshed${data.expiresAt ? `, good until ${new Date(data.expiresAt).toISOString()}` : ""}`,
          );
          break;
        case "OnDeadLetter":
          host.log(
            run,
            "error",
            `${INBOUND} account=${run.id} message ${data.clientMsgID} of ${data.conversationID} was refused too often and is put aside`,
          );
          break;
        case "OnStopped":
          run.end();
          break;
      }
    }

    function onBatch(run, { messages, events }) {
      for (const event of events) onEvent(run, event);
      for (const message of messages) dispatch(run, message);
      if (events.some(({ event }) => OF_THE_CONNECTION.test(event))) publish(run);
      else publishSoon(run);
    }

    /** Settles a message once; a later word about the same delivery, or about an older one of it, is ignored. */
    function settle(run, message, how) {
      const current = run.open.get(message?.delivery);
      if (current === undefined || run.settled.has(message)) return;
      run.settled.add(current);
      run.open.delete(current.delivery);
      run.client[how]([current.delivery]);
    }

    function dispatch(run, message) {
      run.open.set(message.delivery, message);
      const refuse = (error) => {
        if (run.open.get(message.delivery) !== message) return;
        host.log(
          run,
          "warn",
          `${INBOUND} account=${run.id} message ${message.clientMsgID} comes again: ${words(error)}`,
        );
        settle(run, message, "nack");
      };
      const dispatcher = host.dispatcher();
      if (dispatcher === null) return refuse("no inbound dispatcher is set");
      try {
        // Not awaited: a slow turn holds up nothing.
        Promise.resolve(dispatcher(run.ctx, run.state, message)).then(() => settle(run, message, "ack"), refuse);
      } catch (error) {
        refuse(error);
      }
    }

    function makeRun(id, hostCtx, account) {
      const run = {
        id,
        ctx: hostCtx,
        account,
        client: null,
        state: null,
        open: new Map(),
        settled: new WeakSet(),
        troubled: false,
        over: false,
        soon: null,
        beat: null,
        end: null,
        ended: null,
      };
      run.ended = new Promise((resolve) => (run.end = resolve));
      run.client = native.newClient();
      native.remember(
        run.client,
        (batch) => onBatch(run, batch),
        (lines) => {
          for (const { level, message } of lines) host.log(run, level, `${INBOUND} account=${id} ${message}`);
        },
      );
      run.state = {
        accountId: id,
        selfId: account.userID,
        account,
        ack: (message) => settle(run, message, "ack"),
        nack: (message) => settle(run, message, "nack"),
        sendText: (to, text) => host.sendText({ to, text, accountId: id }),
        sendMedia: (to, file) => host.sendMedia({ ...file, to, accountId: id }),
        download: (url, options) => run.client.download(url, options),
      };
      run.beat = setInterval(() => {
        publish(run);
        // Its last event may have been lost with a panic; an end must not go unnoticed for ever.
        if (ENDED.has(run.client.status().state)) run.end();
      }, STATUS_EVERY_MS);
      run.beat.unref?.();
      return run;
    }

    return { makeRun, publish, publishSoon, setStatus, status };
  }

  return { LIFECYCLE, isCallable, isObject, quietly, runner, words };
})();
