// OpenClaw's own security audit of the installed package: its code scanner finds nothing, and would find something bad.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Cleanup } from "../../scripts/lib/cleanup.mjs";
import { createHost } from "../../scripts/lib/gateway.mjs";
import { packMain } from "../../scripts/lib/pack.mjs";
import { configure, PLUGIN } from "../../scripts/lib/rig.mjs";

const cleanup = new Cleanup();
let host;

before(async () => {
  host = await createHost({ name: "audit" });
  cleanup.add("the private OpenClaw", () => host.remove());
  // No model and no server is asked: the audit reads the configuration and the installed files.
  // Without a tool profile the audit reminds the operator of every enabled plugin, whatever is in it.
  host.writeConfig({ ...host.baseConfig({ modelUrl: "http://127.0.0.1:9/v1" }), tools: { profile: "coding" } });
  // The scanner reads what was installed from a file; a package from a registry lies where it does not look.
  const tarball = await packMain(join(host.dir, "packed"));
  await host.cli(["plugins", "install", tarball, "--force", "--accept-capabilities"]);
  configure(host, { enabled: true, accounts: {} });
});
after(() => cleanup.run());

/** The findings of `openclaw security audit`. */
async function audit(...options) {
  const printed = await host.cli(["security", "audit", "--json", ...options], { okCodes: [0, 1] });
  const all = JSON.parse(printed.slice(printed.indexOf("{"))).findings;
  assert.ok(all.length > 0, "the audit of this state always has something to say about the gateway");
  return all;
}

/** Those of `--deep` that speak of the package or of its code. */
async function findings() {
  const all = await audit("--deep");
  return all.filter((one) => /code_safety/.test(one.checkId) || JSON.stringify(one).includes(PLUGIN));
}

test("the audit has nothing to say about the package", async () => {
  assert.deepEqual(await findings(), []);
});

test("the audit does scan the package: a file that runs a program is found", async () => {
  const bad = join(host.stateDir, "extensions", PLUGIN, "dist", "runs-a-program.js");
  writeFileSync(bad, 'import { execSync } from "node:child_process";\nexecSync("true");\n');
  try {
    const found = await findings();
    assert.match(JSON.stringify(found), /dangerous-exec.*runs-a-program\.js/s);
  } finally {
    rmSync(bad);
  }
});

test("the audit names an owner without an account once there are two servers", async () => {
  const before = host.config;
  const account = (server) => ({
    token: "t",
    userID: "bot",
    wsAddr: `ws://${server}:10001`,
    apiAddr: `http://${server}:10002`,
  });
  try {
    host.writeConfig({ ...before, commands: { ownerAllowFrom: ["multi-openim:alice"] } });
    configure(host, { enabled: true, accounts: { a: account("one.lan"), b: account("two.lan") } });
    const ours = (await audit()).filter(({ checkId }) => checkId.startsWith("channels.multi-openim."));
    const named = (name) => ours.filter(({ checkId }) => checkId === `channels.multi-openim.${name}`);
    assert.deepEqual(
      named("privileges.no_account").map(({ severity }) => severity),
      ["critical"],
    );
    assert.equal(named("servers.shared_agent").length, 1);
  } finally {
    host.writeConfig(before);
  }
});
