// The conformance list and the tests agree.
import assert from "node:assert/strict";
import { test } from "node:test";
import { listedCases, testedCases } from "../../scripts/lib/conformance.mjs";

const remedy = "run `node scripts/conformance.mjs` and look at what it changed";
const listed = listedCases();
const tested = testedCases();

test("every case has one row, and no number is missing", () => {
  assert.deepEqual(
    listed.map((one) => one.number),
    Array.from({ length: 86 }, (_, i) => i + 1),
  );
});

test("every listed test exists", () => {
  const absent = listed.flatMap((one) => one.tests.filter((name) => !tested.get(one.number)?.includes(name)));
  assert.deepEqual(absent, [], remedy);
});

test("every case test is listed under its own number", () => {
  const unlisted = [...tested].flatMap(([number, names]) => {
    const row = listed.find((one) => one.number === number);
    return names.filter((name) => !row?.tests.includes(name));
  });
  assert.deepEqual(unlisted, [], remedy);
});

test("a case is marked `later` exactly when it has no test", () => {
  const wrong = listed.filter((one) => one.later !== (one.tests.length === 0)).map((one) => one.number);
  assert.deepEqual(wrong, [], remedy);
});
