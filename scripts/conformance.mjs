// Writes the test names in docs/conformance.md anew from the sources.
import { readFileSync, writeFileSync } from "node:fs";
import { listedCases, listPath, rewritten, testedCases } from "./lib/conformance.mjs";
import { main, say } from "./lib/steps.mjs";

await main(async () => {
  writeFileSync(listPath, rewritten(readFileSync(listPath, "utf8"), testedCases()));
  const cases = listedCases();
  say(`${cases.filter((one) => !one.later).length} of ${cases.length} cases have tests`);
});
