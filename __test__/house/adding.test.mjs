// The recipes of docs/adding.md are complete: they name every file that their example is in, and a place in each.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fromRoot } from "../../scripts/lib/paths.mjs";

/** The names under which the example of a recipe is found. */
const EXAMPLES = {
  "Add a content kind": /\bCard\b|\bCARD\b|cardElem|CardElem|createCardMessage/,
  "Add an option": /contextVisibility/,
  "Add a call": /dismissGroup|\bdismiss_group\b/,
  "Add a host adapter": /\bpairingAdapter\b/,
};
/** Tests, and pages that are no part of a recipe. The recipes name tests in words. */
const ELSEWHERE =
  /^(__test__|benches|examples|fuzz|crates\/testkit|crates\/[^/]+\/tests)\/|^docs\/(adding|conformance|threats)\.md/;

const page = readFileSync(fromRoot("docs", "adding.md"), "utf8");
const text = (path) => readFileSync(fromRoot(path), "utf8");
const tracked = execFileSync("git", ["ls-files", "*.rs", "*.ts", "*.js", "*.mjs", "*.json", "docs/*.md"], {
  cwd: fromRoot(),
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path && !ELSEWHERE.test(path) && existsSync(fromRoot(path)));

/** The table below a heading: file and place of each row. */
function steps(heading) {
  const [, section] = page.split(`\n## ${heading}\n`);
  assert.ok(section, `no section "${heading}"`);
  return [...section.split("\n## ")[0].matchAll(/^\| `([^`]+)` +\| `([^`]+)` /gm)].map(([, file, place]) => ({
    file,
    place,
  }));
}

test("every recipe has an example", () => {
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, Object.keys(EXAMPLES));
});

for (const [heading, names] of Object.entries(EXAMPLES)) {
  describe(heading, () => {
    test("every file has the place", () => {
      const wrong = steps(heading).filter(
        ({ file, place }) => !existsSync(fromRoot(file)) || !text(file).includes(place),
      );
      assert.deepEqual(wrong, []);
    });

    test("no file is missing", () => {
      const listed = steps(heading).map(({ file }) => file);
      const found = tracked.filter((path) => names.test(text(path)));
      assert.deepEqual([...listed].sort(), found.sort(), "the files with the example's names");
    });
  });
}
