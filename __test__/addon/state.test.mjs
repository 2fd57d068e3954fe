// A state directory: what was settled stays settled over logins and over copies of the addon.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { addonFile } from "./support/addon-file.mjs";
import { eventually, Inbox, loggedIn, logoutAll, sendTo } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

const server = await devServer({ people: ["alice", "bot_1", "bot_2", "bot_3"] });
const folder = mkdtempSync(join(tmpdir(), "openim-state-"));
after(() => rmSync(folder, { recursive: true, force: true }));
afterEach(logoutAll);

const copy = join(folder, "copy.node");
copyFileSync(addonFile, copy);
const other = createRequire(import.meta.url)(copy);

test("what was settled does not come again, what was not does, in the next login and in another copy of the addon", async () => {
  const stateDir = join(folder, "one");
  const alice = await loggedIn(server.login("alice"));
  const bot = await loggedIn(server.login("bot_1", { stateDir }), { ackMode: "manual" });
  await sendTo(alice.client, "bot_1", "settled");
  await sendTo(alice.client, "bot_1", "open");
  await bot.inbox.message("open");
  bot.client.ack([(await bot.inbox.message("settled")).delivery]);
  await bot.client.logout();

  const again = await loggedIn(server.login("bot_1", { stateDir }), { ackMode: "manual" });
  await again.inbox.message("open");
  await again.client.logout();
  assert.ok(!again.inbox.messages.some(({ text }) => text === "settled"));

  const inbox = new Inbox();
  const client = new other.OpenImClient(inbox.onBatch);
  await client.login(server.login("bot_1", { stateDir }));
  await inbox.message("open");
  await eventually(() => client.status().acked === 1, "it is settled this time");
  await client.logout();
  assert.ok(!inbox.messages.some(({ text }) => text === "settled"));
  if (process.platform !== "win32") {
    assert.equal(statSync(join(stateDir, "multi-openim", "ledger.redb")).mode & 0o077, 0);
  }
});

test("a copy of the addon waits for the directory until the other lets go of it", async () => {
  const stateDir = join(folder, "two");
  const first = await loggedIn(server.login("bot_2", { stateDir }));
  const client = new other.OpenImClient(() => {});
  const waiting = client.login(server.login("bot_3", { stateDir }));
  await eventually(() => client.status().state === "starting", "it waits");
  assert.equal(client.status().connected, false);
  await first.client.logout();
  assert.equal((await waiting).userID, "bot_3");
  await client.logout();
});

test("two accounts share a directory", async () => {
  const stateDir = join(folder, "three");
  const [one, two] = await Promise.all(["bot_1", "bot_2"].map((id) => loggedIn(server.login(id, { stateDir }))));
  await one.client.logout();
  await sendTo(two.client, "alice", "still at work");
  assert.equal(two.client.status().ledgerFault, null);
});

test("a directory that cannot be made is a refusal that names it", async () => {
  const stateDir = join(copy, "below-a-file");
  await assert.rejects(loggedIn(server.login("bot_1", { stateDir })), (error) => {
    assert.match(error.code, /^OPENIM_/);
    assert.ok(error.message.includes("below-a-file"), error.message);
    return true;
  });
});
