// The descriptor against the dev server: accounts that start, answer, are kicked, taken over and stopped.
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { createChannelPlugin } from "../../loader.js";
import { eventually, loggedIn, logoutAll, sendTo } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

const BOTS = Array.from({ length: 20 }, (_, i) => `bot_${i}`);
const server = await devServer({ people: ["alice", "bob", ...BOTS] });
const plugins = [];
afterEach(async () => {
  await Promise.all(plugins.splice(0).map(({ clients }) => clients.stopAllClients()));
  await logoutAll();
});

/** A descriptor with these bots as accounts, what it logged, and a host for each start. */
function stage({ bots = [BOTS.pop()], dispatchInbound, ...more } = {}) {
  const logged = [];
  const line = (level) => (message) => logged.push(`${level} ${message}`);
  const logger = { info: line("info"), warn: line("warn"), error: line("error") };
  const plugin = createChannelPlugin({ channel: server.channel(bots, more), logger, dispatchInbound });
  plugins.push(plugin);

  function start(accountId) {
    const abort = new AbortController();
    const statuses = [];
    const ctx = {
      cfg: undefined,
      accountId,
      abortSignal: abort.signal,
      getStatus: () => ({ hostsOwn: true }),
      setStatus: (status) => statuses.push(status),
    };
    const running = plugin.gateway.startAccount(ctx);
    running.catch(() => {});
    const last = () => statuses.at(-1);
    const connected = () => eventually(() => last()?.connected === true, `${accountId} is connected`);
    return { abort, statuses, ctx, running, last, connected };
  }

  return { plugin, logged, start, bot: bots[0], bots };
}

describe("an account that starts", () => {
  test("is pending until the abort, says how it is, and stops within five seconds", async () => {
    const { plugin, logged, start, bot } = stage();
    const { abort, statuses, running, connected, last } = start(bot);
    await connected();
    assert.deepEqual(statuses[0], { hostsOwn: true, accountId: bot, enabled: true, configured: true, lastError: null });
    const { hostsOwn, state, userID, running: isRunning, lastConnectedAt, lastTransportActivityAt } = last();
    assert.deepEqual({ hostsOwn, userID, isRunning }, { hostsOwn: true, userID: bot, isRunning: true });
    assert.match(state, /^(syncing|online)$/);
    assert.ok(lastConnectedAt > 0 && lastTransportActivityAt > 0);
    assert.ok(!JSON.stringify(statuses).includes(server.login(bot).token));
    assert.equal(
      await Promise.race([running.then(() => "over"), new Promise((r) => setImmediate(r, "pending"))]),
      "pending",
    );
    assert.deepEqual(plugin.clients.listConnectedAccountIds(), [bot]);
    assert.equal(plugin.clients.connectedClientCount(), 1);
    assert.equal(plugin.clients.getConnectedClient(bot).status().userID, bot);
    assert.deepEqual(plugin.clients.snapshotAccountStatus(bot), {
      accountId: bot,
      enabled: true,
      configured: true,
      running: true,
      connected: true,
      lastConnectedAt,
    });
    const began = performance.now();
    abort.abort();
    await running;
    assert.ok(performance.now() - began < 5_000);
    assert.deepEqual(plugin.clients.listConnectedAccountIds(), []);
    assert.deepEqual(logged, [
      `info [multi-openim:lifecycle] account=${bot} running`,
      `info [multi-openim:lifecycle] account=${bot} stopped`,
    ]);
  });

  test("is stopped by stopAccount in parallel with the abort, too", async () => {
    const { plugin, start, bot } = stage();
    const { abort, running, ctx, connected } = start(bot);
    await connected();
    abort.abort();
    await Promise.all([plugin.gateway.stopAccount(ctx), running]);
    assert.equal(plugin.clients.hasConnectedAccountClient(bot), false);
  });

  test("can be started again at once", async () => {
    const { start, bot } = stage();
    const first = start(bot);
    await first.connected();
    first.abort.abort();
    const second = start(bot);
    await Promise.all([first.running, second.connected()]);
  });

  test("can be started as a client alone, once, and stopped by its name", async () => {
    const { plugin, bot } = stage();
    const { clients } = plugin;
    const [one, same] = [
      await clients.startAccountClient({}, { accountId: bot }),
      await clients.startAccountClient({ accountId: bot }),
    ];
    assert.equal(one, same);
    await eventually(() => clients.getConnectedClient(bot) === one, "it is connected");
    assert.equal(await clients.stopAccountClient(bot), true);
    assert.equal(await clients.stopAccountClient(bot), false);
    assert.equal(one.status().state, "stopped");
  });

  test("is stopped and forgotten by _internal_resetClients, and can be started again", async () => {
    const { plugin, bot } = stage();
    const { clients } = plugin;
    const one = await clients.startAccountClient({}, { accountId: bot });
    await eventually(() => clients.getConnectedClient(bot) === one, "it is connected");
    await clients._internal_resetClients();
    assert.equal(one.status().state, "stopped");
    assert.deepEqual([clients.getConnectedClient(bot), clients.listConnectedAccountIds()], [null, []]);
    assert.notEqual(await clients.startAccountClient({}, { accountId: bot }), one);
  });

  test("leaves the others alone when it stops", async () => {
    const { plugin, start, bots } = stage({ bots: [BOTS.pop(), BOTS.pop()] });
    const [one, other] = bots.map(start);
    await Promise.all([one.connected(), other.connected()]);
    const before = plugin.clients.getConnectedClient(bots[1]).status().connects;
    one.abort.abort();
    await one.running;
    assert.deepEqual(plugin.clients.listConnectedAccountIds(), [bots[1]]);
    assert.equal(plugin.clients.getConnectedClient(bots[1]).status().connects, before);
  });
});

describe("a message to an account", () => {
  test("reaches the dispatcher with the host's context and the account's state, and an answer goes back", async () => {
    const calls = [];
    const { start, bot } = stage({
      async dispatchInbound(ctx, state, message) {
        calls.push({ ctx, state, message });
        assert.deepEqual(
          await state.sendText(`user:${message.sendID}`, `you said ${message.text}`).then(({ ok }) => ok),
          true,
        );
      },
    });
    const { ctx, connected, last } = start(bot);
    await connected();
    const alice = await loggedIn(server.login("alice"));
    await sendTo(alice.client, bot, "hello");
    assert.equal((await alice.inbox.message("you said hello")).sendID, bot);
    const [{ ctx: given, state, message }] = calls;
    assert.equal(given, ctx);
    assert.deepEqual([state.accountId, state.selfId, state.account.userID], [bot, bot, bot]);
    assert.deepEqual([message.text, message.sendID, message.sessionType], ["hello", "alice", 1]);
    await eventually(() => last().acked === 1 && last().lastInboundAt > 0, "the status tells of the traffic");
  });

  test("comes again when the dispatcher rejects or throws, with a line in the log that does not quote it", async () => {
    const times = new Map();
    const { start, logged, bot } = stage({
      dispatchInbound(ctx, state, { text, redelivered }) {
        times.set(text, [...(times.get(text) ?? []), redelivered]);
        if (times.get(text).length > 1) return undefined;
        if (text === "throw it") throw new Error("thrown");
        return Promise.reject(new Error("rejected"));
      },
    });
    await start(bot).connected();
    const alice = await loggedIn(server.login("alice"));
    for (const text of ["throw it", "reject it"]) await sendTo(alice.client, bot, text);
    for (const text of ["throw it", "reject it"]) {
      await eventually(() => times.get(text)?.length === 2, `${text} comes again`);
      assert.deepEqual(times.get(text), [false, true]);
    }
    const lines = logged.filter((line) => line.includes("comes again"));
    assert.deepEqual(lines.map((line) => line.replace(/message \w{32}/, "message ID")).sort(), [
      `warn [multi-openim:inbound] account=${bot} message ID comes again: rejected`,
      `warn [multi-openim:inbound] account=${bot} message ID comes again: thrown`,
    ]);
    assert.ok(!logged.some((line) => line.includes("throw it") || line.includes("reject it")));
  });

  test("is settled by the first of state.ack, state.nack and the promise", async () => {
    const turns = [];
    const { plugin, start, bot } = stage({
      dispatchInbound: (ctx, state, message) =>
        new Promise((resolve, reject) => turns.push({ state, message, resolve, reject })),
    });
    await start(bot).connected();
    const client = plugin.clients.getConnectedClient(bot);
    const alice = await loggedIn(server.login("alice"));
    await sendTo(alice.client, bot, "early ack");
    await sendTo(alice.client, bot, "early nack");
    await eventually(() => turns.length === 2, "both are dispatched, neither waits for the other");
    const [acked, nacked] = turns;
    acked.state.ack(acked.message);
    assert.equal(client.status().acked, 1);
    acked.reject(new Error("too late"));
    nacked.state.nack({ ...nacked.message });
    nacked.resolve();
    await eventually(() => turns.length === 3, "the refused one comes again");
    const { acked: settled, refused } = client.status();
    assert.deepEqual({ settled, refused }, { settled: 1, refused: 1 });
    // An old turn's late word does not settle the new delivery.
    nacked.state.ack(nacked.message);
    assert.equal(client.status().unacked, 1);
    turns[2].resolve();
    await eventually(() => client.status().unacked === 0, "the new turn settles it");
  });

  test("waits for a dispatcher where none is set", async () => {
    const { plugin, start, bot, logged } = stage();
    await start(bot).connected();
    const alice = await loggedIn(server.login("alice"));
    await sendTo(alice.client, bot, "anybody there?");
    await eventually(() => logged.some((line) => line.includes("no inbound dispatcher is set")), "the log says so");
    const heard = new Promise((resolve) => {
      plugin.clients.setInboundDispatcher(async (ctx, state, message) => resolve(message));
    });
    const keepAlive = setInterval(() => {}, 1_000);
    assert.equal((await heard).redelivered, true);
    clearInterval(keepAlive);
  });
});

describe("sendText", () => {
  test("resolves with all ids, to a user and to a group", async () => {
    const { plugin, start, bot } = stage();
    await start(bot).connected();
    const alice = await loggedIn(server.login("alice"));
    const sent = await plugin.outbound.sendText({ to: "multi-openim:user:alice", text: "direct", accountId: bot });
    const heard = await alice.inbox.message("direct");
    assert.deepEqual(sent, {
      ok: true,
      provider: "multi-openim",
      messageId: heard.clientMsgID,
      serverMessageId: heard.serverMsgID,
      conversationId: heard.conversationID,
    });
    const { conversationId } = await plugin.outbound.sendText({ to: "group:g100", text: "to all", accountId: bot });
    assert.equal(conversationId, "sg_g100");
    assert.equal((await alice.inbox.message("to all")).groupID, "g100");
  });

  test("keeps the id a caller gives", async () => {
    const { plugin, start, bot } = stage();
    await start(bot).connected();
    const alice = await loggedIn(server.login("alice"));
    const to = { to: "user:alice", accountId: bot };
    const sent = await plugin.outbound.sendText({ ...to, text: "known again", clientMsgID: "an-id-of-ones-own" });
    assert.equal(sent.messageId, "an-id-of-ones-own");
    assert.equal((await alice.inbox.message("known again")).clientMsgID, "an-id-of-ones-own");
  });

  test("tells the server's refusal with its code", async () => {
    const { plugin, start, bot } = stage();
    await start(bot).connected();
    const result = await plugin.outbound.sendText({ to: "group:nowhere", text: "x", accountId: bot });
    assert.equal(result.ok, false);
    assert.ok(result.error instanceof Error);
    assert.match(result.error.message, /errCode \d+/);
    assert.match(result.code, /^OPENIM_/);
    assert.equal(result.error.code, result.code);
    assert.equal(result.maybeDelivered, false);
  });
});

test("a kick is final: the host is told to leave it, and why", async () => {
  const { start, bot, logged } = stage();
  const { running, connected, last } = start(bot);
  await connected();
  await server.kick(bot);
  await running;
  const { terminalDisconnect, connected: isConnected, running: isRunning, lastError, lastErrorCode } = last();
  assert.deepEqual(
    { terminalDisconnect, isConnected, isRunning },
    { terminalDisconnect: true, isConnected: false, isRunning: false },
  );
  assert.match(lastErrorCode, /^OPENIM_(KICKED|TOKEN_INVALID)$/);
  assert.ok(lastError.length > 0 && lastError.length <= 500);
  assert.ok(logged.some((line) => line.startsWith(`error [multi-openim:lifecycle] account=${bot} ended for good: `)));
});

test("a newer start of the same account takes over, and the older one does not fight for it", async () => {
  const older = stage();
  const newer = stage({ bots: [older.bot] });
  const first = older.start(older.bot);
  await first.connected();
  const second = newer.start(older.bot);
  await Promise.all([first.running, second.connected()]);
  assert.equal(first.last().terminalDisconnect, true);
  assert.match(first.last().lastError, /was taken over by a newer start/);
  assert.equal(newer.plugin.clients.hasConnectedAccountClient(older.bot), true);
});

test("two accounts of one login: the second is refused with both names", async () => {
  const bot = BOTS.pop();
  const login = server.login(bot);
  const plugin = createChannelPlugin({ channel: { accounts: { one: login, two: login } }, logger: {} });
  plugins.push(plugin);
  const start = (accountId) => plugin.gateway.startAccount({ accountId, setStatus() {} });
  const first = start("one");
  await eventually(() => plugin.clients.hasConnectedAccountClient("one"), "the first is connected");
  await assert.rejects(start("two"), (error) => {
    assert.equal(error.code, "OPENIM_ALREADY_RUNNING");
    assert.match(error.message, /^multi-openim account "two" failed to connect: .*"one" and "two" use the same login/);
    return true;
  });
  assert.equal(plugin.clients.hasConnectedAccountClient("one"), true);
  await plugin.clients.stopAllClients();
  await first;
});

test("a host whose callbacks throw disturbs nothing", async () => {
  const bot = BOTS.pop();
  const logger = {
    get warn() {
      throw new Error("no logging today");
    },
    info() {
      throw new Error("none at all");
    },
  };
  const plugin = createChannelPlugin({ channel: server.channel([bot]), logger });
  plugins.push(plugin);
  const abort = new AbortController();
  const running = plugin.gateway.startAccount({
    accountId: bot,
    abortSignal: abort.signal,
    setStatus() {
      throw new Error("the host is upset");
    },
  });
  await eventually(() => plugin.clients.hasConnectedAccountClient(bot), "it is connected all the same");
  abort.abort();
  await running;
});
