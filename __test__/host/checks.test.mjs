// What the host's own checks say of the plugin: nothing when all is well, one sentence when something is not.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CHANNEL, PLUGIN } from "../../scripts/lib/rig.mjs";
import { BOTS, startStage } from "./lib/stage.mjs";

let stage;
const cli = (...args) => stage.host.cli(args, { okCodes: [0, 1] });
/** Lines of a command's output that speak of us. */
const ofUs = (text) => text.split("\n").filter((line) => /openim/i.test(line));

before(async () => {
  stage = await startStage({
    name: "checks",
    accounts: { a: { dmPolicy: "pairing", allowFrom: ["alice"], groupPolicy: "disabled" } },
  });
});
after(() => stage?.cleanup.run());

test("inspection finds a loaded channel and nothing to remark", async () => {
  for (const args of [["--json"], ["--json", "--runtime"]]) {
    const { plugin, diagnostics, compatibility, shape } = JSON.parse(await cli("plugins", "inspect", PLUGIN, ...args));
    assert.deepEqual([plugin.status, plugin.channelIds, shape], ["loaded", [CHANNEL], "plain-capability"]);
    assert.deepEqual([diagnostics, compatibility], [[], []]);
  }
});

test("the plugin doctor has no warning", async () => {
  assert.match(await cli("plugins", "doctor"), /checks passed/);
});

test("the configuration is valid, without a word about us", async () => {
  const text = await cli("config", "validate");
  assert.match(text, /Config valid/);
  assert.deepEqual(ofUs(text.replaceAll(stage.host.dir, "")), []);
});

test("doctor says of us only that a token stands in the configuration as it is", async () => {
  const text = (await cli("doctor", "--non-interactive")).replaceAll(stage.host.dir, "");
  assert.deepEqual(text.match(/\S*openim\S*/gi), [`channels.${CHANNEL}.accounts.a.token`]);
  assert.match(text, /contains plaintext secret-bearing config/);
  assert.doesNotMatch(text, /doctor:security run failed/);
});

test("a wrong setting is refused by its path before the plugin runs", async () => {
  const path = `channels.${CHANNEL}.accounts.a`;
  for (const [key, value] of [
    ["dmPolicy", "anybody"],
    ["textChunkLimit", 5],
    ["nonsense", true],
    ["requireMention", "yes"],
  ]) {
    const args = ["config", "set", `${path}.${key}`, JSON.stringify(value), "--strict-json"];
    const error = await stage.host.cli(args).then(
      () => assert.fail(`${key} was accepted`),
      (failure) => failure,
    );
    const said = readFileSync(error.log, "utf8").split("\n").slice(1).join("\n");
    assert.ok(said.includes(`${path}${key === "nonsense" ? "" : `.${key}`}`), said);
  }
  assert.equal(stage.host.config.channels[CHANNEL].accounts.a.dmPolicy, "pairing");
});

test("the status line is that of a healthy account", async () => {
  const line = ofUs(await cli("channels", "status")).join("\n");
  assert.match(line, /Multi-OpenIM a: .*enabled, configured, .*running, connected/);
  assert.doesNotMatch(line, /error:/);
  const status = await stage.host.accountStatus(CHANNEL, "a");
  assert.deepEqual([status.lifecycle, status.connected, status.identity], ["ready", true, BOTS.a]);
  assert.ok(status.lastConnectedAt > 0 && status.lastTransportActivityAt >= status.lastConnectedAt);
});

test("broken accounts are skipped with one warning each, and the good one stays online", async () => {
  const before = stage.wire.of(BOTS.a);
  const config = stage.host.config;
  config.channels[CHANNEL].token = "misplaced";
  config.channels[CHANNEL].accounts.b = { token: "t" };
  await stage.host.stop();
  stage.host.writeConfig(config);
  await stage.startGateway();
  await stage.wire.until(BOTS.a, ({ logins, open }) => logins > before.logins && open === 1);
  const warnings = stage.host.gateway.lines.filter((line) => /at channel level is ignored|is skipped/.test(line));
  assert.equal(
    warnings.filter((line) => line.includes("token at channel level is ignored")).length,
    1,
    warnings.join("\n"),
  );
  assert.equal(warnings.filter((line) => line.includes('account "b" is skipped: wsAddr, apiAddr missing')).length, 1);
  const b = await stage.host.accountStatus(CHANNEL, "b");
  assert.deepEqual([b.configured, b.running], [false, false]);
});

test("a missing addon is one sentence in the status, and nothing falls over", async () => {
  await stage.host.stop();
  for (const dir of platformPackagesIn(stage.host.stateDir)) rmSync(dir, { recursive: true });
  await stage.startGateway();
  const status = await stage.host.accountStatus(CHANNEL, "a");
  assert.deepEqual([status.running, status.connected, status.lifecycle], [false, false, "blocked"]);
  assert.match(status.lastError, new RegExp(`${PLUGIN}-${process.platform}-${process.arch}`));
  assert.match(await cli("channels", "status"), new RegExp(`Multi-OpenIM a: .*${PLUGIN}-${process.platform}`));
  assert.match(await cli("channels", "list"), /Multi-OpenIM a/);
});

/** The installed packages that hold a binary. */
function platformPackagesIn(stateDir) {
  const projects = join(stateDir, "npm", "projects");
  return readdirSync(projects).flatMap((project) => {
    const modules = join(projects, project, "node_modules");
    return readdirSync(modules)
      .filter((name) => name.startsWith(`${PLUGIN}-`))
      .map((name) => join(modules, name));
  });
}
