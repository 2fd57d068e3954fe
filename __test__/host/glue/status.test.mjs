// From a client's status to the host's snapshot, and from a snapshot to issues with a remedy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { blockedSnapshot, toSnapshot } from "../../../dist/status/snapshot.js";
import { accountStatus, endedStatus } from "../../../dist/status/account-status.js";
import { statusAdapter } from "../../../dist/adapters/status.js";

const current = { accountId: "a", running: true, lifecycle: "starting", lastError: null, lastStartAt: 5 };

const snapshot = (client, before = current) => toSnapshot(before, accountStatus("a", client));

test("the host's own fields stay", () => {
  const next = snapshot({ connected: true });
  assert.deepEqual([next.running, next.lastStartAt, next.accountId], [true, 5, "a"]);
});

test("an error of the past is not shown over a live connection", () => {
  const native = { accountId: "a", connected: true, lastError: "refused", lastErrorCode: "OPENIM_OFFLINE" };
  assert.equal(snapshot(native).lastError, null);
});

test("connected means ready, with times and counts as published", () => {
  const native = {
    accountId: "a",
    state: "online",
    connected: true,
    attempt: 0,
    lastConnectedAt: 10,
    lastInboundAt: 11,
    lastOutboundAt: 12,
    lastTransportActivityAt: 13,
    lastError: null,
  };
  const next = snapshot(native);
  assert.equal(next.lifecycle, "ready");
  assert.deepEqual(
    [next.lastConnectedAt, next.lastInboundAt, next.lastOutboundAt, next.lastTransportActivityAt],
    [10, 11, 12, 13],
  );
});

test("a lost connection shows at once, with its reason", () => {
  const native = {
    accountId: "a",
    state: "backoff",
    connected: false,
    attempt: 3,
    lastConnectedAt: 10,
    lastDisconnectedAt: 20,
    lastError: "refused",
    lastErrorCode: "OPENIM_OFFLINE",
  };
  const next = snapshot(native, { ...current, connected: true, lifecycle: "ready" });
  assert.deepEqual(
    [next.connected, next.lifecycle, next.lastError, next.reconnectAttempts],
    [false, "recovering", "refused (OPENIM_OFFLINE)", 3],
  );
  assert.deepEqual(next.lastDisconnect, { at: 20, error: "refused (OPENIM_OFFLINE)" });
});

test("a first attempt is starting, a later one recovering", () => {
  const connecting = { state: "connecting", connected: false };
  assert.equal(snapshot(connecting).lifecycle, "starting");
  assert.equal(snapshot({ ...connecting, lastConnectedAt: 9 }).lifecycle, "recovering");
});

test("an end for good blocks, and a later start lifts it", () => {
  const kicked = { state: "failed", connected: false, lastError: "kicked", lastErrorCode: "OPENIM_KICKED" };
  const ended = toSnapshot(current, endedStatus("a", kicked));
  assert.deepEqual(
    [ended.lifecycle, ended.terminalDisconnect, ended.lastError],
    ["blocked", true, "kicked (OPENIM_KICKED)"],
  );
  // Said in so many words: the host keeps what is not mentioned.
  assert.equal(snapshot({ connected: true }, ended).terminalDisconnect, false);
});

test("an error is cut at 500 characters, never in the middle of one, and keeps its code", () => {
  const next = toSnapshot(current, { accountId: "a", lastError: "😀".repeat(600), lastErrorCode: "OPENIM_TIMEOUT" });
  assert.ok(next.lastError.endsWith("😀 (OPENIM_TIMEOUT)"));
  assert.equal([...next.lastError].length, 500);
  assert.ok(next.lastError.isWellFormed());
});

test("what the native side may add one day does not reach a snapshot", () => {
  assert.equal(JSON.stringify(toSnapshot(current, { accountId: "a", token: "secret" })).includes("secret"), false);
});

test("issues name the kind and the remedy of a failure", () => {
  const account = blockedSnapshot(
    { ...current, enabled: true, configured: true },
    "the token was rejected",
    "OPENIM_TOKEN_INVALID",
  );
  assert.deepEqual(statusAdapter.collectStatusIssues([account]), [
    {
      channel: "multi-openim",
      accountId: "a",
      kind: "auth",
      message: "the token was rejected (OPENIM_TOKEN_INVALID)",
      fix: "Put a new token into the account's configuration.",
    },
  ]);
});

test("a healthy or disabled account raises no issue", () => {
  const healthy = { accountId: "a", enabled: true, configured: true, connected: true, lastError: "an old one" };
  assert.deepEqual(
    statusAdapter.collectStatusIssues([healthy, { accountId: "b", enabled: false, configured: false }]),
    [],
  );
});

test("an account that is not configured says what is missing", () => {
  const [issue] = statusAdapter.collectStatusIssues([
    { accountId: "a", enabled: true, configured: false, lastError: "token missing" },
  ]);
  assert.deepEqual([issue.kind, issue.message], ["config", "token missing"]);
});
