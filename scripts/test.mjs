// `npm test`: sets up what it needs and checks everything; `-- --only a,b` some of it, `-- --list` names the parts.
import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { buildAddon, buildDevServer, buildPlugin, ensureDependencies } from "./lib/build.mjs";
import { simulate } from "./lib/chaos.mjs";
import { Checks } from "./lib/checks.mjs";
import { cargoDeny } from "./lib/licences.mjs";
import { suitsTheHost } from "./lib/node24.mjs";
import { packAll } from "./lib/pack.mjs";
import { cacheDir, fromRoot } from "./lib/paths.mjs";
import { run } from "./lib/processes.mjs";
import { nodeTests, rustTests, testFiles } from "./lib/runners.mjs";
import { searchLogs } from "./lib/secrets.mjs";
import { Failure, main, say } from "./lib/steps.mjs";

/** `cargo test` runs the first seeds everywhere; new ones are left to CI and to runs that name the part. */
const ONLY_IN_CI = ["chaos"];
/** Minutes of kills and outages around real gateways: run before a release and after changes of restarts and deliveries. */
const ONLY_WHEN_NAMED = ["faults"];
/** The host tests of that part. */
const FAULTS = /kill|outage/;
/** Folders of `__test__` with a part of their own; all others test the addon. */
const OWN_PARTS = ["house", "reliability", "sdk", "package", "host"];
const script = (name, ...args) => [fromRoot("scripts", name), ...args];

const began = Date.now();
let generated;

const PARTS = {
  house: {
    title: "the rules of the house",
    run: (node) => nodeTests(node, testFiles("house"), { name: "house" }),
  },
  rust: { title: "Rust", run: rustTests },
  chaos: {
    title: "a minute of seeded histories",
    run: () => simulate({ minutes: 1 }),
  },
  build: {
    title: "the build",
    run: buildAll,
  },
  drift: {
    needs: "build",
    title: "index.d.ts is what the sources generate",
    run() {
      if (generated?.length === 0) return;
      throw new Failure(`the build changed ${generated?.join(" and ")}`, {
        remedy: "commit the files as they are now",
      });
    },
  },
  binary: {
    needs: "build",
    title: "the binary's size",
    run: (node) => run(node, script("check-binary.mjs"), { name: "check-binary", show: true }),
  },
  addon: { needs: "build", title: "the addon", run: addonTests },
  reliability: {
    title: "kills, cuts and a blocked JavaScript thread",
    run: (node) => nodeTests(node, testFiles("reliability"), { name: "reliability" }),
  },
  sdk: {
    needs: "build",
    title: "the genuine SDK against the dev server",
    run: (node) => nodeTests(node, testFiles("sdk"), { name: "sdk", concurrency: 2 }),
  },
  package: {
    needs: "build",
    title: "the packages",
    run: packageTests,
  },
  host: {
    needs: "build",
    title: "a real OpenClaw",
    run: hostTests,
  },
  demo: {
    needs: "build",
    title: "npm run demo -- --once",
    run: () => run(process.execPath, script("demo.mjs", "--once", "--built"), { name: "demo", show: true }),
  },
  secrets: { title: "no token in any output of this run", run: () => searchLogs(began) },
  licences: { title: "the licences of all crates", run: cargoDeny },
  faults: {
    title: "kills and outages around a real OpenClaw; only when named",
    run: faultTests,
  },
};

async function buildAll() {
  ({ changed: generated } = await buildAddon());
  await buildPlugin();
  process.env.OPENIM_DEV_SERVER = await buildDevServer();
}

function addonTests(node) {
  const folders = readdirSync(fromRoot("__test__"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !OWN_PARTS.includes(entry.name))
    .map((entry) => entry.name);
  return underEachNode(
    node,
    folders.flatMap((folder) => testFiles(folder)),
    "addon",
  );
}

/** The tarballs that the package tests and the host tests install, packed once. */
async function packOnce() {
  const dir = join(cacheDir, "packed-for-tests");
  rmSync(dir, { recursive: true, force: true });
  await packAll(dir);
  process.env.OPENIM_PACKED = dir;
}

async function packageTests(node) {
  await packOnce();
  const [audit, files] = split(testFiles("package"), /audit/);
  const first = await underEachNode(node, files, "package");
  // The host runs under one Node, whatever runs the test.
  return add(first, await nodeTests(node, audit, { name: "package-audit" }));
}

async function hostTests(node) {
  if (!process.env.OPENIM_PACKED) await packOnce();
  const [, files] = split(testFiles("host"), FAULTS);
  return nodeTests(node, files, { name: "host", concurrency: 2 });
}

/** These choose a moment of the gateway's work, so that nothing else should use the processor. */
async function faultTests(node) {
  if (!process.env.OPENIM_DEV_SERVER) await buildAll();
  if (!process.env.OPENIM_PACKED) await packOnce();
  const [files] = split(testFiles("host"), FAULTS);
  return nodeTests(node, files, { name: "faults" });
}

const split = (files, pattern) => [
  files.filter((file) => pattern.test(basename(file))),
  files.filter((file) => !pattern.test(basename(file))),
];
const add = (one, other) => ({ passed: one.passed + other.passed, failed: one.failed + other.failed });

/** Runs tests under the Node the host wants and, where this machine has an older one, under that as well. */
async function underEachNode(node, files, name) {
  let total = { passed: 0, failed: 0 };
  for (const each of suitsTheHost(process.version) ? [node] : [process.execPath, node]) {
    say(`\nunder ${each === process.execPath ? process.version : "Node 24"}`);
    total = add(total, await nodeTests(each, files, { name, concurrency: 2 }));
  }
  return total;
}

function wanted() {
  const at = process.argv.indexOf("--only");
  if (at < 0) {
    const left = process.env.CI === "true" ? ONLY_WHEN_NAMED : [...ONLY_WHEN_NAMED, ...ONLY_IN_CI];
    return Object.keys(PARTS).filter((name) => !left.includes(name));
  }
  const names = process.argv[at + 1]?.split(",") ?? [];
  const unknown = names.filter((name) => !(name in PARTS));
  if (unknown.length > 0) {
    throw new Failure(`there is no part ${unknown.join(", ")}`, { remedy: `parts: ${Object.keys(PARTS).join(", ")}` });
  }
  return Object.keys(PARTS).filter((name) => names.includes(name));
}

await main(async () => {
  if (process.argv.includes("--list")) {
    for (const [name, part] of Object.entries(PARTS)) say(`${name.padEnd(11)} ${part.title}`);
    return 0;
  }
  const names = wanted();
  const node = await ensureDependencies();
  const checks = new Checks();
  const broken = new Set();
  for (const name of names) {
    const { needs, title, run } = PARTS[name];
    const passed = await checks.check(name, title, () => {
      if (broken.has(needs)) throw new Failure(`not tried: ${PARTS[needs].title} failed`);
      return run(node);
    });
    if (!passed) broken.add(name);
  }
  return checks.finish();
});
