// By which account and to whom an agent's tools may send: a test per rule.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTools } from "../../../dist/adapters/tools.js";
import { checkMessagePolicy, sendingAccount } from "../../../dist/adapters/tool-policy.js";
import plugin from "../../../dist/index.js";
import { accountOn, configOf } from "../lib/registered.mjs";

const servers = { a: accountOn("im.one.example"), b: accountOn("im.two.example") };
const cfg = (rest = {}) => configOf(servers, rest);
const run = (more = {}) => ({
  agentId: "main",
  messageChannel: "multi-openim",
  agentAccountId: "a",
  deliveryContext: { channel: "multi-openim", to: "user:bob", accountId: "a" },
  senderIsOwner: false,
  ...more,
});
const message = (settings) => ({ tools: { message: settings } });
const NOT_ITS = /not the one this run belongs to/;

test("the tools are registered as optional ones", () => {
  const registered = [];
  const api = new Proxy(
    { registrationMode: "tool-discovery", config: {}, registerTool: (...args) => registered.push(args) },
    { get: (target, key) => target[key] ?? (() => undefined) },
  );
  plugin.register(api);
  assert.deepEqual(
    registered.map(([, options]) => options.optional),
    [true],
  );
});

test("without a name a tool sends by the account of the conversation", () => {
  for (const given of [undefined, "", " ", 5]) assert.equal(sendingAccount(run(), cfg(), given), "a");
  assert.equal(sendingAccount(run(), cfg(), "a"), "a");
});

test("a run that belongs to no account has to name one", () => {
  const words = { message: "accountId is required (no default fallback)" };
  assert.throws(() => sendingAccount({}, cfg(), undefined), words);
  assert.throws(() => sendingAccount(run({ messageChannel: "telegram" }), cfg(), " "), words);
  assert.throws(() => sendingAccount(run({ agentAccountId: "nobody" }), cfg(), undefined), words);
});

test("a run that is not the owner's sends by no other account", async () => {
  assert.throws(() => sendingAccount(run(), cfg(), "b"), NOT_ITS);
  assert.throws(() => sendingAccount({ agentId: "main" }, cfg(), "b"), NOT_ITS);
  assert.throws(() => sendingAccount(run({ messageChannel: "telegram", agentAccountId: "a" }), cfg(), "a"), NOT_ITS);
  const [tool] = createTools({ ...run(), config: cfg() });
  await assert.rejects(tool.execute("1", { accountId: "b", to: "user:mallory", text: "x" }), NOT_ITS);
});

test("the owner's run sends by any account", () => {
  assert.equal(sendingAccount(run({ senderIsOwner: true }), cfg(), "b"), "b");
});

test("an agent bound to an account sends by it", () => {
  const binding = (match, agentId = "main") =>
    cfg({ bindings: [{ agentId, match: { channel: "multi-openim", ...match } }] });
  assert.equal(sendingAccount(run(), binding({ accountId: "b" }), "b"), "b");
  for (const other of [
    binding({ accountId: "*" }),
    binding({}),
    binding({ accountId: "b" }, "other"),
    binding({ accountId: "b", peer: { kind: "group", id: "g1" } }),
    binding({ accountId: "b", channel: "telegram" }),
  ])
    assert.throws(() => sendingAccount(run(), other, "b"), NOT_ITS);
});

test("with one account there is no other to be kept from", () => {
  assert.equal(sendingAccount({}, configOf({ a: servers.a }), "a"), "a");
});

test("allowed actions hold for the tools, and an agent's come first", async () => {
  const here = { accountId: "a", to: "user:bob" };
  const forbidden = cfg(message({ actions: { allow: ["react"] } }));
  assert.throws(() => checkMessagePolicy(run(), forbidden, here), /tools\.message\.actions\.allow/);
  checkMessagePolicy(run(), cfg(message({ actions: { allow: ["send"] } })), here);
  checkMessagePolicy(run(), cfg(message({ actions: { allow: [] } })), here);
  const agents = { entries: { main: message({ actions: { allow: ["send"] } }) } };
  checkMessagePolicy(run(), { ...forbidden, agents }, here);
  for (const tool of createTools({ ...run(), config: forbidden })) {
    const params = { to: "user:bob", text: "x", image: "x", video: "x", file: "x" };
    await assert.rejects(tool.execute("1", params), /tools\.message\.actions\.allow/);
  }
});

test("with allowWithinProvider off a run stays in its conversation", () => {
  const closed = cfg(message({ crossContext: { allowWithinProvider: false } }));
  const owner = run({ senderIsOwner: true });
  checkMessagePolicy(owner, closed, { accountId: "a", to: "user:bob" });
  for (const way of [
    { accountId: "a", to: "user:mallory" },
    { accountId: "a", to: "user:Bob" },
    { accountId: "a", to: "group:bob" },
    { accountId: "b", to: "user:bob" },
  ])
    assert.throws(() => checkMessagePolicy(owner, closed, way), /allowWithinProvider/);
  const nowhere = run({ deliveryContext: undefined });
  assert.throws(() => checkMessagePolicy(nowhere, closed, { accountId: "a", to: "user:bob" }), /allowWithinProvider/);
  checkMessagePolicy(owner, cfg(), { accountId: "b", to: "user:mallory" });
});

test("with allowAcrossProviders off a run of another channel sends nothing", () => {
  const closed = cfg(message({ crossContext: { allowAcrossProviders: false } }));
  const way = { accountId: "a", to: "user:bob" };
  assert.throws(() => checkMessagePolicy(run({ messageChannel: "telegram" }), closed, way), /allowAcrossProviders/);
  checkMessagePolicy(run(), closed, way);
  checkMessagePolicy(run({ messageChannel: "telegram" }), cfg(), way);
  // A run that answers nobody has no conversation to be kept in.
  checkMessagePolicy({ agentId: "main" }, closed, way);
});
