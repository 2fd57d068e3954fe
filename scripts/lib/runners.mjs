// The test runners: node:test under a given Node, and cargo-nextest or cargo test; each says how many tests passed and failed.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { cargo } from "./build.mjs";
import { entryPath, fromRoot } from "./paths.mjs";
import { cleanEnv, run } from "./processes.mjs";
import { Failure } from "./steps.mjs";

const NODE_TESTS_MS = 30 * 60_000;
const CARGO_TESTS_MS = 30 * 60_000;

/** The test files in one folder of `__test__`, however deep. */
export function testFiles(...dir) {
  const from = fromRoot("__test__", ...dir);
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.test\.mjs$/.test(entry.name))
    .map(entryPath)
    .sort();
}

/**
 * Runs test files with node:test; one file at a time unless `concurrency` says otherwise.
 *
 * @param {string} node
 * @param {string[]} files
 * @param {{ name?: string, env?: NodeJS.ProcessEnv, concurrency?: number }} [options]
 */
export async function nodeTests(node, files, { name, env, concurrency = 1 } = {}) {
  if (files.length === 0) throw new Failure(`there are no ${name} tests`);
  const args = ["--test", "--test-reporter=spec", `--test-concurrency=${concurrency}`, ...files];
  return counting(
    run(node, args, {
      name: `node-test-${name}`,
      env: cleanEnv({ ...env, FORCE_COLOR: "0" }),
      show: true,
      timeoutMs: NODE_TESTS_MS,
    }),
    (out) => ({ passed: sum(out, /^ℹ pass (\d+)/gm), failed: sum(out, /^ℹ (?:fail|cancelled) (\d+)/gm) }),
  );
}

/** Runs every Rust test of the workspace: with cargo-nextest, which uses all cores, where it is installed, else with cargo test. */
export async function rustTests() {
  if (!hasNextest()) return cargoTest(["--no-fail-fast"]);
  const tests = await counting(
    run("cargo", ["nextest", "run", "--locked", "--workspace", "--no-fail-fast", "--status-level", "slow"], {
      name: "cargo-nextest",
      show: true,
      mergeOutput: true,
      timeoutMs: CARGO_TESTS_MS,
    }),
    (out) => ({
      passed: sum(out, /^ *Summary .*?(\d+) passed/gm),
      failed: sum(out, /^ *Summary .*?(\d+) (?:failed|timed out)/gm),
    }),
  );
  // nextest does not run the examples in the documentation.
  const examples = await cargoTest(["--doc", "--no-fail-fast"]);
  return { passed: tests.passed + examples.passed, failed: tests.failed + examples.failed };
}

function hasNextest() {
  return spawnSync("cargo", ["nextest", "--version"], { stdio: "ignore" }).status === 0;
}

function cargoTest(args) {
  return counting(cargo(["test", "--workspace", ...args], { show: true, timeoutMs: CARGO_TESTS_MS }), (out) => ({
    passed: sum(out, /^test result: .*?(\d+) passed/gm),
    failed: sum(out, /^test result: .*?(\d+) failed/gm),
  }));
}

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, [, n]) => total + Number(n), 0);

async function counting(running, count) {
  try {
    const counted = count(await running);
    if (counted.passed === 0) throw new Failure("no test ran");
    return counted;
  } catch (error) {
    if (error.stdout !== undefined) error.counted = count(error.stdout);
    throw error;
  }
}
