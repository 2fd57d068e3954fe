// The object graph of createChannelPlugin: the original descriptor, made per call and sharing nothing with another.
// Compiled once per environment; `native` is what src/channel_plugin.rs gives it. Every callback of the host is called
// where a throw or a rejection is caught.
(function () {
  "use strict";

  const CHANNEL = "multi-openim";
  const LABEL = "Multi-OpenIM";
  const ALIASES = ["multi-openim", "multi-openim-im", "mopenim"];
  const BLURB = "OpenIM channel with several accounts, several servers and config-driven token refresh.";
  const PREFIX = /^\s*(?:multi-openim-im|multi-openim|mopenim):/i;
  const CONFIG = "[multi-openim:config]";

  // Ends that no restart can mend: somebody has to do something first.
  const TERMINAL = new Set(["OPENIM_KICKED", "OPENIM_TOKEN_INVALID", "OPENIM_TOKEN_EXPIRED"]);

  const MAKERS = {
    image: "createImageMessageByPath",
    voice: "createSoundMessageByPath",
    video: "createVideoMessageByPath",
    file: "createFileMessageByPath",
  };

  const failure = (code, message, cause) => Object.assign(new Error(message, cause ? { cause } : undefined), { code });

  function createDescriptor(native, ctx) {
    const { LIFECYCLE, isCallable, isObject, quietly, words } = native.run;
    const runs = new Map();
    let dispatcher = isCallable(ctx.dispatchInbound) ? ctx.dispatchInbound : null;
    const { makeRun, publish, publishSoon, setStatus, status } = native.run.runner(native, {
      log,
      sendText,
      sendMedia,
      dispatcher: () => dispatcher,
    });

    function log(run, level, message) {
      const logger = run?.ctx?.log ?? ctx.logger;
      quietly(() => logger?.[level]?.(message));
    }

    // ---- config

    /** The channel's block of a whole host config, of a bare block, or the one given at creation. */
    function blockOf(cfg) {
      if (isObject(cfg) && isObject(cfg.channels)) return cfg.channels[CHANNEL] ?? {};
      if (isObject(cfg) && isObject(cfg.accounts)) return cfg;
      return ctx.channel ?? ctx.cfg?.channels?.[CHANNEL] ?? {};
    }

    function read(cfg) {
      const block = blockOf(cfg);
      let text;
      try {
        text = JSON.stringify(block) ?? "null";
      } catch (error) {
        const warning = `channels.${CHANNEL} cannot be read (${words(error).split("\n")[0]}); write it as plain JSON`;
        return { healthCheckIntervalMinutes: 30, accounts: [], warnings: [warning] };
      }
      const config = JSON.parse(native.readConfig(text));
      const order = Object.keys(block.accounts ?? {});
      config.accounts.sort((one, other) => order.indexOf(one.accountId) - order.indexOf(other.accountId));
      return config;
    }

    const found = (cfg, id) =>
      typeof id === "string" ? read(cfg).accounts.find((one) => one.accountId === id) : undefined;

    function resolveAccount(cfg, id) {
      const account = found(cfg, id);
      if (!account) return { accountId: id ?? null, enabled: false, configured: false };
      const { problem, ...resolved } = account;
      // Readable for who asks, absent from spreads, JSON and logs.
      Object.defineProperty(resolved, "token", { value: blockOf(cfg).accounts[id].token });
      return resolved;
    }

    const config = {
      listAccountIds: (cfg) => read(cfg).accounts.map((account) => account.accountId),
      resolveAccount,
      isEnabled: (account) => isObject(account) && account.enabled !== false,
      isConfigured: (account) =>
        isObject(account) &&
        (typeof account.configured === "boolean" ? account.configured : native.isLogin(JSON.stringify(account))),
      describeAccount: (account) => ({
        accountId: account?.accountId ?? null,
        enabled: config.isEnabled(account),
        configured: config.isConfigured(account),
      }),
    };

    // ---- accounts that run

    function close(run) {
      run.over = true;
      clearInterval(run.beat);
      clearTimeout(run.soon);
      if (runs.get(run.id) === run) runs.delete(run.id);
    }

    /** Stops a run; the same promise for everybody who asks. */
    function stop(run) {
      run.stopping ??= (async () => {
        close(run);
        await run.client.logout();
        run.end();
      })();
      return run.stopping;
    }

    async function start(hostCtx, account) {
      const id = account.accountId;
      const run = makeRun(id, hostCtx, account);
      runs.set(id, run);
      try {
        const block = blockOf(hostCtx?.cfg).accounts?.[id];
        const { firstStart, offline, disableFriendSdk } = found(hostCtx?.cfg, id) ?? {};
        const own = { accountId: id, until: "started", stateDir: ctx.stateDir, firstStart, offline, disableFriendSdk };
        const { tokenRefresh } = blockOf(hostCtx?.cfg);
        const onToken = isCallable(ctx.onToken) ? (news) => ctx.onToken(news) : undefined;
        await run.client.login({ ...block, ...own, tokenRefresh, onToken });
        return run;
      } catch (error) {
        close(run);
        throw error;
      }
    }

    // ---- gateway

    function aborted(signal) {
      if (!signal) return new Promise(() => {});
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }

    async function startAccount(hostCtx) {
      const id = hostCtx.accountId;
      const account = found(hostCtx.cfg, id);
      if (!account?.enabled || !account.configured) {
        if (account?.problem && account.enabled) log({ ctx: hostCtx }, "warn", `${CONFIG} ${account.problem}`);
        throw failure("OPENIM_CONFIG", `multi-openim account "${id}" is not configured or disabled`);
      }
      if (hostCtx.abortSignal?.aborted) return;
      setStatus(hostCtx, { accountId: id, enabled: true, configured: true, lastError: null });
      const run = await begin(hostCtx, resolveAccount(hostCtx.cfg, id));
      if (run === null) return;
      publish(run);
      log(run, "info", `${LIFECYCLE} account=${id} running`);
      let last;
      try {
        await Promise.race([aborted(hostCtx.abortSignal), run.ended]);
        last = run.client.status();
      } finally {
        await stop(run);
        log(run, "info", `${LIFECYCLE} account=${id} stopped`);
      }
      if (!hostCtx.abortSignal?.aborted) conclude(run, last);
    }

    /** Starts the account, or nothing where the host has changed its mind meanwhile. */
    async function begin(hostCtx, account) {
      const cancel = () => runs.get(account.accountId)?.client.logout();
      hostCtx.abortSignal?.addEventListener("abort", cancel, { once: true });
      try {
        // A newer start wins; the older one may be on its way out already.
        const standing = runs.get(account.accountId);
        if (standing) await stop(standing);
        if (hostCtx.abortSignal?.aborted) return null;
        return await start(hostCtx, account);
      } catch (error) {
        if (hostCtx.abortSignal?.aborted) return null;
        setStatus(hostCtx, { connected: false, lastError: words(error), lastErrorCode: error.code ?? null });
        throw failure(
          error.code,
          `multi-openim account "${account.accountId}" failed to connect: ${words(error)}`,
          error,
        );
      } finally {
        hostCtx.abortSignal?.removeEventListener("abort", cancel);
      }
    }

    /** The account has ended although the host did not ask for it. */
    function conclude(run, last) {
      const final = { ...status(run), running: false, connected: false };
      if (TERMINAL.has(last.lastErrorCode)) {
        log(run, "error", `${LIFECYCLE} account=${run.id} ended for good: ${last.lastError}`);
        return setStatus(run.ctx, { ...final, terminalDisconnect: true });
      }
      if (last.state === "failed") throw failure(last.lastErrorCode, last.lastError);
      // A newer start of the same account has taken its place; starting again would take it back, and so on for ever.
      const lastError = `multi-openim account "${run.id}" was taken over by a newer start`;
      return setStatus(run.ctx, { ...final, lastError, terminalDisconnect: true });
    }

    const gateway = {
      startAccount,
      stopAccount: async (hostCtx) => {
        await clients.stopAccountClient(hostCtx?.accountId);
      },
      healthCheckIntervalMinutes: read().healthCheckIntervalMinutes,
    };

    // ---- outbound

    const parse = (to) => (typeof to === "string" ? native.parseTarget(to.replace(PREFIX, "")) : null);
    const refusal = (code, error, more) => ({
      ok: false,
      error,
      code,
      retryable: false,
      maybeDelivered: false,
      ...more,
    });

    /** Says how sending went as a value. `make` makes the message of one of the account's clients. */
    async function send({ to, accountId, signal }, make) {
      const target = parse(to);
      if (target === null) return refusal("OPENIM_TARGET", "invalid target, expected user:<id> or group:<id>");
      if (!accountId) return refusal("OPENIM_CONFIG", "accountId is required (no default fallback)");
      const notConnected = `multi-openim account "${accountId}" is not connected`;
      const run = runs.get(accountId);
      if (!run) return refusal("OPENIM_OFFLINE", notConnected, { retryable: true });
      try {
        const message = await make(run.client);
        const { id } = target;
        const sent = await run.client.sendMessage(
          // An answer that vanishes on the server would leave a person waiting for nothing.
          { ...(target.kind === "group" ? { groupID: id } : { recvID: id }), message, untilStored: true, signal },
        );
        publishSoon(run);
        return {
          ok: true,
          provider: CHANNEL,
          messageId: sent.clientMsgID,
          serverMessageId: sent.serverMsgID,
          conversationId: sent.conversationID,
        };
      } catch (error) {
        const { code, retryable, maybeDelivered } = error;
        // The socket's absence is said in the original's words; the storage has its own.
        const offline = code === "OPENIM_OFFLINE" && error.op === "send";
        return refusal(code, offline ? notConnected : words(error), { retryable, maybeDelivered });
      }
    }

    /** Under an id of the caller's own where it gives one, by which it can look for the message later. */
    function sendText({ text, clientMsgID, ...where }) {
      return send(where, async (client) => {
        const message = client.createTextMessage(text);
        return clientMsgID ? { ...message, clientMsgID } : message;
      });
    }

    /** Sends a file as the kind its bytes are of, or as the one that is asked for; as a file where it is not of that. */
    async function sendMedia({ to, accountId, signal, kind, text, ...file }) {
      if (kind !== undefined && !Object.hasOwn(MAKERS, kind)) {
        return refusal("OPENIM_CONFIG", "kind is one of image, voice, video and file");
      }
      const where = { to, accountId, signal };
      const sent = await send(where, async (client) => {
        if (kind === undefined) return client.createMessageByPath(file);
        return client[MAKERS[kind]](file).catch((error) => {
          if (error.code !== "OPENIM_CONFIG") throw error;
          return client.createFileMessageByPath(file);
        });
      });
      if (!sent.ok || typeof text !== "string" || text === "") return sent;
      // Its words come after it, as under a picture; they are a message of their own.
      const said = await sendText({ ...where, text });
      if (said.ok) return { ...sent, textMessageId: said.messageId };
      // Sending both once more would show the file twice.
      const error = `the file was sent, the text after it was not: ${said.error}`;
      return refusal(said.code, error, { ...sent, ok: false, retryable: false, maybeDelivered: true });
    }

    const outbound = {
      deliveryMode: "direct",
      resolveTarget: ({ to }) => {
        const target = parse(to);
        return target === null
          ? { ok: false, error: new Error("multi-openim requires --to <user:ID|group:ID>") }
          : { ok: true, to: `${target.kind}:${target.id}` };
      },
      sendText,
      sendMedia,
    };

    // ---- clients: strict lookups, never a first-connected fallback

    const connected = (id) => {
      const run = runs.get(id);
      return run?.client.status().connected ? run.client : null;
    };

    const clients = {
      setInboundDispatcher(next) {
        dispatcher = isCallable(next) ? next : null;
      },
      getConnectedClient: connected,
      hasConnectedAccountClient: (id) => connected(id) !== null,
      connectedClientCount: () => clients.listConnectedAccountIds().length,
      listConnectedAccountIds: () => [...runs.keys()].filter((id) => connected(id) !== null),
      async startAccountClient(hostCtx, account) {
        const id = account?.accountId ?? hostCtx?.accountId;
        const run = runs.get(id) ?? (await start(hostCtx, { ...resolveAccount(hostCtx?.cfg, id), ...account }));
        return run.client;
      },
      async stopAccountClient(id) {
        const run = runs.get(id);
        if (!run) return false;
        await stop(run);
        return true;
      },
      async stopAllClients() {
        await Promise.all([...runs.values()].map(stop));
      },
      snapshotAccountStatus(id) {
        const run = runs.get(id);
        const now = run?.client.status();
        return {
          accountId: id,
          enabled: found(undefined, id)?.enabled ?? run !== undefined,
          configured: true,
          running: run !== undefined,
          connected: now?.connected ?? false,
          ...(now?.lastConnectedAt ? { lastConnectedAt: now.lastConnectedAt } : {}),
          ...(now?.lastError ? { lastError: now.lastError } : {}),
        };
      },
    };

    // ---- tokens

    const notRunning = (id) => `multi-openim account "${id}" is not running`;

    const tokens = {
      async refresh(accountId, reason) {
        const run = runs.get(accountId);
        if (run) return run.client.refreshToken(reason);
        return { outcome: "skipped", reason: notRunning(accountId), retryAfterMs: null, expiresAt: null };
      },
      async offer(accountId, token) {
        const run = runs.get(accountId);
        if (run) return run.client.offerToken(token);
        return { outcome: "refused", reason: `${notRunning(accountId)}; the token is read when it starts` };
      },
    };

    const { warnings, accounts } = read();
    for (const warning of warnings) log(null, "warn", `${CONFIG} ${warning}`);
    for (const { enabled, problem } of accounts) if (enabled && problem) log(null, "warn", `${CONFIG} ${problem}`);

    return {
      id: CHANNEL,
      meta: {
        id: CHANNEL,
        label: LABEL,
        selectionLabel: LABEL,
        docsPath: `/channels/${CHANNEL}`,
        blurb: BLURB,
        aliases: [...ALIASES],
      },
      capabilities: { chatTypes: ["direct", "group"] },
      config,
      gateway,
      outbound,
      clients,
      tokens,
    };
  }

  return { createDescriptor };
})();
