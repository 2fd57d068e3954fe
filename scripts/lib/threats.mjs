// The rows of docs/threats.md.
import { readFileSync } from "node:fs";
import { fromRoot } from "./paths.mjs";

const HEADS = ["| id | what they try | what stops it | test |", "| id | what happens | what is done | test |"];
const RULE = "| --- | --- | --- | --- |";
const ROW = /^\| (T-\d{3}) \| ([^|]+) \| ([^|]+) \| (open|`[^`|]+`(?:, `[^`|]+`)*) \|$/;

/**
 * The tables by their headings. Each row has its id, two texts, and the tests that show it, none where it is open.
 * @returns {{ heading: string, rows: { id: string, attempt: string, defence: string, tests: string[] }[] }[]}
 */
export function threatTables(text = readFileSync(fromRoot("docs", "threats.md"), "utf8")) {
  /** @type {ReturnType<typeof threatTables>} */
  const tables = [];
  for (const line of text.split("\n")) {
    const table = tables.at(-1);
    if (line.startsWith("## ")) tables.push({ heading: line.slice(3), rows: [] });
    else if (line.startsWith("|") && !HEADS.includes(line) && line !== RULE) {
      const row = ROW.exec(line);
      if (!row || !table) {
        throw new Error(`docs/threats.md has a line that is no row: ${line}\nA row is: ${HEADS[0]} with an id T-xyz`);
      }
      const [, id, attempt, defence, shown] = row;
      table.rows.push({ id, attempt, defence, tests: [...shown.matchAll(/`([^`]+)`/g)].map(([, name]) => name) });
    }
  }
  return tables;
}
