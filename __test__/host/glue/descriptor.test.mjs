// The native descriptor and the adapters around it say the same where both speak.
import assert from "node:assert/strict";
import { test } from "node:test";
import { addonVersion, createChannelPlugin, parseTarget } from "../../../loader.js";
import { channelPlugin } from "../../../dist/channel.js";
import { VERSION } from "../../../dist/version.js";
import { parseTarget as parse } from "../../../dist/config/targets.js";

const cfg = {
  channels: {
    "multi-openim": {
      healthCheckIntervalMinutes: 7,
      accounts: {
        good: { token: "t", userID: "bot", wsAddr: "ws://127.0.0.1:1", apiAddr: "http://127.0.0.1:2" },
        off: { enabled: false, token: "t", userID: "bot", wsAddr: "ws://127.0.0.1:1", apiAddr: "http://127.0.0.1:2" },
        bare: { token: "t", userID: "bot" },
        nobody: { token: "t", wsAddr: "ws://127.0.0.1:1", apiAddr: "http://127.0.0.1:2" },
      },
    },
  },
};
const native = createChannelPlugin({ channel: cfg.channels["multi-openim"], cfg, logger: {} });

test("plugin and addon are of one version", () => assert.equal(addonVersion(), VERSION));

test("names, texts and capabilities are the same", () => {
  assert.equal(native.id, channelPlugin.id);
  assert.deepEqual(native.meta, channelPlugin.meta);
  assert.deepEqual(native.capabilities, channelPlugin.capabilities);
});

test("both list the same accounts and agree which can run", () => {
  const ids = channelPlugin.config.listAccountIds(cfg);
  assert.deepEqual(native.config.listAccountIds(cfg).sort(), ids.toSorted());
  for (const id of [...ids, "default", undefined]) {
    const [ours, theirs] = [channelPlugin, native].map(({ config }) => config.resolveAccount(cfg, id));
    assert.equal(channelPlugin.config.isEnabled(ours, cfg), native.config.isEnabled(theirs), `enabled: ${id}`);
    assert.equal(channelPlugin.config.isConfigured(ours, cfg), native.config.isConfigured(theirs), `configured: ${id}`);
  }
});

test("both read the same targets", () => {
  for (const raw of ["user:Alice", " GROUP : G1 ", "user:a:b", "alice", "user:", "user:a\nb", "room:1", ""])
    assert.deepEqual(parse(raw), parseTarget(raw), JSON.stringify(raw));
});

test("a bad target is refused in the same words", () => {
  const [ours, theirs] = [channelPlugin.outbound, native.outbound].map((one) => one.resolveTarget({ to: "alice" }));
  assert.equal(ours.error.message, theirs.error.message);
});
