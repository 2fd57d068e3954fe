// The seeded simulation of openim-client, run for a time; a failing seed is kept with what it printed.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { cargo } from "./build.mjs";
import { cacheDir, folder } from "./paths.mjs";
import { Failure, say, step } from "./steps.mjs";

/** The whole workspace is selected so that what the other Rust tests have built is used again. */
const SELECTION = ["test", "--workspace", "--test", "simulation"];
/** Seeds of one cargo run: some seconds, so that the time is kept. */
const BATCH = 50;
const TEST = "the_history_of_every_seed_keeps_its_invariants";
const BROKEN = /OPENIM_SIM_SEED=(\d+)/;

/** Runs seeds from `first` on until the time is over; resolves with how many there were. */
export async function simulate({ first = (Date.now() % 1_000_000_000) + 1, minutes }) {
  await step("Building the simulation", () => cargo([...SELECTION, "--no-run"]));
  const end = performance.now() + minutes * 60_000;
  let next = first;
  do {
    await simulation({ OPENIM_SIM_FIRST: String(next), OPENIM_SIM_SEEDS: String(BATCH) });
    next += BATCH;
    say(`seeds ${next - BATCH} to ${next - 1} keep their invariants`);
  } while (performance.now() < end);
  say(`${next - first} seeds from ${first} on, no broken invariant`);
  return next - first;
}

/** Repeats one seed. */
export const simulateOne = (seed) => simulation({ OPENIM_SIM_SEED: String(seed) });

async function simulation(env) {
  const args = [...SELECTION, TEST, "--", "--exact", "--nocapture"];
  try {
    const out = await cargo(args, { name: "simulation", env: { ...process.env, ...env } });
    if (!/\b1 passed/.test(out)) throw new Failure(`cargo ran no test ${TEST}`);
  } catch (error) {
    const seed = env.OPENIM_SIM_SEED ?? BROKEN.exec(error.stdout ?? "")?.[1];
    if (!seed || !(error instanceof Failure) || !error.log) throw error;
    const kept = join(folder(cacheDir, "chaos"), `seed-${seed}.log`);
    copyFileSync(error.log, kept);
    throw new Failure(`seed ${seed} breaks an invariant`, {
      remedy: `repeat it with \`npm run chaos -- --seed ${seed}\`; its output is kept in ${kept}`,
      log: error.log,
    });
  }
}
