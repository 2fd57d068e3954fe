// The threat page has a table for each kind of person, its ids are in order, and the tests it names exist.
import assert from "node:assert/strict";
import { test } from "node:test";
import { allTests } from "../../scripts/lib/fault-matrix.mjs";
import { threatTables } from "../../scripts/lib/threats.mjs";

/** The headings in their order. The ids of the first begin with T-1, those of the second with T-2. */
const HEADINGS = [
  "Stranger",
  "Group member",
  "Admitted person",
  "Hostile server",
  "Hostile storage",
  "Other tenant",
  "Local user",
  "Supply chain",
  "Server and network at their worst",
];
const tables = threatTables();

test("there is a table of threats for each kind of person", () => {
  assert.deepEqual(
    tables.map(({ heading }) => heading),
    HEADINGS,
  );
  assert.deepEqual(
    tables.filter(({ rows }) => rows.length === 0),
    [],
  );
});

test("the ids of threats belong to their table and count from 01", () => {
  for (const [index, { rows }] of tables.entries()) {
    const expected = rows.map((_, row) => `T-${(index + 1) * 100 + row + 1}`);
    assert.deepEqual(
      rows.map(({ id }) => id),
      expected,
    );
  }
});

test("every test the threat page names exists", () => {
  const known = allTests();
  const named = tables.flatMap(({ rows }) => rows.flatMap(({ id, tests }) => tests.map((name) => ({ id, name }))));
  assert.ok(named.length > 50);
  assert.deepEqual(
    named.filter(({ name }) => !known.has(name)).map(({ id, name }) => `${id}: ${name}`),
    [],
  );
});

test("a line of the threat page that is no row is refused", () => {
  const page = (row) =>
    `## Stranger\n\n| id | what they try | what stops it | test |\n| --- | --- | --- | --- |\n${row}\n`;
  assert.deepEqual(threatTables(page("| T-101 | a | b | open |"))[0].rows[0].tests, []);
  assert.deepEqual(threatTables(page("| T-101 | a | b | `x`, `y z` |"))[0].rows[0].tests, ["x", "y z"]);
  for (const row of [
    "| T-1 | a | b | open |",
    "| T-101 | a | b | |",
    "| T-101 | a | b | x |",
    "| T-101 | a | open |",
  ]) {
    assert.throws(() => threatTables(page(row)), /no row/);
  }
});
