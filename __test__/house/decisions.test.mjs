// Decision records have one form, one number each, and a line in their list.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fromRoot } from "../../scripts/lib/paths.mjs";

const HEADINGS = ["Context", "Decision", "Cost", "When to revisit"];
const text = (name) => readFileSync(fromRoot("docs", "decisions", name), "utf8");
const records = readdirSync(fromRoot("docs", "decisions")).filter((name) => name !== "README.md");

test("every record has a number of its own", () => {
  assert.deepEqual(
    records.filter((name) => !/^\d{4}-[a-z0-9-]+\.md$/.test(name)),
    [],
  );
  const numbers = records.map((name) => name.slice(0, 4));
  assert.equal(new Set(numbers).size, numbers.length);
});

test("every record has its number in the title and the four headings in order", () => {
  for (const name of records) {
    assert.match(text(name), new RegExp(`^# ${name.slice(0, 4)}: .+\n`), name);
    const headings = [...text(name).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings, HEADINGS, name);
  }
});

test("every record is in the list", () => {
  const list = text("README.md");
  assert.deepEqual(
    records.filter((name) => !list.includes(`[${name.slice(0, 4)}](${name})`)),
    [],
  );
});
