// The loader: what it gives, and the one sentence it says when there is nothing to give.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as addon from "../../loader.js";
import { addonFile } from "./support/addon-file.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const triple = basename(addonFile).split(".")[1];
const platformPackage = `multi-openim-channel-${triple}`;
const folder = mkdtempSync(join(tmpdir(), "openim-loader-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The package as it is installed, without a binary; further files by path. */
function installed(name, files = {}) {
  const place = join(folder, name, "node_modules", "multi-openim-channel");
  mkdirSync(place, { recursive: true });
  for (const file of ["loader.js", "package.json"]) {
    copyFileSync(join(root, file), join(place, file));
  }
  for (const [path, content] of Object.entries(files)) {
    const target = join(place, path);
    mkdirSync(join(target, ".."), { recursive: true });
    if (typeof content === "string") writeFileSync(target, content);
    else cpSync(content.from, target);
  }
  return place;
}

/** Imports the package in a process of its own, after running the given statement there; returns what came of it. */
function load(place, { env = {}, first = "" } = {}) {
  const script = `${first};
  const before = JSON.stringify(process.env);
  import(${JSON.stringify(join(place, "loader.js"))}).then(
    (addon) => console.log(JSON.stringify({ version: addon.addonVersion(), sameEnv: before === JSON.stringify(process.env) })),
    (error) => console.log(JSON.stringify({ code: error.code, message: error.message })));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

const loaded = { version, sameEnv: true };

test("gives the addon with the package's version", () => {
  assert.deepEqual(Object.keys(addon).sort(), [
    "OpenImClient",
    "RefreshManager",
    "addonVersion",
    "createChannelPlugin",
    "parseTarget",
    "shutdownAll",
  ]);
  assert.equal(addon.addonVersion(), version);
});

test("gives the same by require, where Node can require such a module", { skip: withoutRequire() }, () => {
  const required = createRequire(import.meta.url)("../../loader.js");
  assert.equal(required.OpenImClient, addon.OpenImClient);
});

function withoutRequire() {
  return process.features.require_module ? false : "this Node cannot require ES modules";
}

test("finds a binary beside it, and leaves the environment as it was", () => {
  const place = installed("local", { [basename(addonFile)]: { from: addonFile } });
  assert.deepEqual(load(place), loaded);
});

test("finds the platform's package", () => {
  const files = {
    [`../${platformPackage}/package.json`]: JSON.stringify({
      name: platformPackage,
      version,
      main: basename(addonFile),
    }),
    [`../${platformPackage}/${basename(addonFile)}`]: { from: addonFile },
  };
  assert.deepEqual(load(installed("package", files)), loaded);
});

test("no environment variable chooses the binary", () => {
  const place = installed("variable");
  const env = { NAPI_RS_NATIVE_LIBRARY_PATH: addonFile, NAPI_RS_FORCE_WASI: "1" };
  assert.equal(load(place, { env }).code, "OPENIM_NATIVE_MISSING");
  copyFileSync(addonFile, join(place, basename(addonFile)));
  assert.deepEqual(load(place, { env: { ...env, NAPI_RS_NATIVE_LIBRARY_PATH: "nothing.node" } }), loaded);
});

test("runs no program to find out the platform", () => {
  const source = readFileSync(join(root, "loader.js"), "utf8");
  assert.doesNotMatch(source, /child_process|execSync|spawn/);
  assert.deepEqual(
    load(installed("no-path", { [basename(addonFile)]: { from: addonFile } }), { env: { PATH: "" } }),
    loaded,
  );
});

test("the C library is that of the running executable, or of its report", { skip: notLinux() }, () => {
  const musl = join(folder, "musl-node");
  writeFileSync(musl, "\x7fELF\0\0/lib/ld-musl-x86_64.so.1\0");
  const executable = (path) => ({ first: `process.execPath = ${JSON.stringify(path)}` });
  assert.match(load(installed("musl"), executable(musl)).message, /\(musl\): the package \S+-musl is not installed/);
  const place = installed("unreadable", { [basename(addonFile)]: { from: addonFile } });
  assert.deepEqual(load(place, executable(join(folder, "nothing"))), loaded);
});

function notLinux() {
  return process.platform === "linux" ? false : "only Linux has two C libraries";
}

test("a platform without a binary is named together with those that have one", () => {
  const { code, message } = load(installed("unsupported"), {
    first: 'Object.defineProperty(process, "arch", { value: "riscv64" })',
  });
  assert.equal(code, "OPENIM_NATIVE_MISSING");
  assert.match(
    message,
    /has no native addon for \w+-riscv64( \(\w+\))?; it runs on linux-x64-gnu, .*win32-arm64-msvc\.$/,
  );
});

test("says which package is missing, for which platform, and what to run", () => {
  const { code, message } = load(installed("missing"));
  assert.equal(code, "OPENIM_NATIVE_MISSING");
  assert.ok(message.includes(`the package ${platformPackage} is not installed`), message);
  assert.ok(message.includes(`${process.platform}-${process.arch}`), message);
  assert.ok(
    message.includes('"openclaw plugins install npm:multi-openim-channel --force --accept-capabilities"'),
    message,
  );
  assert.ok(message.includes(`"npm install ${platformPackage}@${version}"`), message);
  assert.ok(!message.includes("\n"));
});

test("tells a package of another version, and a broken binary, by the same code", () => {
  const other = { name: platformPackage, version: "0.0.1", main: basename(addonFile) };
  const wrong = load(installed("wrong", { [`../${platformPackage}/package.json`]: JSON.stringify(other) }));
  assert.equal(wrong.code, "OPENIM_NATIVE_MISSING");
  assert.ok(wrong.message.includes(`${platformPackage} in version 0.0.1`), wrong.message);
  const broken = load(installed("broken", { [basename(addonFile)]: "this is no library" }));
  assert.equal(broken.code, "OPENIM_NATIVE_MISSING");
  assert.ok(broken.message.includes("cannot load its native addon"), broken.message);
});

test("in a clone of the repository the remedy is to build it", () => {
  const { message } = load(installed("clone", { "Cargo.toml": "" }));
  assert.ok(message.endsWith('run "npm run build" in the repository.'), message);
});

test("the types name what the loader gives", () => {
  const types = readFileSync(join(root, "index.d.ts"), "utf8");
  for (const name of Object.keys(addon)) assert.match(types, new RegExp(`export declare (class|function) ${name}\\b`));
});

test("nothing of the loader is left to the working directory", () => {
  const place = installed("elsewhere", { [basename(addonFile)]: { from: addonFile } });
  const script = `import(${JSON.stringify(join(place, "loader.js"))}).then((addon) => console.log(addon.addonVersion()))`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: tmpdir(),
    encoding: "utf8",
  });
  assert.equal(out.trim(), version);
});
