// Who may trigger a turn, decided by the host's own resolver from the facts that the plugin gathers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveChannelMessageIngress } from "openclaw/plugin-sdk/channel-ingress-runtime";
import { resolveAccount } from "../../../dist/config/account.js";
import { conversationOf } from "../../../dist/conversation/conversation.js";
import { askIngress, isForMentionOnly } from "../../../dist/inbound/ingress.js";
import { accountOn, configOf } from "../lib/registered.mjs";

const runtime = {
  inbound: { ingress: { resolve: resolveChannelMessageIngress } },
  text: { hasControlCommand: () => false },
  commands: { shouldHandleTextCommands: () => true },
  mentions: {
    buildMentionRegexes: () => [],
    matchesMentionWithExplicit: ({ explicit }) => explicit.isExplicitlyMentioned,
  },
};
const direct = (sendID) => ({ sessionType: 1, sendID, groupID: "" });
const inGroup = (more = {}) => ({ sessionType: 3, sendID: "alice", groupID: "g1", ...more });

async function ask(options, message, { quotesSelf = false, host = {} } = {}) {
  const cfg = configOf({ a: accountOn("im.example", options) });
  Object.assign(cfg.channels, host);
  const full = { clientMsgID: "m1", text: "hello", isAtSelf: false, atUserIDList: [], ...message };
  const answer = await askIngress({
    runtime,
    cfg,
    account: resolveAccount(cfg, "a"),
    message: full,
    conversation: conversationOf(full),
    route: { agentId: "main", sessionKey: "agent:main:main" },
    text: full.text,
    selfId: "bot",
    quotesSelf,
  });
  return { admission: answer.ingress.ingress.admission, answer };
}
const admission = async (...args) => (await ask(...args)).admission;

test("only the very id of an allow-list is admitted", async () => {
  const options = { dmPolicy: "allowlist", allowFrom: ["alice", "k1"] };
  assert.equal(await admission(options, direct("alice")), "dispatch");
  for (const id of [
    "Alice",
    "alice\u00a0",
    "\ufeffalice",
    "alice\u202e",
    " alice",
    "\u212a1",
    "K1",
    "alice\n",
    "user:alice",
  ])
    assert.notEqual(await admission(options, direct(id)), "dispatch", JSON.stringify(id));
  assert.equal(await admission({ ...options, allowFrom: ["user:alice"] }, direct("alice")), "dispatch");
});

test("in a group only the very id is admitted as well", async () => {
  const options = { groupPolicy: "allowlist", groupAllowFrom: ["alice"], requireMention: false };
  assert.equal(await admission(options, inGroup()), "dispatch");
  assert.notEqual(await admission(options, inGroup({ sendID: "Alice" })), "dispatch");
});

test("a whitelist without a single id closes the account", async () => {
  for (const inboundWhitelist of [[""], [null], [" "], "alice", {}, ["*"]]) {
    const options = {
      inboundWhitelist,
      dmPolicy: "open",
      allowFrom: ["*"],
      groupPolicy: "open",
      requireMention: false,
    };
    assert.notEqual(await admission(options, direct("alice")), "dispatch", JSON.stringify(inboundWhitelist));
    assert.notEqual(await admission(options, inGroup()), "dispatch", JSON.stringify(inboundWhitelist));
  }
});

test("a mention of everybody counts only where the operator says so", async () => {
  const options = { groupPolicy: "open" };
  const everybody = inGroup({ isAtSelf: true, atUserIDList: ["AtAllTag"] });
  assert.notEqual(await admission(options, everybody), "dispatch");
  assert.equal(await admission({ ...options, respondToMentionAll: true }, everybody), "dispatch");
  const both = inGroup({ isAtSelf: true, atUserIDList: ["AtAllTag", "bot"] });
  assert.equal(await admission(options, both), "dispatch");
});

test("a quote of the bot counts as a mention unless the host is told otherwise", async () => {
  const options = { groupPolicy: "open" };
  assert.notEqual(await admission(options, inGroup()), "dispatch");
  assert.equal(await admission(options, inGroup(), { quotesSelf: true }), "dispatch");
  const host = { defaults: { implicitMentions: { quotedBot: false } } };
  assert.notEqual(await admission(options, inGroup(), { quotesSelf: true, host }), "dispatch");
});

test("only what lacks a mention, or nothing, is worth a look at the quote", async () => {
  const worth = async (...args) => isForMentionOnly((await ask(...args)).answer);
  assert.equal(await worth({ groupPolicy: "open" }, inGroup()), true);
  assert.equal(await worth({ groupPolicy: "open", requireMention: false }, inGroup()), true);
  assert.equal(await worth({ groupPolicy: "allowlist", groupAllowFrom: ["bob"] }, inGroup()), false);
  assert.equal(await worth({ dmPolicy: "pairing" }, direct("mallory")), false);
});
