// OpenImClient against the dev server: the life of a login, and messages both ways.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { OpenImClient } from "../../loader.js";
import { eventually, Inbox, loggedIn, logoutAll, sendTo } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

const server = await devServer();
afterEach(logoutAll);

describe("login", () => {
  test("resolves online, with the events of a connection in order", async () => {
    const inbox = new Inbox();
    const client = new OpenImClient(inbox.onBatch);
    assert.equal(client.status().state, "idle");
    const result = await client.login(server.login("alice", { accountId: "support" }));
    assert.deepEqual(result, { accountId: "support", userID: "alice", platformID: 5 });
    const { state, connected, connects, accountId, userID } = client.status();
    assert.deepEqual(
      { state, connected, connects, accountId, userID },
      { state: "online", connected: true, connects: 1, accountId: "support", userID: "alice" },
    );
    await inbox.event("OnSyncServerFinish");
    assert.deepEqual(inbox.eventNames(), [
      "OnConnecting",
      "OnConnectSuccess",
      "OnSyncServerStart",
      "OnSyncServerFinish",
    ]);
    assert.deepEqual(inbox.events[0].data, { attempt: 1 });
    await client.logout();
  });

  test("names the account after its user where nobody named it", async () => {
    const { client } = await loggedIn(server.login("alice"));
    assert.equal(client.status().accountId, "alice");
  });

  test("is refused while the client is logged in", async () => {
    const { client } = await loggedIn(server.login("alice"));
    await assert.rejects(client.login(server.login("alice")), { code: "OPENIM_ALREADY_RUNNING" });
    assert.equal(client.status().connected, true);
  });

  test("is refused for another account with the same login, by both names", async () => {
    await loggedIn(server.login("alice", { accountId: "one" }));
    await assert.rejects(loggedIn(server.login("alice", { accountId: "two" })), (error) => {
      assert.equal(error.code, "OPENIM_ALREADY_RUNNING");
      assert.match(error.message, /"one" and "two" use the same login/);
      return true;
    });
  });

  test("of the same account elsewhere in the process takes over", async () => {
    const older = await loggedIn(server.login("alice", { accountId: "one" }));
    const newer = await loggedIn(server.login("alice", { accountId: "one" }));
    await older.inbox.event("OnStopped");
    assert.equal(older.client.status().state, "stopped");
    assert.equal(newer.client.status().connected, true);
    assert.ok(!newer.inbox.eventNames().includes("OnKickedOffline"));
  });

  test("with a dead token is rejected with the server's code and nothing goes on", async () => {
    const stale = server.login("dave");
    await server.kick("dave");
    const inbox = new Inbox();
    const client = new OpenImClient(inbox.onBatch);
    await assert.rejects(client.login({ ...stale, accountId: "d" }), (error) => {
      assert.match(error.code, /^OPENIM_(KICKED|TOKEN_INVALID|TOKEN_EXPIRED)$/);
      assert.ok(error.errCode > 0 && error.errMsg.length > 0);
      assert.deepEqual([error.retryable, error.accountId, error.op], [false, "d", "login"]);
      return true;
    });
    await inbox.event("OnStopped");
    assert.equal(client.status().state, "failed");
    await client.login({ ...stale, token: await server.freshToken("dave") });
    assert.equal(client.status().state, "online");
    await client.logout();
  });

  test("until started resolves before there is a connection and goes on by itself", async () => {
    const inbox = new Inbox();
    const client = new OpenImClient(inbox.onBatch);
    await client.login(server.login("alice", { until: "started" }));
    await inbox.event("OnSyncServerFinish");
    assert.equal(client.status().state, "online");
    await client.logout();
  });
});

describe("logout", () => {
  test("settles when called again, before a login and during one", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const client = new OpenImClient(() => {});
    await client.logout();
    const wsAddr = `ws://127.0.0.1:${silent.address().port}`;
    const cancelled = assert.rejects(client.login(server.login("alice", { wsAddr })), { code: "OPENIM_CANCELLED" });
    await Promise.all([client.logout(), client.logout()]);
    await cancelled;
    assert.equal(client.status().connected, false);
    silent.close();
  });

  test("ends the callbacks at once, also for what is on its way", async () => {
    const [alice, bot] = await Promise.all([loggedIn(server.login("alice")), loggedIn(server.login("bot_7"))]);
    await Promise.all(Array.from({ length: 50 }, (_, i) => sendTo(alice.client, "bot_7", `before ${i}`)));
    const leaving = bot.client.logout();
    const seen = bot.inbox.batches.length;
    await leaving;
    await sendTo(alice.client, "bot_7", "after");
    await new Promise(setImmediate);
    assert.equal(bot.inbox.batches.length, seen);
    assert.equal(bot.client.status().state, "stopped");
  });

  test("leaves what was not handed over for the next login, marked offline", async () => {
    const [alice, bot] = await Promise.all([loggedIn(server.login("alice")), loggedIn(server.login("bot_7"))]);
    await bot.client.logout();
    await sendTo(alice.client, "bot_7", "while you were away");
    // The server stores after its answer; until then the message would be pushed to who is back.
    await sleep(200);
    const back = await loggedIn(server.login("bot_7"));
    const message = await back.inbox.message("while you were away");
    assert.equal(message.offline, true);
  });
});

describe("messages", () => {
  test("go both ways between two clients, in a direct chat", async () => {
    const [alice, bot] = await Promise.all([loggedIn(server.login("alice")), loggedIn(server.login("bot_7"))]);
    const question = await sendTo(alice.client, "bot_7", "how are you?");
    assert.equal(question.status, 2);
    assert.match(question.serverMsgID, /^\w{32}$/);
    const heard = await bot.inbox.message("how are you?");
    for (const name of ["clientMsgID", "serverMsgID", "conversationID", "sendID", "recvID", "sendTime", "content"]) {
      assert.equal(heard[name], question[name], name);
    }
    assert.deepEqual([heard.sessionType, heard.contentType, heard.msgFrom], [1, 101, 100]);
    assert.equal(heard.conversationID, "si_alice_bot_7");
    assert.deepEqual(heard.textElem, { content: "how are you?" });
    await sendTo(bot.client, "alice", "well");
    assert.equal((await alice.inbox.message("well")).sendID, "bot_7");
  });

  test("reach a group, and not the one who wrote them", async () => {
    const [alice, bob, bot] = await Promise.all(["alice", "bob", "bot_7"].map((id) => loggedIn(server.login(id))));
    const sent = await bot.client.sendMessage({ groupID: "g100", message: bot.client.createTextMessage("hello all") });
    assert.deepEqual([sent.sessionType, sent.groupID, sent.recvID], [3, "g100", ""]);
    for (const { inbox } of [alice, bob]) {
      const heard = await inbox.message("hello all");
      assert.deepEqual([heard.sessionType, heard.groupID, heard.sendID], [3, "g100", "bot_7"]);
    }
    await sendTo(alice.client, "bot_7", "marker");
    await bot.inbox.message("marker");
    assert.ok(!bot.inbox.messages.some(({ text }) => text === "hello all"));
  });

  test("have the shape of createTextMessage, member by member", async () => {
    const [alice, bot] = await Promise.all([loggedIn(server.login("alice")), loggedIn(server.login("bot_7"))]);
    const made = alice.client.createTextMessage("shape");
    await alice.client.sendMessage({ recvID: "bot_7", message: made });
    const heard = await bot.inbox.message("shape");
    assert.deepEqual(Object.keys(heard).sort(), Object.keys(made).sort());
    assert.equal(heard.clientMsgID, made.clientMsgID);
    for (const name of Object.keys(made)) assert.equal(typeof heard[name], typeof made[name], name);
  });

  test("the server refuses reject with its code and its name", async () => {
    const { client } = await loggedIn(server.login("alice"));
    await assert.rejects(
      client.sendMessage({ groupID: "nowhere", message: client.createTextMessage("x") }),
      (error) => {
        assert.ok(error instanceof Error);
        assert.ok(error.errCode > 0 && error.errMsg.length > 0);
        assert.deepEqual([error.accountId, error.maybeDelivered, error.retryAfterMs], ["alice", false, null]);
        return true;
      },
    );
    await eventually(() => client.status().sendFailures === 1, "the failure is counted");
  });

  test("need a login", async () => {
    const client = new OpenImClient(() => {});
    await assert.rejects(sendTo(client, "bob", "x"), { code: "OPENIM_CLOSED", op: "sendMessage" });
  });
});

test("a kick ends the login for good and says so", async () => {
  const { client, inbox } = await loggedIn(server.login("carol"));
  await server.kick("carol");
  await inbox.event("OnStopped");
  const terminal = inbox.events.find(({ event }) => /^On(KickedOffline|UserToken)/.test(event));
  assert.match(terminal.data.code, /^OPENIM_/);
  const { state, connected, lastErrorCode } = client.status();
  assert.deepEqual(
    { state, connected, lastErrorCode },
    { state: "failed", connected: false, lastErrorCode: terminal.data.code },
  );
});

test("shutdownAll ends every client", async () => {
  const { shutdownAll } = await import("../../loader.js");
  const clients = await Promise.all(["alice", "bob"].map((id) => loggedIn(server.login(id))));
  await shutdownAll(4_000);
  for (const { client } of clients) assert.equal(client.status().state, "stopped");
  await assert.rejects(shutdownAll(-1), { code: "OPENIM_CONFIG" });
});
