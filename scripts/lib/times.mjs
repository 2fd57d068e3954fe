// How long each part of `npm run lint` and `npm test` may take, how long it took last, and the table of both.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cacheDir, folder } from "./paths.mjs";

/**
 * Minutes on two cores in a fresh clone with nothing built, in the order in which `.ci/run` runs the parts.
 * `node scripts/times.mjs` prints what they took here last.
 */
export const BUDGETS = {
  rustfmt: 0.2,
  prettier: 0.5,
  clippy: 3,
  rustdoc: 1.5,
  typescript: 0.5,
  embedded: 0.2,
  javascript: 0.5,
  eslint: 1,
  actionlint: 0.2,
  zizmor: 0.3,
  house: 0.3,
  rust: 7.5,
  chaos: 1.2,
  build: 5,
  drift: 0.1,
  binary: 0.3,
  addon: 3,
  reliability: 2,
  sdk: 1,
  package: 1,
  host: 7.5,
  demo: 1,
  secrets: 0.1,
  licences: 2,
};

/** What `.ci/run` may take on two cores. */
export const TOTAL_MINUTES = 40;

/** A part that takes longer than its budget times this is named. */
const TOLERANCE = 1.5;

const file = () => `${folder(cacheDir)}/times.json`;
const minutes = (ms) => (ms / 60_000).toFixed(1).padStart(7);

/** The milliseconds of each part that has run here, newest run of each. */
export function recorded() {
  return existsSync(file()) ? JSON.parse(readFileSync(file(), "utf8")) : {};
}

/** Remembers how long a part took. */
export function record(name, ms) {
  writeFileSync(file(), JSON.stringify({ ...recorded(), [name]: Math.round(ms) }));
}

/** One line per part with its minutes and its budget, the sum, and a warning for each part far above its budget. */
export function timesTable(times) {
  const rows = Object.keys(BUDGETS).filter((name) => name in times);
  const line = (name, ms, budget) => `${name.padEnd(12)}${minutes(ms)}${minutes(budget * 60_000)}`;
  const sum = (of) => rows.reduce((total, name) => total + of(name), 0);
  return [
    "part        minutes budget",
    ...rows.map((name) => line(name, times[name], BUDGETS[name])),
    line(
      "together",
      sum((name) => times[name]),
      sum((name) => BUDGETS[name]),
    ),
    ...rows
      .filter((name) => times[name] > BUDGETS[name] * 60_000 * TOLERANCE)
      .map((name) => overBudget(name, times[name])),
  ];
}

function overBudget(name, ms) {
  return `warning: ${name} took ${minutes(ms).trim()} minutes; its budget is ${BUDGETS[name]} (scripts/lib/times.mjs)`;
}
