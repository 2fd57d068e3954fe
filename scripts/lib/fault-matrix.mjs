// The rows of docs/fault-matrix.md and the names of all tests in the sources.
import { readdirSync, readFileSync } from "node:fs";
import { entryPath, fromRoot } from "./paths.mjs";

const ROW = /^- \*\*F(\d+)\*\* · (.+)$/;
const FAULT = /^ {2}- ([^`]+): (open|(`[^`]+`(, )?)+)$/;

/** The rows: number, title, and each fault with the tests that show it, none where it is open. */
export function matrixRows(text = readFileSync(fromRoot("docs", "fault-matrix.md"), "utf8")) {
  /** @type {{ number: number, title: string, faults: { what: string, tests: string[] }[] }[]} */
  const rows = [];
  for (const line of text.split("\n")) {
    const row = ROW.exec(line);
    if (row) rows.push({ number: Number(row[1]), title: row[2], faults: [] });
    else if (/^\s*- /.test(line)) {
      const fault = FAULT.exec(line);
      if (!fault || rows.length === 0) throw new Error(`docs/fault-matrix.md has a line that is no fault: ${line}`);
      rows.at(-1)?.faults.push({ what: fault[1], tests: [...fault[2].matchAll(/`([^`]+)`/g)].map(([, name]) => name) });
    }
  }
  return rows;
}

/** The names of all Rust and Node tests. */
export function allTests() {
  const names = new Set();
  for (const file of [...sources("crates", /\.rs$/), ...sources("src", /\.rs$/)]) {
    const text = readFileSync(file, "utf8");
    for (const [, name] of text.matchAll(/#\[(?:tokio::)?test\b[^\]]*\](?:\s*#\[[^\]]*\])*\s*(?:async )?fn (\w+)/g)) {
      names.add(name);
    }
    // proptest takes the place of the attribute.
    for (const [block] of text.matchAll(/proptest!\s*\{[\s\S]*?\n\s{0,4}\}/g)) {
      for (const [, name] of block.matchAll(/\bfn (\w+)/g)) names.add(name);
    }
  }
  for (const file of sources("__test__", /\.test\.mjs$/)) {
    for (const [, name] of readFileSync(file, "utf8").matchAll(/\btest\(\s*"([^"]+)"/g)) names.add(name);
  }
  return names;
}

function sources(dir, wanted) {
  return readdirSync(fromRoot(dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && wanted.test(entry.name))
    .map(entryPath);
}
