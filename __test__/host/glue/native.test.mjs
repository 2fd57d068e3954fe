// Loading: nothing native at import, one handle per process, and a missing addon that is one sentence and no crash.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fromRoot } from "../../../scripts/lib/paths.mjs";

const MISSING = "there is no native addon here: install the package for this platform.";

/** Runs a script beside a copy of the built plugin whose loader is this text. */
function beside(loader, script, copies = 1) {
  const dir = mkdtempSync(join(tmpdir(), "multi-openim-glue-"));
  try {
    for (let copy = 0; copy < copies; copy++) {
      const at = join(dir, String(copy));
      mkdirSync(at);
      cpSync(fromRoot("dist"), join(at, "dist"), { recursive: true });
      writeFileSync(join(at, "package.json"), readFileSync(fromRoot("package.json")));
      writeFileSync(join(at, "loader.js"), loader);
    }
    symlinkSync(fromRoot("node_modules"), join(dir, "node_modules"), "dir");
    writeFileSync(join(dir, "main.mjs"), script);
    return JSON.parse(execFileSync(process.execPath, [join(dir, "main.mjs")], { encoding: "utf8" }));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const throwing = `globalThis.loads = (globalThis.loads ?? 0) + 1; throw Object.assign(new Error(${JSON.stringify(MISSING)}), { code: "OPENIM_NATIVE_MISSING" });`;

test("importing both entries loads nothing native", () => {
  const entries = beside(
    throwing,
    `const entry = await import("./0/dist/index.js"); await import("./0/dist/setup-entry.js");
     console.log(JSON.stringify({ loads: globalThis.loads ?? 0, id: entry.default.id }));`,
  );
  assert.deepEqual(entries, { loads: 0, id: "multi-openim-channel" });
});

test("without the addon accounts are listed and a start ends as one sentence, not to be tried again", () => {
  const seen = beside(
    throwing,
    `const { channelPlugin } = await import("./0/dist/channel.js");
     const cfg = { channels: { "multi-openim": { accounts: { a: { token: "t", userID: "u", wsAddr: "ws://h", apiAddr: "http://h", inboundWhitelist: ["x"] } } } } };
     let status = { accountId: "a", running: true };
     const log = { info() {}, warn() {}, error() {} };
     const account = channelPlugin.config.resolveAccount(cfg, "a");
     const ctx = { cfg, accountId: "a", account, log, abortSignal: new AbortController().signal, getStatus: () => status, setStatus: (next) => (status = next) };
     await channelPlugin.gateway.startAccount(ctx);
     await channelPlugin.gateway.stopAccount(ctx);
     console.log(JSON.stringify({ ids: channelPlugin.config.listAccountIds(cfg), status }));`,
  );
  assert.deepEqual(seen.ids, ["a"]);
  assert.equal(seen.status.lastError, `${MISSING} (OPENIM_NATIVE_MISSING)`);
  assert.deepEqual(
    [seen.status.terminalDisconnect, seen.status.lifecycle, seen.status.connected],
    [true, "blocked", false],
  );
});

test("two evaluations of one version share one addon", () => {
  const version = JSON.parse(readFileSync(fromRoot("package.json"))).version;
  const loads = beside(
    `globalThis.loads = (globalThis.loads ?? 0) + 1; export default { addonVersion: () => ${JSON.stringify(version)} };`,
    `const one = (await import("./0/dist/native/native.js")).native(); const two = (await import("./1/dist/native/native.js")).native();
     console.log(JSON.stringify({ same: one === two, loads: globalThis.loads }));`,
    2,
  );
  assert.deepEqual(loads, { same: true, loads: 1 });
});

test("an addon of another version is refused with the command that mends it", () => {
  const seen = beside(
    `export const addonVersion = () => "0.0.1";`,
    `const { native } = await import("./0/dist/native/native.js");
     let said; try { native(); } catch (error) { said = error.message; } console.log(JSON.stringify(said));`,
  );
  assert.match(
    seen,
    /found a native addon of version 0\.0\.1: reinstall with "openclaw plugins install npm:multi-openim-channel --force"/,
  );
});
