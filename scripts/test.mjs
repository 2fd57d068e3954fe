// `npm test`: sets up what it needs and checks everything; `-- --only a,b` some of it, `-- --list` names the parts.
import { readdirSync } from "node:fs";
import { buildAddon, buildDevServer, buildPlugin, ensureDependencies } from "./lib/build.mjs";
import { simulate } from "./lib/chaos.mjs";
import { Checks } from "./lib/checks.mjs";
import { cargoDeny } from "./lib/licences.mjs";
import { suitsTheHost } from "./lib/node24.mjs";
import { fromRoot } from "./lib/paths.mjs";
import { run } from "./lib/processes.mjs";
import { nodeTests, rustTests, testFiles } from "./lib/runners.mjs";
import { searchLogs } from "./lib/secrets.mjs";
import { Failure, main, say } from "./lib/steps.mjs";

/** `cargo test` runs the first seeds everywhere; new ones are left to CI, or to whoever names the part. */
const ONLY_IN_CI = ["chaos"];
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
    async run() {
      ({ changed: generated } = await buildAddon());
      await buildPlugin();
      process.env.OPENIM_DEV_SERVER = await buildDevServer();
    },
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
    run: (node) => nodeTests(node, testFiles("sdk"), { name: "sdk" }),
  },
  package: {
    needs: "build",
    title: "the packages",
    run: (node) => underEachNode(node, testFiles("package"), "package"),
  },
  host: {
    needs: "build",
    title: "a real OpenClaw",
    run: (node) => nodeTests(node, testFiles("host"), { name: "host" }),
  },
  demo: {
    needs: "build",
    title: "npm run demo -- --once",
    run: () => run(process.execPath, script("demo.mjs", "--once"), { name: "demo", show: true }),
  },
  secrets: { title: "no token in any output of this run", run: () => searchLogs(began) },
  licences: { title: "the licences of all crates", run: cargoDeny },
};

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

/** Runs tests under the Node the host wants and, where this machine has an older one, under that as well. */
async function underEachNode(node, files, name) {
  const total = { passed: 0, failed: 0 };
  for (const each of suitsTheHost(process.version) ? [node] : [process.execPath, node]) {
    say(`\nunder ${each === process.execPath ? process.version : "Node 24"}`);
    const { passed, failed } = await nodeTests(each, files, { name });
    total.passed += passed;
    total.failed += failed;
  }
  return total;
}

function wanted() {
  const at = process.argv.indexOf("--only");
  if (at < 0) return Object.keys(PARTS).filter((name) => process.env.CI === "true" || !ONLY_IN_CI.includes(name));
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
