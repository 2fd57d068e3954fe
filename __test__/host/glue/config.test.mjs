// The config adapter and its warnings: what counts as an account, what is missing, and what an operator is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { configAdapter, describeAccount } from "../../../dist/adapters/config.js";
import {
  isConfigured,
  listAccountIds,
  resolveAccount,
  storedAccountId,
  unconfiguredReason,
} from "../../../dist/config/account.js";
import { configWarnings } from "../../../dist/status/warnings.js";

const jwt = (claims) => ["h", Buffer.from(JSON.stringify(claims)).toString("base64url"), "s"].join(".");
const login = { token: jwt({ UserID: "bot_1", PlatformID: 7 }), wsAddr: "ws://h:1", apiAddr: "http://h:2" };
const config = (accounts, channel = {}) => ({ channels: { "multi-openim": { ...channel, accounts } } });
const quiet = { ...login, allowFrom: ["alice"] };

test("accounts are listed in the order of the configuration, broken ones left out", () => {
  const cfg = config({ b: quiet, a: {}, broken: 5, " ": {}, list: [] });
  assert.deepEqual(listAccountIds(cfg), ["b", "a"]);
  for (const odd of [undefined, null, {}, { channels: 1 }, { channels: { "multi-openim": [] } }, config("x")])
    assert.deepEqual(listAccountIds(odd), []);
});

test("there is no default account and none stands in for another", () => {
  const cfg = config({ only: quiet });
  for (const id of [undefined, null, "", " ", "default", "other"]) {
    assert.equal(storedAccountId(cfg, id), undefined);
    const account = resolveAccount(cfg, id);
    assert.equal(account.enabled, false);
    assert.equal(isConfigured(account), false);
  }
  assert.equal(configAdapter.defaultAccountId(cfg), "default");
});

test("an id the host has normalized finds its account, but never two", () => {
  const cfg = config({ "Bot A": quiet, other: quiet, x: quiet, X: quiet });
  assert.equal(storedAccountId(cfg, "bot-a"), "Bot A");
  assert.equal(storedAccountId(cfg, "X"), "X");
  // "x" may be what the host made of "X".
  assert.equal(storedAccountId(cfg, "x"), undefined);
  assert.equal(storedAccountId(config({ "x y": quiet, "X Y": quiet }), "x-y"), undefined);
});

test("userID and platformID come from the options, then the token, then the default", () => {
  const account = (options) => resolveAccount(config({ a: { ...login, ...options } }), "a");
  assert.deepEqual([account({}).userID, account({}).platformID], ["bot_1", 7]);
  assert.deepEqual([account({ userID: "u", platformID: 3 }).userID, account({ platformID: 3 }).platformID], ["u", 3]);
  const opaque = account({ token: "opaque", userID: "u" });
  assert.equal(isConfigured(opaque), true);
  assert.equal(opaque.platformID, 5);
});

test("tokens that are no tokens are read without a complaint", () => {
  for (const token of [
    "",
    "a",
    "a.b.c",
    "..",
    `x.${Buffer.from("[1]").toString("base64url")}.y`,
    jwt({ UserID: 5 }),
    jwt(null),
  ])
    assert.equal(resolveAccount(config({ a: { ...login, token } }), "a").userID, undefined);
});

test("what is missing is named, with the place where it belongs", () => {
  const missing = resolveAccount(config({ a: { userID: "u", token: " " } }), "a");
  assert.equal(
    unconfiguredReason(missing),
    "token, wsAddr, apiAddr missing: set it under channels.multi-openim.accounts.a",
  );
  const nobody = resolveAccount(config({ a: { ...login, token: "opaque" } }), "a");
  assert.match(unconfiguredReason(nobody), /^userID missing: set channels\.multi-openim\.accounts\.a\.userID/);
});

test("channel and account can each switch off", () => {
  const enabled = (account, channel) => resolveAccount(config({ a: { ...login, ...account } }, channel), "a").enabled;
  assert.deepEqual(
    [
      enabled({}, {}),
      enabled({ enabled: false }, {}),
      enabled({}, { enabled: false }),
      enabled({ enabled: true }, { enabled: false }),
    ],
    [true, false, false, false],
  );
});

test("a description holds no token", () => {
  const account = resolveAccount(config({ a: login }), "a");
  const printed = JSON.stringify([describeAccount(account), configAdapter.inspectAccount(config({ a: login }), "a")]);
  assert.ok(!printed.includes(login.token));
  assert.match(printed, /"tokenStatus":"available"/);
});

test("a token that is only a reference here counts as configured, but not as available", () => {
  const token = { source: "env", provider: "default", id: "TOKEN" };
  const inspected = configAdapter.inspectAccount(config({ a: { ...login, token } }), "a");
  assert.deepEqual([inspected.configured, inspected.tokenStatus], [true, "configured_unavailable"]);
});

test("enabling and deleting touch one account only", () => {
  const cfg = { other: 1, ...config({ a: login, b: login }, { healthCheckIntervalMinutes: 5 }) };
  const disabled = configAdapter.setAccountEnabled({ cfg, accountId: "a", enabled: false });
  assert.deepEqual(disabled.channels["multi-openim"].accounts, { a: { ...login, enabled: false }, b: login });
  const deleted = configAdapter.deleteAccount({ cfg, accountId: "A" });
  assert.deepEqual(deleted, { other: 1, ...config({ b: login }, { healthCheckIntervalMinutes: 5 }) });
  assert.equal(configAdapter.deleteAccount({ cfg, accountId: "nobody" }), cfg);
});

const warnings = [
  ["a complete configuration is quiet", config({ a: quiet }), []],
  ["a disabled account is quiet", config({ a: { enabled: false } }), []],
  ["no channel block at all is quiet", {}, []],
  ["a whitelist is quiet", config({ a: { ...login, inboundWhitelist: ["alice"] } }), []],
  ["explicit policies are quiet", config({ a: { ...login, dmPolicy: "pairing", groupPolicy: "disabled" } }), []],
  [
    "options of an account at channel level",
    config({ a: quiet }, { token: "t", wsAddr: "w" }),
    [
      /^channels\.multi-openim: token, wsAddr at channel level is ignored: there is no default account; move it to accounts\.<name>\.$/,
    ],
  ],
  ["a block that is no account", config({ a: quiet, b: 5 }), [/account "b" is skipped: it must be an object/]],
  ["no account", config({}), [/no account is configured: add one under accounts\.<name>/]],
  [
    "an account without addresses, and the others go on",
    config({ a: { token: login.token }, b: quiet }),
    [/account "a" is skipped: wsAddr, apiAddr missing/],
  ],
  [
    "an account without a user",
    config({ a: { ...quiet, token: "opaque" } }),
    [/account "a" is skipped: userID missing/],
  ],
  [
    "safe defaults say how to open them",
    config({ a: login }),
    [/account "a" answers nobody yet.*openclaw pairing approve.*accounts\.a\.allowFrom.*dmPolicy and groupPolicy/],
  ],
  [
    "what a whitelist makes void",
    config({ a: { ...login, inboundWhitelist: ["alice"], allowFrom: ["bob"], dmPolicy: "open" } }),
    [/allowFrom, dmPolicy has no effect: remove channels\.multi-openim\.accounts\.a\.inboundWhitelist/],
  ],
  [
    "an open policy with a closed list",
    config({ a: { ...login, dmPolicy: "open", allowFrom: ["alice"] } }),
    [/admits only the list: add "\*"/],
  ],
  [
    "an allowlist with nobody on it",
    config({ a: { ...login, dmPolicy: "pairing", groupPolicy: "allowlist" } }),
    [/with an empty list answers nobody/],
  ],
];

for (const [name, cfg, expected] of warnings) {
  test(`warnings: ${name}`, () => {
    const given = configWarnings(cfg);
    assert.equal(given.length, expected.length, given.join("\n"));
    expected.forEach((pattern, i) => assert.match(given[i], pattern));
    assert.ok(!given.join().includes(login.token));
  });
}

test("accounts whose names the host cannot tell apart are refused, with the reason", () => {
  const cfg = config({ x: quiet, X: quiet, 客服: quiet, 销售: quiet, fine: quiet });
  for (const [id, other] of [
    ["x", '"X"'],
    ["X", '"x"'],
    ["客服", '"销售"'],
  ]) {
    const account = resolveAccount(cfg, id);
    assert.equal(account.enabled, true);
    assert.equal(configAdapter.isConfigured(account), false);
    assert.equal(
      unconfiguredReason(account),
      `OpenClaw cannot tell its name from ${other}: rename one of them under channels.multi-openim.accounts`,
    );
  }
  assert.equal(isConfigured(resolveAccount(cfg, "fine")), true);
  assert.equal(storedAccountId(cfg, "default"), undefined);
  assert.match(configWarnings(cfg).join(), /account "X" is skipped: OpenClaw cannot tell its name from "x"/);
});

test("a name that is nothing to the host is warned about", () => {
  const warnings = configWarnings(config({ 客服: quiet }));
  assert.match(warnings.join(), /OpenClaw reads this name as "default"/);
  assert.deepEqual(configWarnings(config({ default: quiet })), []);
});
