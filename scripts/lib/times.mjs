// How long each part of `npm run lint` and `npm test` may take, how long it took last, and the table of both.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cacheDir, folder } from "./paths.mjs";

/**
 * Minutes on two cores in a fresh clone with nothing built, in the order in which `.ci/run` runs the parts.
 * `node scripts/times.mjs` prints what they took here last.
 */
export const BUDGETS = {
  rustfmt: 0.1,
  prettier: 0.3,
  clippy: 3.2,
  rustdoc: 1,
  typescript: 0.2,
  embedded: 0.1,
  javascript: 0.2,
  eslint: 0.6,
  actionlint: 0.1,
  zizmor: 0.2,
  house: 0.2,
  rust: 6,
  chaos: 1.2,
  build: 5,
  drift: 0.1,
  binary: 0.1,
  addon: 2,
  reliability: 1.2,
  sdk: 0.5,
  package: 1.2,
  host: 12.8,
  demo: 1.2,
  secrets: 0.1,
  licences: 2.4,
};

/** Minutes of the parts that run only when they are named. */
export const BUDGETS_WHEN_NAMED = { faults: 15 };
const ALL_BUDGETS = { ...BUDGETS, ...BUDGETS_WHEN_NAMED };

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
  const rows = Object.keys(ALL_BUDGETS).filter((name) => name in times);
  const line = (name, ms, budget) => `${name.padEnd(12)}${minutes(ms)}${minutes(budget * 60_000)}`;
  const sum = (of) => rows.reduce((total, name) => total + of(name), 0);
  return [
    "part        minutes budget",
    ...rows.map((name) => line(name, times[name], ALL_BUDGETS[name])),
    line(
      "together",
      sum((name) => times[name]),
      sum((name) => ALL_BUDGETS[name]),
    ),
    ...rows
      .filter((name) => times[name] > ALL_BUDGETS[name] * 60_000 * TOLERANCE)
      .map((name) => overBudget(name, times[name])),
  ];
}

function overBudget(name, ms) {
  return `warning: ${name} took ${minutes(ms).trim()} minutes; its budget is ${ALL_BUDGETS[name]} (scripts/lib/times.mjs)`;
}
