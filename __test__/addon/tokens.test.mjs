// Tokens from JavaScript: endpoint and hook, what they may do wrong, offers, events, and the manager alone.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, describe, test } from "node:test";
import { createChannelPlugin, OpenImClient, RefreshManager } from "../../loader.js";
import { eventually, Inbox, loggedIn, logoutAll, sendTo } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

const HOOK = "__multiOpenimTokenRefresher";
const server = await devServer({ args: ["--control"] });
const dir = mkdtempSync(join(tmpdir(), "tokens-"));
after(() => rmSync(dir, { recursive: true, force: true }));
afterEach(async () => {
  delete globalThis[HOOK];
  await logoutAll();
});

let rooms = 0;
const room = () => join(dir, `state-${++rooms}`);
const login = async (userID, more) => server.login(userID, { token: await server.freshToken(userID), ...more });
/** The server calls the user's tokens expired from now on. */
const expire = (userID) => server.post("/control/token", { userID, platformID: 5, errCode: 1501 });
const cut = (userID) => server.post("/control/cut", { userID });
const setTokenEndpoint = (setup) => server.post("/control/set-token-endpoint", setup);
const http = (more) => ({
  mode: "http",
  http: {
    endpoint: `${server.login("alice").apiAddr}/control/token-endpoint/refresh`,
    body: { userID: "{accountId}" },
    responseTokenPath: "data.token",
    ...more,
  },
});

describe("mode http", () => {
  test("a refused token is replaced during a conversation: kept on disk, told, and nothing is lost", async () => {
    await setTokenEndpoint({ template: { data: { token: "{token}", refresh: "{refreshToken}" } } });
    const stateDir = room();
    const stateFile = join(dir, "state.json");
    writeFileSync(stateFile, JSON.stringify({ other: { keep: 1 }, bob: { refresh: "r0" } }));
    const told = [];
    const refresh = http({ stateFile, stateWriteBack: { refresh: "data.refresh" } });
    const params = await login("bob", { stateDir, tokenRefresh: refresh, onToken: (news) => told.push(news) });
    const { client, inbox } = await loggedIn(params);
    const { client: alice } = await loggedIn(await login("alice"));
    await sendTo(alice, "bob", "before");
    await inbox.message("before");
    await expire("bob");
    await cut("bob");
    await sendTo(alice, "bob", "meanwhile");
    await inbox.message("meanwhile");
    await eventually(() => client.status().connected, "connected");
    await sendTo(client, "alice", "an answer");

    assert.deepEqual(
      [...new Set(inbox.messages.map(({ text }) => text))].length,
      inbox.messages.length,
      "nothing twice",
    );
    const { data } = await inbox.event("OnUserTokenRefreshed");
    assert.ok(data.expiresAt > Date.now());
    assert.equal((await inbox.event("OnUserTokenExpired")).errCode, 1501);
    assert.deepEqual(
      told.map(({ accountId, userID }) => ({ accountId, userID })),
      [{ accountId: "bob", userID: "bob" }],
    );
    const kept = JSON.parse(readFileSync(join(stateDir, "multi-openim", "tokens.json"), "utf8"));
    assert.equal(kept.bob.token, told[0].token);
    assert.equal(statSync(join(stateDir, "multi-openim", "tokens.json")).mode & 0o777, 0o600);
    const state = JSON.parse(readFileSync(stateFile, "utf8"));
    assert.deepEqual(state.other, { keep: 1 });
    assert.match(state.bob.refresh, /^refresh-\d+$/);
    const { mode, refreshes, lastOutcome, marker } = client.status().token;
    assert.deepEqual(
      { mode, refreshes, lastOutcome, marker },
      { mode: "http", refreshes: 1, lastOutcome: "success", marker: null },
    );
    assert.ok(!JSON.stringify([client.status(), inbox.lines, inbox.events]).includes(told[0].token));
  });

  test("a file that is being uploaded while the token is replaced arrives", async () => {
    await setTokenEndpoint({});
    const { client } = await loggedIn(await login("carol", { tokenRefresh: http() }));
    const sent = Buffer.alloc(9_000_000, "content ");
    const path = join(dir, "large.bin");
    writeFileSync(path, sent);
    await server.post("/control/storage", { signatureMs: 200, failures: [{ method: "PUT", delayMs: 80 }] });
    const expired = [];
    const onProgress = () => void (expired.length > 0 || expired.push(expire("carol")));
    const { url } = await client.uploadFile({ path, onProgress });
    await Promise.all(expired);
    await server.post("/control/storage", {});
    assert.ok(sent.equals(Buffer.from(await (await fetch(url)).arrayBuffer())));
    await eventually(() => client.status().token.refreshes === 1 && client.status().connected, "a new session");
  });

  test("a call that is refused for its token waits for the new one and is made again", async () => {
    await setTokenEndpoint({ faults: [{ times: 1, delayMs: 300 }] });
    const { client } = await loggedIn(await login("dave", { tokenRefresh: http() }));
    await expire("dave");
    const [user] = await client.getUsersInfo(["alice"]);
    assert.equal(user.userID, "alice");
    assert.equal(client.status().token.refreshes, 1);
  });

  test("refreshToken asks once for all who ask at once, and again only after the floor", async () => {
    await setTokenEndpoint({ faults: [{ times: 1, delayMs: 300 }] });
    const { client } = await loggedIn(await login("bob", { tokenRefresh: http() }));
    const all = await Promise.all(Array.from({ length: 100 }, () => client.refreshToken("test")));
    assert.ok(all.every(({ outcome }) => outcome === "success"));
    assert.equal((await server.post("/control/token-endpoint-report", {})).requests, 1);
    const { outcome, reason, retryAfterMs } = await client.refreshToken();
    assert.deepEqual({ outcome, reason }, { outcome: "skipped", reason: "min-interval" });
    assert.ok(retryAfterMs > 20_000 && retryAfterMs <= 30_000);
    await client.logout();
    await assert.rejects(client.refreshToken(), { code: "OPENIM_CLOSED" });
    await assert.rejects(client.refreshToken(5), { code: "OPENIM_CONFIG" });
  });

  test("an incomplete http is said once and counts as off", async () => {
    const { client, inbox } = await loggedIn(await login("bob", { tokenRefresh: { mode: "http" } }));
    await inbox.until(
      () => inbox.lines.find(({ message }) => message.includes("counts as off: http.endpoint")),
      "the line",
    );
    assert.equal(client.status().token.mode, "off");
    const { outcome, reason } = await client.refreshToken();
    assert.deepEqual({ outcome, reason }, { outcome: "skipped", reason: "off" });
  });
});

describe("mode hook", () => {
  test("the global hook is asked with the account and the reason, and its token is used", async () => {
    const asked = [];
    globalThis[HOOK] = async (...args) => {
      asked.push(args);
      return { token: await server.freshToken("bob"), userID: "bob" };
    };
    const { client } = await loggedIn(await login("bob", { accountId: "support" }));
    await expire("bob");
    await cut("bob");
    await eventually(() => client.status().token.refreshes === 1 && client.status().connected, "a new session");
    assert.deepEqual(asked, [["support", "OnUserTokenExpired"]]);
  });

  test("without a hook the account ends as it always did, with a marker", async () => {
    const stateDir = room();
    const { client, inbox } = await loggedIn(await login("bob", { stateDir, accountId: "support" }));
    await expire("bob");
    await cut("bob");
    await inbox.event("OnStopped");
    const { state, lastErrorCode, token } = client.status();
    assert.deepEqual([state, lastErrorCode], ["failed", "OPENIM_TOKEN_EXPIRED"]);
    const marker = JSON.parse(readFileSync(token.marker, "utf8"));
    assert.equal(token.marker, join(stateDir, "multi-openim", "manual-login.support.json"));
    assert.deepEqual([marker.accountId, marker.userID, marker.retrying], ["support", "bob", false]);
    assert.ok(inbox.eventNames().includes("OnUserTokenExpired"));
    // A new token brings it back and takes the marker away.
    await loggedIn(await login("bob", { stateDir, accountId: "support" }));
    await eventually(() => !existsSync(token.marker), "no marker");
  });

  for (const [what, refresher, ends, words] of [
    ["returns null", () => null, true, /has no token/],
    [
      "throws",
      () => {
        throw new Error("backend s3cret-free words");
      },
      false,
      /backend s3cret-free words/,
    ],
    [
      "throws nothing at all",
      () => {
        throw null;
      },
      false,
      /refresher failed/,
    ],
    ["rejects", () => Promise.reject(new Error("no")), false, /refresher failed: no/],
    ["returns a text", () => "token", false, /must return/],
    ["returns a token that is none", () => ({ token: "two words" }), false, /is no token/],
    ["returns somebody else's token", () => ({ token: "opaque", userID: "eve" }), false, /"eve"'s/],
    [
      "returns what cannot be read",
      () => ({
        get token() {
          throw new Error("gotcha");
        },
      }),
      false,
      /gotcha/,
    ],
  ]) {
    test(`a hook that ${what} is a failure that says so`, async () => {
      const stateDir = room();
      const { client } = await loggedIn(await login("bob", { stateDir, tokenRefresher: refresher }));
      await expire("bob");
      await cut("bob");
      const over = ends ? "failed" : "recovering";
      await eventually(() => client.status().state === over && words.test(client.status().lastError), over);
      const needsPerson = !["returns a token that is none", "returns somebody else's token"].includes(what);
      assert.equal(client.status().token.marker !== null, needsPerson);
    });
  }

  test("tokenRefresher is a function or nothing", async () => {
    const client = new OpenImClient(() => {});
    for (const member of ["tokenRefresher", "onToken"]) {
      await assert.rejects(client.login(await login("bob", { [member]: 5 })), {
        code: "OPENIM_CONFIG",
        message: `${member} is a function`,
      });
    }
  });
});

describe("offerToken", () => {
  test("takes a newer token live, and says what became of any other", async () => {
    const { client, inbox } = await loggedIn(await login("bob"));
    const token = await server.freshToken("bob");
    assert.equal((await client.offerToken(token)).outcome, "taken");
    await eventually(() => client.status().connects === 2 && client.status().connected, "a new session");
    assert.equal((await client.offerToken(token)).outcome, "known");
    const { outcome, reason } = await client.offerToken(await server.freshToken("alice"));
    assert.equal(outcome, "refused");
    assert.match(reason, /"alice"'s, not "bob"'s/);
    assert.ok(!inbox.eventNames().includes("OnDisconnected"));
    await assert.rejects(client.offerToken(7), { code: "OPENIM_CONFIG" });
  });
});

test("the descriptor refreshes and offers by account, tells the host, and a failing host is a warning", async () => {
  await setTokenEndpoint({ template: { data: { token: "{token}" } } });
  const lines = [];
  const log = Object.fromEntries(
    ["debug", "info", "warn", "error"].map((level) => [level, (line) => lines.push(line)]),
  );
  const told = [];
  const plugin = createChannelPlugin({
    channel: { accounts: { bob: await login("bob") }, tokenRefresh: http() },
    logger: log,
    stateDir: room(),
    onToken: (news) => {
      told.push(news.accountId);
      throw new Error("read-only");
    },
  });
  const stop = new AbortController();
  const running = plugin.gateway.startAccount({
    accountId: "bob",
    abortSignal: stop.signal,
    getStatus: () => ({}),
    setStatus() {},
  });
  await eventually(() => plugin.clients.hasConnectedAccountClient("bob"), "connected");
  assert.equal((await plugin.tokens.refresh("bob", "test")).outcome, "success");
  assert.deepEqual(told, ["bob"]);
  await eventually(() => lines.some((line) => line.includes("not in the configuration: read-only")), "the warning");
  assert.equal((await plugin.tokens.offer("bob", await server.freshToken("bob"))).outcome, "taken");
  assert.match((await plugin.tokens.refresh("nobody")).reason, /"nobody" is not running/);
  assert.match((await plugin.tokens.offer("nobody", "x")).reason, /is read when it starts/);
  stop.abort();
  await running;
});

describe("RefreshManager", () => {
  let managers = 0;
  // Each its own: managers of one name share what they fetch.
  const opaque = () => ({ accountId: `manager-${++managers}`, userID: "bot", token: "old" });

  test("persists first, tells second, reconnects third", async () => {
    const order = [];
    const manager = new RefreshManager(opaque(), {
      refresher: (accountId, reason) => {
        order.push(`ask ${accountId} ${reason}`);
        return { token: "new" };
      },
      persist: ({ token }) => order.push(`persist ${token} over ${manager.currentToken()}`),
      onToken: async ({ token }) => order.push(`tell ${token} over ${manager.currentToken()}`),
      reconnect: () => order.push(`reconnect with ${manager.currentToken()}`),
    });
    await manager.start();
    const { outcome } = await manager.refresh("OnUserTokenExpired");
    assert.equal(outcome, "success");
    await eventually(() => order.length === 4, "all four");
    assert.deepEqual(order, [
      "ask manager-1 OnUserTokenExpired",
      "persist new over old",
      "tell new over old",
      "reconnect with new",
    ]);
    manager.stop();
    assert.deepEqual((await manager.refresh()).reason, "stopped");
  });

  test("keeps the old token while the new one cannot be stored, and asks nobody twice", async () => {
    let asked = 0;
    let full = true;
    const manager = new RefreshManager(opaque(), {
      refresher: () => ({ token: `new-${++asked}` }),
      persist: () => {
        if (full) throw new Error("disk full");
      },
    });
    const failed = await manager.refresh();
    assert.equal(failed.outcome, "transient");
    assert.match(failed.reason, /disk full/);
    assert.equal(manager.currentToken(), "old");
    full = false;
    assert.equal((await manager.refresh()).outcome, "success");
    assert.deepEqual([manager.currentToken(), asked], ["new-1", 1]);
  });

  test("says when nobody will give a token, and passes its guard on", async () => {
    const said = [];
    const callbacks = { refresher: () => null, onPermanentFailure: async (reason) => said.push(reason) };
    const config = opaque();
    const manager = new RefreshManager(config, callbacks);
    assert.equal((await manager.refresh("OnUserTokenInvalid")).outcome, "permanent");
    assert.deepEqual(said, ["the token refresher has no token"]);
    const guard = manager.guardState();
    assert.ok(!guard.includes("old"));
    const next = new RefreshManager({ ...config, guard }, callbacks);
    assert.equal((await next.refresh()).reason, "min-interval");
  });

  test("knows when its token is near its end, and takes an offer", async () => {
    const claims = (iat, exp) =>
      `e30.${Buffer.from(JSON.stringify({ UserID: "bot", PlatformID: 5, iat, exp })).toString("base64url")}.c2ln`;
    const now = Math.floor(Date.now() / 1000);
    const manager = new RefreshManager({ ...opaque(), token: claims(now - 86_000, now + 400) });
    assert.equal(manager.isNearExpiry(), true);
    const fresh = claims(now, now + 86_400);
    assert.equal((await manager.offer(fresh)).outcome, "taken");
    assert.deepEqual([manager.isNearExpiry(), manager.currentToken() === fresh], [false, true]);
    assert.equal(manager.status().expiresAt, (now + 86_400) * 1000);
  });

  test("refuses what is no configuration, and lets a process end", async () => {
    assert.throws(() => new RefreshManager(), { code: "OPENIM_CONFIG" });
    assert.throws(() => new RefreshManager({ userID: "x" }), { code: "OPENIM_CONFIG" });
    assert.throws(() => new RefreshManager(opaque(), { refresher: 5 }), { code: "OPENIM_CONFIG" });
  });
});
