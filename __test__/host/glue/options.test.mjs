// The option table and its reader: defaults, inheritance, and values of the wrong type.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OPTIONS } from "../../../dist/config/option-table.js";
import { TOKEN_REFRESH_OPTIONS } from "../../../dist/config/token-refresh-options.js";
import { readAccountOptions } from "../../../dist/config/account-options.js";
import { readChannelOption, readOption, readOwn } from "../../../dist/config/options.js";

test("every default is a value of its option's type", () => {
  for (const [name, { type, default: value }] of Object.entries({ ...OPTIONS, ...TOKEN_REFRESH_OPTIONS }))
    if (value !== undefined) assert.deepEqual(type.read(value) ?? value, value, name);
});

test("every option says in a sentence what it does", () => {
  for (const [name, { help, label }] of Object.entries({ ...OPTIONS, ...TOKEN_REFRESH_OPTIONS })) {
    assert.match(help, /\.$/, name);
    assert.ok(label.length > 3, name);
  }
});

test("the defaults are those of version 0.1", () => {
  const account = readAccountOptions({}, {});
  assert.equal(account.enabled, true);
  assert.equal(account.requireMention, true);
  assert.equal(account.disableFriendSdk, true);
  assert.deepEqual(account.inboundWhitelist, []);
  assert.equal(readChannelOption("healthCheckIntervalMinutes", {}), 30);
});

test("an account starts from the newest messages of the last hour, and no history", () => {
  const { firstStart, offline } = readAccountOptions({}, {});
  assert.deepEqual(
    { firstStart, offline },
    { firstStart: 0, offline: { mode: "answer", maxAgeMinutes: 60, maxPerConversation: 200 } },
  );
});

test("an account's option replaces the channel's", () => {
  const block = {
    disableFriendSdk: true,
    enabled: false,
    requireMention: false,
    inboundWhitelist: ["alice", " ", 7, null],
  };
  const account = readAccountOptions(block, { disableFriendSdk: false });
  assert.deepEqual([account.disableFriendSdk, account.enabled, account.requireMention], [true, false, false]);
  assert.deepEqual(account.inboundWhitelist, ["alice", "7"]);
  assert.equal(readAccountOptions({}, { disableFriendSdk: false }).disableFriendSdk, false);
});

test("each member of offline is inherited on its own", () => {
  const { offline } = readAccountOptions(
    { offline: { mode: "ignore" } },
    { offline: { mode: "context", maxAgeMinutes: 5 } },
  );
  assert.deepEqual(offline, { mode: "ignore", maxAgeMinutes: 5, maxPerConversation: 200 });
});

test("an option that only an account may have is not inherited", () => {
  assert.equal(readOption("requireMention", {}, { requireMention: false }), true);
  assert.equal(readOption("wsAddr", {}, { wsAddr: "ws://h" }), undefined);
});

test("a value of the wrong type counts as absent", () => {
  const wrong = {
    enabled: "no",
    mediaMaxMb: -1,
    textChunkLimit: 1.5,
    dmPolicy: "everyone",
    allowFrom: "alice",
    token: 5,
  };
  for (const name of Object.keys(wrong)) assert.equal(readOwn(name, wrong), undefined, name);
  assert.equal(readChannelOption("healthCheckIntervalMinutes", { healthCheckIntervalMinutes: 0.5 }), 30);
});

test("a first start skips or takes so many", () => {
  for (const [value, expected] of [
    ["skip", 0],
    [0, 0],
    [12, 12],
    [-3, 0],
    [2.9, 2],
    ["x", 0],
  ])
    assert.equal(readOwn("firstStart", { firstStart: value }), expected, String(value));
});
