// The fault matrix has all its rows, and the tests it names exist.
import assert from "node:assert/strict";
import { test } from "node:test";
import { allTests, matrixRows } from "../../scripts/lib/fault-matrix.mjs";

const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24];
const rows = matrixRows();

test("every row of the fault matrix appears once and has a fault", () => {
  assert.deepEqual(
    rows.map(({ number }) => number),
    ROWS,
  );
  assert.deepEqual(
    rows.filter(({ faults }) => faults.length === 0),
    [],
  );
});

test("every test the fault matrix names exists", () => {
  const known = allTests();
  assert.ok(known.size > 200);
  const absent = rows.flatMap(({ number, faults }) =>
    faults.flatMap(({ tests }) => tests.filter((name) => !known.has(name)).map((name) => `F${number}: ${name}`)),
  );
  assert.deepEqual(absent, []);
});
