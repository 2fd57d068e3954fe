// What the security audit says about accounts on several servers, open groups, clear text and unverified senders.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { securityAdapter } from "../../../dist/adapters/security.js";
import { statusAdapter } from "../../../dist/adapters/status.js";
import { isClearText } from "../../../dist/config/addresses.js";
import { resolveAccount } from "../../../dist/config/account.js";
import { accountWarnings, configWarnings } from "../../../dist/status/warnings.js";
import { VERSION } from "../../../dist/version.js";
import { accountOn, configOf } from "../lib/registered.mjs";

const slot = Symbol.for(`multi-openim-channel.native.v${VERSION}`);
afterEach(() => delete globalThis[slot]);

const quiet = { allowFrom: ["alice"] };
const servers = { a: accountOn("one", quiet), b: accountOn("two", quiet) };

/** The findings of all accounts, as the host collects them. */
function findings(cfg) {
  const orderedAccountIds = ["default", ...Object.keys(cfg.channels["multi-openim"].accounts)];
  return orderedAccountIds.flatMap((accountId) => {
    const account = resolveAccount(cfg, accountId);
    if (!account.enabled) return [];
    const ctx = { cfg, sourceConfig: cfg, accountId, account, orderedAccountIds, hasExplicitAccountPath: true };
    return securityAdapter.collectAuditFindings(ctx);
  });
}
const ids = (cfg) =>
  findings(cfg).map(({ checkId, severity }) => `${severity} ${checkId.replace("channels.multi-openim.", "")}`);

test("one server and a mention in groups leave nothing to find", () => {
  assert.deepEqual(ids(configOf({ a: servers.a, c: servers.a }, { commands: { ownerAllowFrom: ["alice"] } })), []);
});

test("an owner without an account is critical with several servers, and the remedy is named", () => {
  const [first, ...others] = findings(
    configOf(servers, { commands: { ownerAllowFrom: ["multi-openim:alice", "a/bob"] } }),
  );
  assert.deepEqual([first.checkId, first.severity], ["channels.multi-openim.privileges.no_account", "critical"]);
  assert.match(first.detail, /commands\.ownerAllowFrom/);
  assert.match(first.remediation, /"multi-openim:<account>\/alice", with an account of a, b/);
  assert.deepEqual(
    others.map(({ checkId }) => checkId),
    ["channels.multi-openim.servers.shared_agent"],
  );
});

test("the log says at start whom an owner entry without an account no longer names", () => {
  const cfg = configOf(servers, { commands: { ownerAllowFrom: ["multi-openim:alice", "telegram:bob", "a/carol"] } });
  assert.deepEqual(configWarnings(cfg), [
    'commands.ownerAllowFrom names "alice" without an account. The accounts of multi-openim are on several servers, so in this ' +
      'channel the entry matches nobody: write "multi-openim:<account>/alice".',
  ]);
});

test("an agent that people of several servers reach is found", () => {
  assert.deepEqual(ids(configOf(servers)), ["warn servers.shared_agent"]);
  const bindings = ["a", "b"].map((accountId) => ({
    agentId: accountId,
    match: { channel: "multi-openim", accountId },
  }));
  const apart = configOf(servers, { agents: { entries: { a: {}, b: {} } }, bindings });
  assert.deepEqual(ids(apart), []);
});

test("open groups without a mention are found", () => {
  const open = { groupPolicy: "open", requireMention: false };
  assert.deepEqual(ids(configOf({ a: accountOn("one", open) })), ["warn groups.open_without_mention"]);
  assert.deepEqual(ids(configOf({ a: accountOn("one", { ...open, enabled: false }) })), []);
});

test("a server that does not verify senders is critical", () => {
  const running = (senderVerified) => {
    const client = { status: () => ({ senderVerified }) };
    globalThis[slot] = { running: new Map([["a", { clients: { getConnectedClient: () => client } }]]) };
  };
  const cfg = configOf({ a: servers.a });
  for (const [verified, expected] of [
    [true, []],
    [null, []],
    [false, ["critical sender.unverified"]],
  ]) {
    running(verified);
    assert.deepEqual(ids(cfg), expected);
  }
});

test("clear text beyond private networks is warned about", () => {
  const clear = ["ws://im.example.com:10001", "http://8.8.8.8", "http://[2001:db8::1]:10002", "ws://172.32.0.1"];
  const fine = [
    "wss://im.example.com",
    "https://8.8.8.8",
    "ws://127.0.0.1:10001",
    "http://10.1.2.3",
    "ws://172.31.0.1",
    "ws://100.64.0.1",
    "http://[::1]:10002",
    "http://[fd00::1]",
    "ws://openim:10001",
    "ws://im.lan",
    "ws://localhost.",
    "nonsense",
    undefined,
  ];
  for (const address of clear) assert.equal(isClearText(address), true, address);
  for (const address of fine) assert.equal(isClearText(address), false, String(address));
  const warnings = accountWarnings(resolveAccount(configOf({ a: accountOn("im.example.com", quiet) }), "a"));
  assert.match(warnings.join(), /wsAddr and apiAddr of .*accounts\.a sends the token .* in clear text/);
});

test("the status says what a client has found out about its server", () => {
  const client = { status: () => ({ senderVerified: false, sentElsewhereAt: Date.now() }) };
  globalThis[slot] = { running: new Map([["a", { clients: { getConnectedClient: () => client } }]]) };
  const account = resolveAccount(configOf({ a: servers.a }), "a");
  const runtime = { accountId: "a", connected: true, lifecycle: "ready" };
  // The issues are collected in another process: only what JSON carries arrives there.
  const snapshot = JSON.parse(JSON.stringify(statusAdapter.buildAccountSnapshot({ account, runtime })));
  const issues = statusAdapter.collectStatusIssues([snapshot]);
  assert.deepEqual(
    issues.map(({ kind, accountId }) => [kind, accountId]),
    [
      ["permissions", "a"],
      ["permissions", "a"],
    ],
  );
  assert.match(issues[0].message, /everybody on it can write as anybody/);
  assert.match(issues[1].message, /another program writes as this account/);
  for (const { fix } of issues) assert.ok(fix);
});

test("a verified server, and a program of the day before yesterday, are no issue", () => {
  const audit = { senderVerified: true, sentElsewhereAt: Date.now() - 2 * 24 * 60 * 60_000 };
  for (const one of [audit, { senderVerified: null }, {}, undefined, "x"])
    assert.deepEqual(statusAdapter.collectStatusIssues([{ accountId: "a", connected: true, audit: one }]), []);
});
