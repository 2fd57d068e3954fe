// `npm run chaos -- --minutes M`: histories drawn from seeds, in virtual time, until the time is over; `--seed S` says where
// to begin, and alone repeats that one. A seed that breaks an invariant is printed and kept in `.cache/chaos/`.
import { parseArgs } from "node:util";
import { simulate, simulateOne } from "./lib/chaos.mjs";
import { Failure, main, say } from "./lib/steps.mjs";

const MINUTES = 5;

function number(name, text) {
  const value = Number(text);
  if (text !== undefined && !(value > 0 && (name !== "seed" || Number.isSafeInteger(value)))) {
    throw new Failure(`--${name} ${text} is not a number above 0`, { remedy: "npm run chaos -- --seed 7 --minutes 5" });
  }
  return text === undefined ? undefined : value;
}

await main(async () => {
  const { values } = parseArgs({ options: { seed: { type: "string" }, minutes: { type: "string" } } });
  const seed = number("seed", values.seed);
  const minutes = number("minutes", values.minutes);
  if (seed !== undefined && minutes === undefined) {
    await simulateOne(seed);
    say(`seed ${seed} keeps its invariants`);
    return 0;
  }
  await simulate({ first: seed, minutes: minutes ?? MINUTES });
  return 0;
});
