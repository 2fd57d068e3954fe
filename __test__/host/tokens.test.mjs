// Tokens on a real host: one that runs out in a conversation is replaced, written down and used without a restart; without
// a way to fetch one, a person is called and what the person types brings the account back.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CHANNEL, connected } from "../../scripts/lib/rig.mjs";
import { BOTS, startStage } from "./lib/stage.mjs";

const RETRIES = 60;

let stage;
let alice;
let marker;

const control = (call, body) => stage.server.control(call, body);
const account = (id) => stage.host.config.channels[CHANNEL].accounts[id];
const logins = (id) => stage.wire.of(BOTS[id]).logins;
const set = (path, value) =>
  stage.host.cli(["config", "set", `channels.${CHANNEL}.${path}`, JSON.stringify(value), "--strict-json"]);

/** The server takes none of the user's present tokens any more, and says so at the next connection. */
async function runOut(id) {
  await control("token", { userID: BOTS[id], errCode: 1501 });
  await control("cut", { userID: BOTS[id] });
}

/** What `look` gives once `wanted` accepts it; each look is a command of the host's or a file. */
async function until(look, wanted, what) {
  let seen;
  for (let i = 0; i < RETRIES; i++) {
    seen = await look();
    if (wanted(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail(`${what}: ${JSON.stringify(seen)}`);
}

const issues = async (id) =>
  (await stage.host.call("channels.status", {})).statusIssues.filter(({ accountId }) => accountId === id);

before(async () => {
  stage = await startStage({
    name: "tokens",
    serverArgs: ["--control"],
    accounts: { a: { allowFrom: ["alice"] }, b: { allowFrom: ["alice"] } },
    channel: (server, { dir }) => {
      const stateFile = join(dir, "tokens.json");
      writeFileSync(stateFile, JSON.stringify({ a: { userID: BOTS.a }, b: { userID: BOTS.b } }), { mode: 0o600 });
      return {
        tokenRefresh: {
          mode: "http",
          manualLoginMarkerPath: join(dir, "manual-login.json"),
          http: {
            endpoint: `${server.apiAddr}/control/token-endpoint/v1/refresh`,
            body: { account: "{accountId}", userID: "{state.userID}" },
            stateFile,
            responseTokenPath: "data.token",
          },
        },
      };
    },
  });
  marker = join(stage.host.dir, "manual-login.b.json");
  const { platformID } = stage.server.user(BOTS.a);
  await control("set-token-endpoint", { template: { data: { token: "{token}" } }, platformID });
  alice = await stage.person("alice");
  await stage.exchange(alice, { bot: "a" });
  await stage.exchange(alice, { bot: "b" });
});
after(() => stage?.cleanup.run());

test("a token that runs out in a conversation is replaced, and the next question answered", async () => {
  const old = account("a").token;
  const before = { a: logins("a"), b: logins("b") };
  await runOut("a");
  const word = await stage.exchange(alice, { bot: "a" });
  assert.equal(stage.answers(alice, word), 1);
  const held = await until(
    () => account("a").token,
    (token) => token !== old,
    "the new token in the configuration",
  );
  assert.ok(held.split(".").length === 3);
  assert.equal(logins("b"), before.b, "no other account was restarted");
  assert.equal(stage.wire.of(BOTS.a).open, 1);
});

test("the write of the token restarts nothing", async () => {
  const before = [logins("a"), logins("b")];
  await stage.exchange(alice, { bot: "a" });
  await stage.exchange(alice, { bot: "b" });
  assert.deepEqual([logins("a"), logins("b")], before);
  assert.equal(
    stage.host.gateway.lines.filter((line) => /account=a (stopped|running)/.test(line)).length,
    1,
    "the account ran through",
  );
});

test("the command line has a token fetched by the running gateway", async () => {
  const old = account("a").token;
  // Soon after another one a refresh is put off: the answer says for how long.
  const refresh = async () =>
    JSON.parse(await stage.host.cli(["multi-openim", "refresh", "--account", "a", "--json"], { okCodes: [0, 1] }));
  await until(refresh, ({ outcome }) => outcome === "success", "the refresh");
  await until(
    () => account("a").token,
    (token) => token !== old,
    "the new token in the configuration",
  );
  await stage.exchange(alice, { bot: "a" });
});

test("the command line is told what it got wrong", async () => {
  const error = await stage.host.cli(["multi-openim", "refresh", "--account", "nobody"]).then(
    () => assert.fail("an unknown account was accepted"),
    (failure) => readFileSync(failure.log, "utf8"),
  );
  assert.match(error, /account "nobody" is not running/);
});

test("with mode off a person is called, and the status says where to look", async () => {
  await set("tokenRefresh.mode", "off");
  await connected(stage.host, "b");
  await runOut("b");
  await until(() => existsSync(marker), Boolean, "the marker");
  const told = JSON.parse(readFileSync(marker, "utf8"));
  assert.equal(told.accountId ?? told.account, "b");
  const found = await until(
    () => issues("b"),
    (all) => all.some(({ kind, message }) => kind === "auth" && message.includes(marker)),
    "the status issue",
  );
  assert.match(found.find(({ kind }) => kind === "auth").fix, /new token/);
  const status = await stage.host.accountStatus(CHANNEL, "b");
  assert.deepEqual([status.connected, status.lifecycle], [false, "blocked"]);
});

test("a token typed into the configuration brings the account back and clears the marker", async () => {
  await control("token", { userID: BOTS.b, errCode: 0 });
  const before = logins("b");
  await set("accounts.b.token", await stage.anotherToken(BOTS.b));
  await stage.wire.until(BOTS.b, (counts) => counts.logins > before && counts.open === 1);
  await stage.exchange(alice, { bot: "b" });
  await until(() => !existsSync(marker), Boolean, "the marker's end");
});

test("a token typed for an account that runs is taken by it", async () => {
  const before = logins("a");
  await set("accounts.a.token", await stage.anotherToken(BOTS.a));
  await stage.host.gateway.line(
    (line) => (/account=a token of the configuration taken/.test(line) ? true : undefined),
    {
      what: "the token being taken",
    },
  );
  await stage.wire.until(BOTS.a, (counts) => counts.logins > before && counts.open === 1);
  await stage.exchange(alice, { bot: "a" });
  assert.equal(stage.wire.of(BOTS.a).mostOpen, 1);
});

test("no token is in the log", () => {
  const log = stage.host.gateway.lines.join("\n");
  for (const { token } of Object.values(stage.host.config.channels[CHANNEL].accounts)) assert.ok(!log.includes(token));
});
