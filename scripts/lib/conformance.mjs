// The list in docs/conformance.md against the tests in the sources: reads both, and writes the list's test names anew.
import { readdirSync, readFileSync } from "node:fs";
import { entryPath, fromRoot } from "./paths.mjs";

export const listPath = fromRoot("docs", "conformance.md");
const CASE_LINE = /^- \*\*(\d+)\*\* · ([a-z, ]+) · (.+?)( — later)?$/;
const TEST_LINE = /^ {2}- `(.+)`$/;

/** The cases of the list: number, whose it is, what must hold, whether it says `later`, its test names. */
export function listedCases(text = readFileSync(listPath, "utf8")) {
  /** @type {{ number: number, whose: string, text: string, later: boolean, tests: string[] }[]} */
  const cases = [];
  for (const line of text.split("\n")) {
    const head = CASE_LINE.exec(line);
    const test = TEST_LINE.exec(line);
    if (head)
      cases.push({ number: Number(head[1]), whose: head[2], text: head[3], later: Boolean(head[4]), tests: [] });
    else if (test && cases.length > 0) cases.at(-1)?.tests.push(test[1]);
  }
  return cases;
}

/** The case tests in the sources, by case number. */
export function testedCases() {
  const found = new Map();
  const add = (number, name) => found.set(number, [...new Set([...(found.get(number) ?? []), name])].sort());
  for (const file of sources(fromRoot("crates"), /\.rs$/).concat(sources(fromRoot("src"), /\.rs$/))) {
    for (const [, name, number] of readFileSync(file, "utf8").matchAll(/fn (case_(\d+)_\w+)\s*\(/g)) {
      add(Number(number), name);
    }
  }
  for (const file of sources(fromRoot("__test__"), /\.(mjs|ts)$/)) {
    // One test may be about several cases: `case 58, case 31: …`.
    for (const [, name, cases] of readFileSync(file, "utf8").matchAll(
      /["'`]((case \d+(?:, case \d+)*): [^"'`]+)["'`]/g,
    )) {
      for (const [number] of cases.matchAll(/\d+/g)) add(Number(number), name);
    }
  }
  return found;
}

/** The list with the test names of the sources. */
export function rewritten(text, tested) {
  const lines = text.split("\n").filter((line) => !TEST_LINE.test(line));
  const out = lines.flatMap((line) => {
    const head = CASE_LINE.exec(line);
    if (!head) return [line];
    const tests = tested.get(Number(head[1])) ?? [];
    const bare = `- **${head[1]}** · ${head[2]} · ${head[3]}`;
    return tests.length > 0 ? [bare, ...tests.map((name) => `  - \`${name}\``)] : [`${bare} — later`];
  });
  return out.join("\n");
}

function sources(dir, wanted) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && wanted.test(entry.name))
    .map(entryPath)
    .sort();
}
