// Sessions of several servers: the host's own functions make the keys, the plugin only names the peers.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { resolveAgentRoute } from "openclaw/plugin-sdk/routing";
import { homeServer, recordHomeServer } from "../../../dist/config/home-server.js";
import { canonical, hasSeveralServers, serverTag } from "../../../dist/config/servers.js";
import { idOfPeer, peerId } from "../../../dist/conversation/peer.js";
import { routePeer } from "../../../dist/conversation/route-peer.js";
import { messagingAdapter } from "../../../dist/adapters/messaging.js";
import { setRuntime } from "../../../dist/host.js";
import { accountOn, configOf } from "../lib/registered.mjs";

const channel = "multi-openim";
const dirs = [];
afterEach(() => {
  setRuntime(undefined);
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A state directory of a gateway; the plugin of this process works in it from now on. */
function useStateDir(dir = mkdtempSync(join(tmpdir(), "openim-home-"))) {
  if (!dirs.includes(dir)) dirs.push(dir);
  setRuntime({ state: { resolveStateDir: () => dir } });
  return dir;
}

const one = configOf({ a: accountOn("im.one.example") });
const both = (rest) => configOf({ a: accountOn("im.one.example"), b: accountOn("im.two.example") }, rest);
const routeOf = (cfg, accountId, kind, id) =>
  resolveAgentRoute({ cfg, channel, accountId, ...routePeer(cfg, accountId, { kind, id }) });
const keyOf = (...args) => routeOf(...args).sessionKey;
const noWarning = (words) => assert.fail(words);

test("equal ids on two servers are two sessions", () => {
  for (const dmScope of ["per-peer", "per-channel-peer", "per-account-channel-peer"]) {
    const cfg = both({ session: { dmScope } });
    assert.notEqual(keyOf(cfg, "a", "direct", "alice"), keyOf(cfg, "b", "direct", "alice"));
    assert.notEqual(keyOf(cfg, "a", "group", "g1"), keyOf(cfg, "b", "group", "g1"));
  }
});

test("two accounts on one server share the session of a group", () => {
  const cfg = configOf({
    a: accountOn("im.one.example"),
    c: accountOn("IM.one.example", { apiAddr: "http://im.one.example:10002/" }),
  });
  assert.equal(hasSeveralServers(cfg), false);
  assert.equal(keyOf(cfg, "a", "group", "g1"), keyOf(cfg, "c", "group", "g1"));
});

test("ids that the host folds together are sessions apart", () => {
  const cfg = { ...one, session: { dmScope: "per-account-channel-peer" } };
  const ids = [
    "alice",
    "Alice",
    "ALICE",
    "\u212a1",
    "k1",
    "K1",
    "teama",
    "TeamA",
    "a~41",
    "aA",
    "~s0123456789abcdef.g1",
  ];
  for (const kind of ["direct", "group"]) {
    const keys = ids.map((id) => keyOf(cfg, "a", kind, id));
    assert.equal(new Set(keys).size, ids.length, keys.join());
  }
});

test("no group of the home server gets the session of another server's", () => {
  const cfg = both();
  const dir = useStateDir();
  recordHomeServer(one, noWarning);
  const tag = serverTag(cfg, "b");
  assert.notEqual(keyOf(cfg, "a", "group", `~s${tag}.g1`), keyOf(cfg, "b", "group", "g1"));
  assert.notEqual(keyOf(cfg, "a", "group", `~S${tag}.g1`), keyOf(cfg, "b", "group", "g1"));
  assert.ok(readFileSync(join(dir, channel, "home-server.json"), "utf8").includes(serverTag(one, "a")));
});

test("with one server the session keys are those of the bare ids", () => {
  const bare = (kind, id) => resolveAgentRoute({ cfg: one, channel, accountId: "a", peer: { kind, id } }).sessionKey;
  for (const id of ["alice", "10001", "user_7", "a.b-c@d", "客服"]) {
    assert.equal(keyOf(one, "a", "group", id), bare("group", id));
    assert.equal(keyOf(one, "a", "direct", id), bare("direct", id));
  }
});

test("the first server keeps its session keys when a second one comes", () => {
  useStateDir();
  const before = keyOf(one, "a", "group", "g1");
  recordHomeServer(one, noWarning);
  const cfg = both();
  recordHomeServer(cfg, noWarning);
  assert.equal(keyOf(cfg, "a", "group", "g1"), before);
  // The other server stays apart, also when it is the only one left.
  const other = keyOf(cfg, "b", "group", "g1");
  assert.equal(keyOf(configOf({ b: accountOn("im.two.example") }), "b", "group", "g1"), other);
});

test("servers that came together have no home server for ever", () => {
  useStateDir();
  recordHomeServer(both(), noWarning);
  assert.equal(homeServer(one), null);
  assert.notEqual(keyOf(one, "a", "group", "g1"), "agent:main:multi-openim:group:g1");
});

test("a damaged file of the home server names none", () => {
  const dir = useStateDir();
  recordHomeServer(one, noWarning);
  assert.equal(homeServer(one), serverTag(one, "a"));
  const other = useStateDir();
  recordHomeServer(one, noWarning);
  writeFileSync(join(other, channel, "home-server.json"), "{");
  assert.notEqual(dir, other);
  assert.equal(homeServer(one), null);
});

test("a link of identities holds for nobody of the same id on another server", () => {
  useStateDir();
  recordHomeServer(one, noWarning);
  const cfg = both({ session: { dmScope: "per-peer", identityLinks: { boss: ["multi-openim:alice"] } } });
  assert.equal(keyOf(cfg, "a", "direct", "alice"), "agent:main:direct:boss");
  assert.notEqual(keyOf(cfg, "b", "direct", "alice"), "agent:main:direct:boss");
  assert.notEqual(keyOf(cfg, "a", "direct", "Alice"), "agent:main:direct:boss");
  const { peer } = routePeer(cfg, "b", { kind: "direct", id: "alice" });
  const linked = both({ session: { dmScope: "per-peer", identityLinks: { boss: [`multi-openim:${peer.id}`] } } });
  assert.equal(keyOf(linked, "b", "direct", "alice"), "agent:main:direct:boss");
});

test("bindings by the bare id match on every server", () => {
  const match = { channel, accountId: "*", peer: { kind: "group", id: "TeamA" } };
  const cfg = both({ agents: { entries: { main: {}, team: {} } }, bindings: [{ agentId: "team", match }] });
  for (const accountId of ["a", "b"]) {
    const route = routeOf(cfg, accountId, "group", "TeamA");
    assert.deepEqual([route.agentId, route.matchedBy], ["team", "binding.peer.parent"]);
    const { peer } = routePeer(cfg, accountId, { kind: "group", id: "TeamA" });
    const conversation = { kind: "group", peerId: peer.id };
    assert.deepEqual(messagingAdapter.resolveConversationRouteOwner({ cfg, accountId, conversation }), {
      kind: "agent",
      agentId: "team",
    });
  }
});

test("what the host sends on its own belongs to the session of an answer", async () => {
  const cfg = both({ session: { dmScope: "per-channel-peer" } });
  for (const accountId of ["a", "b"])
    for (const [kind, target, id] of [
      ["group", "group:TeamA", "TeamA"],
      ["direct", "user:Alice", "Alice"],
    ]) {
      const route = await messagingAdapter.resolveOutboundSessionRoute({ cfg, agentId: "main", accountId, target });
      assert.equal(route.sessionKey, keyOf(cfg, accountId, kind, id));
      assert.equal(route.to, target);
    }
});

test("a peer leads back to its id, and a foreign one to nothing", () => {
  for (const id of ["g1", "TeamA", "a:b/c", "ü", "\u212a", "😀", "~", "a~41"])
    for (const tag of [undefined, "0123456789abcdef"]) assert.equal(idOfPeer(peerId(id, tag)), id);
  for (const peer of ["", "~", "~4", "~zz", "~ff", "~s0123456789abcdef."]) assert.equal(idOfPeer(peer), null, peer);
  assert.equal(
    messagingAdapter.resolveSessionTarget({ kind: "group", id: peerId("TeamA", "0123456789abcdef") }),
    "group:TeamA",
  );
});

test("one server in several spellings is one server", () => {
  const spellings = [
    "http://im.example:10002",
    "https://IM.example:10002/",
    " http://im.example.:10002 ",
    "http://u:p@im.example:10002",
  ];
  assert.deepEqual([...new Set(spellings.map(canonical))], ["im.example:10002"]);
  assert.equal(canonical("https://im.example/api/"), "im.example:443/api");
  assert.notEqual(canonical("http://im.example"), canonical("http://im.example:10002"));
  assert.equal(canonical("no address"), "no address");
});
