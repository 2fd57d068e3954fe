// Command owners and other privileged users: the host's own function decides, the plugin says whom an entry means.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { resolveCommandAuthorization } from "openclaw/plugin-sdk/command-auth";
import { configAdapter } from "../../../dist/adapters/config.js";
import { formatAllowFrom } from "../../../dist/config/privileges.js";
import { accountOn, configOf, registerChannel } from "../lib/registered.mjs";

before(registerChannel);

const servers = { a: accountOn("im.one.example"), b: accountOn("im.two.example") };
const two = (commands, rest = {}) => configOf(servers, { commands, ...rest });
const oneServer = (commands) => configOf({ a: servers.a, c: servers.a }, { commands });

/** What the host decides about a command of this sender. */
function asked(cfg, accountId, senderId) {
  const ctx = {
    Provider: "multi-openim",
    Surface: "multi-openim",
    OriginatingChannel: "multi-openim",
    AccountId: accountId,
    SenderId: senderId,
    From: `multi-openim:${senderId}`,
    To: `user:${senderId}`,
    ChatType: "direct",
  };
  return resolveCommandAuthorization({ ctx, cfg, commandAuthorized: true });
}
const isOwner = (...args) => asked(...args).senderIsOwner;

test("on one server an owner is the owner by every account", () => {
  for (const entry of ["multi-openim:alice", "alice", "multi-openim:user:alice", "user:alice"]) {
    const cfg = oneServer({ ownerAllowFrom: [entry] });
    assert.deepEqual(
      ["a", "c"].map((id) => isOwner(cfg, id, "alice")),
      [true, true],
      entry,
    );
    assert.equal(isOwner(cfg, "a", "Alice"), false);
    assert.equal(isOwner(cfg, "a", "mallory"), false);
  }
});

test("an owner of one account is nobody on another server", () => {
  for (const entry of ["multi-openim:a/alice", "a/alice", "multi-openim:a/user:alice"]) {
    const cfg = two({ ownerAllowFrom: [entry] });
    assert.deepEqual([isOwner(cfg, "a", "alice"), isOwner(cfg, "b", "alice")], [true, false], entry);
    assert.equal(asked(cfg, "b", "alice").isAuthorizedSender, false);
    // An id that is written like the entry is not the entry.
    assert.equal(isOwner(cfg, "b", "a/alice"), false);
  }
});

test("with several servers an owner without an account is nobody", () => {
  const cfg = two({ ownerAllowFrom: ["multi-openim:alice"] });
  for (const accountId of ["a", "b"]) {
    const { senderIsOwner, isAuthorizedSender } = asked(cfg, accountId, "alice");
    assert.deepEqual([senderIsOwner, isAuthorizedSender], [false, false]);
    // The list still counts as one: without owners everybody could give commands.
    assert.equal(asked(cfg, accountId, "mallory").isAuthorizedSender, false);
  }
});

test("other lists of privileged users need the account as well", () => {
  const cfg = two({ ownerAllowFrom: ["a/root"], allowFrom: { "multi-openim": ["bob", "b/carol"] } });
  assert.equal(asked(cfg, "a", "bob").isAuthorizedSender, false);
  assert.deepEqual(
    ["a", "b"].map((id) => asked(cfg, id, "carol").isAuthorizedSender),
    [false, true],
  );
  const elevated = two({}, { tools: { elevated: { allowFrom: { "multi-openim": ["dan"] } } } });
  assert.match(formatAllowFrom({ cfg: elevated, accountId: "a", allowFrom: ["dan"] })[0], /^nobody:/);
});

test("entries of other channels and wildcards are left alone", () => {
  const cfg = two({ ownerAllowFrom: ["telegram:alice", "*"] });
  assert.deepEqual(formatAllowFrom({ cfg, accountId: "a", allowFrom: ["alice", "*", 42, " "] }), ["alice", "*", "42"]);
});

test("an entry that names nobody equals no other, not even itself", () => {
  const cfg = two({ ownerAllowFrom: ["alice"] });
  const [first] = configAdapter.formatAllowFrom({ cfg, accountId: "a", allowFrom: ["alice"] });
  const [second] = configAdapter.formatAllowFrom({ cfg, accountId: "a", allowFrom: ["alice"] });
  assert.notEqual(first, second);
});

test("an entry of an account that does not exist is nobody's", () => {
  for (const cfg of [two({ ownerAllowFrom: ["x/alice"] }), oneServer({ ownerAllowFrom: ["x/alice"] })])
    assert.equal(isOwner(cfg, "a", "alice"), false);
});
