// Every file and folder of the repository that a document names exists.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fromRoot } from "../../scripts/lib/paths.mjs";

const FOLDERS = "__test__|benches|crates|docs|examples|fuzz|npm|plugin|scripts|src";
const PATH = new RegExp(`\`((?:${FOLDERS})/[\\w./-]*)\``, "g");
/** Folders that a command makes; they are in no checkout. */
const MADE = /^fuzz\/artifacts/;

const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: fromRoot(),
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path && existsSync(fromRoot(path)));

test("files that documents name exist", () => {
  const named = documents.flatMap((document) =>
    [...readFileSync(fromRoot(document), "utf8").matchAll(PATH)].map(([, path]) => ({ document, path })),
  );
  assert.ok(named.length > 20);
  const absent = named.filter(({ path }) => !MADE.test(path) && !existsSync(fromRoot(path)));
  assert.deepEqual(
    absent.map(({ document, path }) => `${document} names ${path}`),
    [],
  );
});
