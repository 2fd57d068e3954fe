// What CI checks is written down: every part has a budget of minutes, compiler flags are in Cargo's files, Rust is recent enough.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fromRoot } from "../../scripts/lib/paths.mjs";
import { BUDGETS, BUDGETS_WHEN_NAMED, TOTAL_MINUTES, timesTable } from "../../scripts/lib/times.mjs";

const MINUTE = 60_000;
const read = (...path) => readFileSync(fromRoot(...path), "utf8");
const number = (version) => version.split(".").map(Number);

test("every part of lint and test has a budget, and every budget belongs to a part", () => {
  const listed = execFileSync(process.execPath, [fromRoot("scripts", "test.mjs"), "--list"], { encoding: "utf8" });
  const tests = listed
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[0]);
  const lints = [...read("scripts", "lint.mjs").matchAll(/checks\.check\(\s*"(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual([...lints, ...tests], Object.keys({ ...BUDGETS, ...BUDGETS_WHEN_NAMED }));
});

test("the budgets together stay within the promise", () => {
  const sum = Object.values(BUDGETS).reduce((total, minutes) => total + minutes, 0);
  assert.ok(sum <= TOTAL_MINUTES, `${sum} minutes`);
});

test("a part that exceeds its budget by half is named, others are not", () => {
  const warnings = (minutes) => timesTable({ rust: minutes * MINUTE }).filter((line) => line.startsWith("warning"));
  assert.deepEqual(warnings(BUDGETS.rust * 1.4), []);
  assert.match(warnings(BUDGETS.rust * 1.6).join(), /^warning: rust took [\d.]+ minutes; its budget is \d/);
});

test("no script sets compiler flags: cargo finds all of them by itself", () => {
  const scripts = readdirSync(fromRoot("scripts"), { recursive: true }).filter((file) => file.endsWith(".mjs"));
  const workflows = readdirSync(fromRoot(".github", "workflows"));
  const files = [
    ...scripts.map((file) => join("scripts", file)),
    ...workflows.map((file) => join(".github", "workflows", file)),
  ];
  assert.deepEqual(
    files.filter((file) => /RUSTFLAGS|CARGO_PROFILE|CARGO_ENCODED/.test(read(file).replaceAll("RUSTDOCFLAGS", ""))),
    [],
  );
});

test("the release profile unwinds, so that a panic can be caught", () => {
  assert.match(read("Cargo.toml"), /\[profile\.release\]\n(?:\w.*\n)*panic = "unwind"/);
});

test("this Rust is at least as new as the manifest asks for", () => {
  const asked = number(/^rust-version = "(.+)"$/m.exec(read("Cargo.toml"))[1]);
  const used = number(/^rustc (\d+\.\d+)/.exec(execFileSync("rustc", ["--version"], { encoding: "utf8" }))[1]);
  assert.ok(used[0] > asked[0] || (used[0] === asked[0] && used[1] >= asked[1]), `rustc ${used.join(".")}`);
});
