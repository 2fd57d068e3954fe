// `node scripts/times.mjs`: how long each part of `npm run lint` and `npm test` took when it ran here last, and its budget.
import { main, say } from "./lib/steps.mjs";
import { recorded, timesTable } from "./lib/times.mjs";

await main(() => {
  for (const line of timesTable(recorded())) say(line);
});
