// Accounts through the host's life: edits, reinstalls and restarts, counted on the wire.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CHANNEL, connected, PLUGIN } from "../../scripts/lib/rig.mjs";
import { BOTS, startStage } from "./lib/stage.mjs";

const RETRIES = 30;

let stage;
let alice;
let bob;

const set = (path, value) =>
  stage.host.cli(["config", "set", `channels.${CHANNEL}.accounts.${path}`, JSON.stringify(value), "--strict-json"]);
const logins = (account) => stage.wire.of(BOTS[account]).logins;

/** Waits for one more login of an account, then for the host to see it connected. */
async function oneMoreLogin(account, before) {
  await stage.wire.until(BOTS[account], (counts) => counts.logins > before && counts.open === 1, {
    what: `a new login of account ${account}`,
  });
  await connected(stage.host, account);
}

before(async () => {
  stage = await startStage({
    name: "lifecycle",
    accounts: { a: { allowFrom: ["alice"] }, b: { allowFrom: ["alice"] } },
  });
  alice = await stage.person("alice");
  bob = await stage.person("bob");
});
after(() => stage?.cleanup.run());

test("every account logs in once", async () => {
  await stage.exchange(alice, { bot: "a" });
  await stage.exchange(alice, { bot: "b" });
  assert.deepEqual(
    [stage.wire.of(BOTS.a), stage.wire.of(BOTS.b)],
    [
      { logins: 1, open: 1, mostOpen: 1 },
      { logins: 1, open: 1, mostOpen: 1 },
    ],
  );
});

test("an edit of one account restarts it and leaves the other's socket", async () => {
  const before = logins("b");
  await set("b.textChunkLimit", 500);
  await oneMoreLogin("b", before);
  await stage.exchange(alice, { bot: "a" });
  await stage.exchange(alice, { bot: "b" });
  assert.deepEqual(stage.wire.of(BOTS.a), { logins: 1, open: 1, mostOpen: 1 });
});

test("who may write changes without a new login", async () => {
  const before = [logins("a"), logins("b")];
  await set("a.dmPolicy", "open");
  await set("a.allowFrom", ["*"]);
  let word;
  for (let i = 0; i < RETRIES && !(word && stage.wasAsked(word)); i++) {
    word = await stage.ask(bob, { bot: "a" });
    await stage.exchange(alice, { bot: "a" });
  }
  await stage.answer(bob, word, { bot: "a" });
  assert.deepEqual([logins("a"), logins("b")], before);
});

test("a reinstall of the plugin leaves exactly one login per account", async () => {
  const before = { a: logins("a"), b: logins("b") };
  await stage.host.installPlugin(PLUGIN, stage.registry.url);
  await Promise.all([oneMoreLogin("a", before.a), oneMoreLogin("b", before.b)]);
  await stage.exchange(alice, { bot: "a" });
  await stage.exchange(alice, { bot: "b" });
  assert.deepEqual([stage.wire.of(BOTS.a).open, stage.wire.of(BOTS.b).open], [1, 1]);
});

test("a restart of the gateway leaves exactly one login per account", async () => {
  const before = { a: logins("a"), b: logins("b") };
  await stage.host.stop();
  assert.deepEqual([stage.wire.of(BOTS.a).open, stage.wire.of(BOTS.b).open], [0, 0]);
  await stage.startGateway();
  await Promise.all([oneMoreLogin("a", before.a), oneMoreLogin("b", before.b)]);
  await stage.exchange(alice, { bot: "a" });
  assert.deepEqual([logins("a"), logins("b")], [before.a + 1, before.b + 1]);
});

/** An account's status once it satisfies `wanted`; the gateway is asked at most once a second or so. */
async function status(account, wanted) {
  let seen;
  for (let i = 0; i < RETRIES; i++) {
    seen = await stage.host.accountStatus(CHANNEL, account);
    if (wanted(seen)) return seen;
  }
  assert.fail(`the status of account ${account} stayed ${JSON.stringify(seen)}`);
}

/** Our own issue about an account: the host has one of its own, of the kind `runtime`. */
async function issueOf(account) {
  const { statusIssues } = await stage.host.call("channels.status", {});
  return statusIssues.find(({ accountId, kind }) => accountId === account && kind !== "runtime");
}

test("a kick ends the account with a reason and a remedy, and nobody kicks back", async () => {
  const before = [logins("a"), logins("b")];
  const other = await stage.person(BOTS.b, { token: await stage.anotherToken(BOTS.b) });
  const { lifecycle, connected: online, lastError } = await status("b", ({ terminalDisconnect }) => terminalDisconnect);
  assert.deepEqual([lifecycle, online], ["blocked", false]);
  assert.match(lastError, /\(OPENIM_KICKED\)$/);
  assert.match((await issueOf("b")).fix, /platformID/);
  await stage.exchange(alice, { bot: "a" });
  assert.deepEqual([logins("a"), logins("b")], before);
  await other.stop();
});

test("a new token brings a kicked account back", async () => {
  const before = logins("b");
  await set("b.token", await stage.anotherToken(BOTS.b));
  await oneMoreLogin("b", before);
  await stage.exchange(alice, { bot: "b" });
});

test("a token the server rejects ends the account with a reason and a remedy, and no second try", async () => {
  const before = [logins("a"), logins("b")];
  // A newer one than the account has: an older one it would not even try.
  const token = await stage.anotherToken(BOTS.b);
  await set("b.token", `${token.slice(0, -4)}AAAA`);
  const { lastError } = await status("b", ({ terminalDisconnect }) => terminalDisconnect);
  assert.ok(!lastError.includes(token.slice(0, 20)));
  const { kind, fix } = await issueOf("b");
  assert.deepEqual([kind, fix], ["auth", "Put a new token into the account's configuration."]);
  await stage.exchange(alice, { bot: "a" });
  assert.deepEqual([logins("a"), logins("b")], [before[0], before[1] + 1]);
});

test("at no time did an account have two sockets", () => {
  assert.deepEqual([stage.wire.of(BOTS.a).mostOpen, stage.wire.of(BOTS.b).mostOpen], [1, 1]);
});
