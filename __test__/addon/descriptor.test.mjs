// createChannelPlugin: the original descriptor, text by text, without a server.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createChannelPlugin } from "../../loader.js";

const LOGIN = { token: "opaque", userID: "bot_7", wsAddr: "ws://127.0.0.1:1", apiAddr: "http://127.0.0.1:1" };

function plugin(channel = { accounts: { main: LOGIN } }, more = {}) {
  const logged = [];
  const logger = Object.fromEntries(
    ["debug", "info", "warn", "error"].map((level) => [level, (message) => logged.push(`${level} ${message}`)]),
  );
  return Object.assign(createChannelPlugin({ channel, logger, ...more }), { logged });
}

test("identity, meta and capabilities", () => {
  const { id, meta, capabilities, outbound, gateway } = plugin();
  assert.equal(id, "multi-openim");
  assert.deepEqual(meta, {
    id: "multi-openim",
    label: "Multi-OpenIM",
    selectionLabel: "Multi-OpenIM",
    docsPath: "/channels/multi-openim",
    blurb: "OpenIM channel with several accounts, several servers and config-driven token refresh.",
    aliases: ["multi-openim", "multi-openim-im", "mopenim"],
  });
  assert.deepEqual(capabilities, { chatTypes: ["direct", "group"] });
  assert.equal(outbound.deliveryMode, "direct");
  assert.equal(gateway.healthCheckIntervalMinutes, 30);
});

test("every part has its members", () => {
  const { config, gateway, outbound, clients } = plugin();
  assert.deepEqual(Object.keys(config), [
    "listAccountIds",
    "resolveAccount",
    "isEnabled",
    "isConfigured",
    "describeAccount",
  ]);
  assert.deepEqual(Object.keys(gateway), ["startAccount", "stopAccount", "healthCheckIntervalMinutes"]);
  assert.deepEqual(Object.keys(outbound), ["deliveryMode", "resolveTarget", "sendText", "sendMedia"]);
  assert.deepEqual(Object.keys(clients).sort(), [
    "_internal_resetClients",
    "connectedClientCount",
    "getConnectedClient",
    "hasConnectedAccountClient",
    "listConnectedAccountIds",
    "setInboundDispatcher",
    "snapshotAccountStatus",
    "startAccountClient",
    "stopAccountClient",
    "stopAllClients",
  ]);
});

test("two descriptors share nothing", () => {
  const [one, other] = [plugin(), plugin()];
  assert.notEqual(one.clients, other.clients);
  one.meta.aliases.push("changed");
  assert.equal(other.meta.aliases.length, 3);
});

test("a missing context is refused, and everything in it but the context itself has a default", () => {
  assert.throws(() => createChannelPlugin(), { code: "OPENIM_CONFIG" });
  const bare = createChannelPlugin({});
  assert.deepEqual(bare.config.listAccountIds(), []);
  assert.equal(bare.gateway.healthCheckIntervalMinutes, 30);
});

describe("config", () => {
  const channel = {
    healthCheckIntervalMinutes: 5,
    disableFriendSdk: false,
    accounts: {
      zoe: { ...LOGIN, requireMention: false, inboundWhitelist: ["alice"] },
      adam: { ...LOGIN, enabled: false },
      broken: { token: "opaque" },
    },
  };

  test("lists the named accounts in the order of the configuration, from a host config, a block or the context", () => {
    const { config } = plugin(channel);
    const ids = ["zoe", "adam", "broken"];
    assert.deepEqual(config.listAccountIds(), ids);
    assert.deepEqual(config.listAccountIds(channel), ids);
    assert.deepEqual(config.listAccountIds({ channels: { "multi-openim": channel } }), ids);
    assert.deepEqual(config.listAccountIds({ channels: {} }), []);
  });

  test("resolves an account with its defaults; the token can be asked for and is in no listing", () => {
    const account = plugin(channel).config.resolveAccount(undefined, "zoe");
    assert.deepEqual(account, {
      accountId: "zoe",
      enabled: true,
      configured: true,
      userID: "bot_7",
      platformID: 5,
      wsAddr: "ws://127.0.0.1:1",
      apiAddr: "http://127.0.0.1:1",
      requireMention: false,
      inboundWhitelist: ["alice"],
      disableFriendSdk: false,
      firstStart: 0,
      offline: { mode: "answer", maxAgeMinutes: 60, maxPerConversation: 200 },
    });
    assert.equal(account.token, "opaque");
    assert.ok(!JSON.stringify({ ...account }).includes("opaque"));
  });

  test("is strict: nobody stands in for an account that is not named", () => {
    const { config } = plugin(channel);
    for (const id of ["Zoe", "default", "", undefined, null, "__proto__", "constructor"]) {
      const account = config.resolveAccount(undefined, id);
      assert.deepEqual([account.enabled, account.configured], [false, false], String(id));
      assert.equal(account.token, undefined);
    }
  });

  test("tells enabled from configured", () => {
    const { config } = plugin(channel);
    const states = config.listAccountIds().map((id) => config.describeAccount(config.resolveAccount(undefined, id)));
    assert.deepEqual(states, [
      { accountId: "zoe", enabled: true, configured: true },
      { accountId: "adam", enabled: false, configured: true },
      { accountId: "broken", enabled: true, configured: false },
    ]);
    assert.equal(config.isConfigured({ ...LOGIN }), true);
    assert.equal(config.isConfigured({ token: "opaque" }), false);
    assert.deepEqual([config.isEnabled(null), config.isConfigured(null)], [false, false]);
  });

  test("what is wrong is one warning each, once, and the others go on", () => {
    const { logged } = plugin({ ...channel, token: "misplaced" });
    assert.deepEqual(logged, [
      "warn [multi-openim:config] token at channel level is ignored: there is no default account; move it to accounts.<name>",
      'warn [multi-openim:config] multi-openim account "broken" is skipped: wsAddr is missing; set it to the server\'s address, e.g. ws://host:10001',
    ]);
  });

  test("odd configurations are read without an exception", () => {
    for (const odd of [null, [], "x", 5, { accounts: [] }, { accounts: { a: null, b: [] } }, { accounts: null }]) {
      assert.deepEqual(plugin(odd).config.listAccountIds().length, 0, JSON.stringify(odd));
    }
    const circular = { accounts: { a: LOGIN } };
    circular.self = circular;
    const { config, logged } = plugin(circular);
    assert.deepEqual(config.listAccountIds(), []);
    assert.match(logged[0], /^warn .*channels\.multi-openim cannot be read \(.*\); write it as plain JSON$/);
  });
});

describe("outbound", () => {
  test("resolveTarget normalises targets, with or without a prefix of the channel", () => {
    const { resolveTarget } = plugin().outbound;
    const good = {
      "user:alice": "user:alice",
      " group: g100 ": "group:g100",
      "USER:Alice": "user:Alice",
      "multi-openim:user:alice": "user:alice",
      "mopenim:group:g": "group:g",
      "multi-openim-im:user:a:b": "user:a:b",
    };
    for (const [to, expected] of Object.entries(good))
      assert.deepEqual(resolveTarget({ to }), { ok: true, to: expected });
    for (const to of ["", "alice", "user:", "room:1", undefined, 5]) {
      const { ok, error } = resolveTarget({ to });
      assert.equal(ok, false);
      assert.equal(error.message, "multi-openim requires --to <user:ID|group:ID>");
    }
  });

  test("sendText refuses with the original's texts, in the original's order, and never throws", async () => {
    const { sendText } = plugin().outbound;
    const refused = async (params) => {
      const { ok, error, code } = await sendText(params);
      assert.equal(ok, false);
      assert.ok(error instanceof Error);
      assert.equal(error.code, code);
      return error.message;
    };
    assert.equal(await refused({ to: "nobody", text: "x" }), "invalid target, expected user:<id> or group:<id>");
    assert.equal(await refused({ to: "user:a", text: "x" }), "accountId is required (no default fallback)");
    assert.equal(
      await refused({ to: "user:a", text: "x", accountId: "main" }),
      'multi-openim account "main" is not connected',
    );
  });
});

describe("gateway without a server", () => {
  const host = (accountId, more = {}) => ({
    cfg: undefined,
    accountId,
    setStatus() {},
    getStatus: () => ({}),
    ...more,
  });

  test("an account that is absent, disabled or incomplete is refused by name", async () => {
    const { gateway } = plugin({ accounts: { off: { ...LOGIN, enabled: false }, broken: {} } });
    for (const id of ["nobody", "off", "broken"]) {
      await assert.rejects(gateway.startAccount(host(id)), {
        message: `multi-openim account "${id}" is not configured or disabled`,
        code: "OPENIM_CONFIG",
      });
    }
  });

  test("an abort before the start returns at once; one during it within five seconds", async () => {
    const { gateway, logged } = plugin();
    await gateway.startAccount(host("main", { abortSignal: AbortSignal.abort() }));
    assert.deepEqual(logged, []);
    const abort = new AbortController();
    const statuses = [];
    const lines = [];
    const log = {
      info: (line) => lines.push(line),
      warn: (line) => {
        lines.push(line);
        abort.abort();
      },
    };
    const setStatus = (status) => statuses.push(status);
    const began = performance.now();
    await gateway.startAccount(host("main", { abortSignal: abort.signal, setStatus, log }));
    assert.ok(performance.now() - began < 5_000);
    assert.deepEqual(statuses[0], { accountId: "main", enabled: true, configured: true, lastError: null });
    assert.match(statuses.at(-1).lastError, /nothing listens there/);
    const where = "[multi-openim:lifecycle] account=main";
    const why = "no connection to wsAddr ws://127.0.0.1:1: nothing listens there";
    assert.equal(lines.pop(), `${where} stopped`);
    assert.deepEqual(lines.sort(), [`${where} not connected: ${why}`, `${where} running`]);
  });

  test("stopAccount of an account that does not run does nothing", async () => {
    const { gateway, clients } = plugin();
    await gateway.stopAccount(host("main"));
    assert.equal(await clients.stopAccountClient("main"), false);
    assert.equal(await clients.stopAccountClient(undefined), false);
    await clients.stopAllClients();
  });

  test("lookups are strict", () => {
    const { clients } = plugin();
    for (const id of [undefined, null, "main", "nobody"]) {
      assert.equal(clients.getConnectedClient(id), null);
      assert.equal(clients.hasConnectedAccountClient(id), false);
    }
    assert.deepEqual([clients.connectedClientCount(), clients.listConnectedAccountIds()], [0, []]);
    assert.deepEqual(clients.snapshotAccountStatus("main"), {
      accountId: "main",
      enabled: true,
      configured: true,
      running: false,
      connected: false,
    });
  });
});
