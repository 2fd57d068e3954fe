// `node scripts/generate.mjs`: writes every generated file whose sources are TypeScript; `-- --check` only compares.
import { readFileSync, writeFileSync } from "node:fs";
import { generatedFiles } from "./lib/generate/index.mjs";
import { fromRoot } from "./lib/paths.mjs";
import { Failure, main, say } from "./lib/steps.mjs";

await main(async () => {
  const changed = [];
  for (const [path, text] of await generatedFiles()) {
    if (readText(path) === text) continue;
    changed.push(path);
    if (!process.argv.includes("--check")) writeFileSync(fromRoot(path), text);
  }
  if (changed.length > 0 && process.argv.includes("--check")) {
    throw new Failure(`${changed.join(" and ")}: not what the sources generate`, {
      remedy: "run `node scripts/generate.mjs` and commit what it changes",
    });
  }
  say(
    changed.length > 0 ? `Generated anew: ${changed.join(", ")}` : "The generated files are what the sources generate",
  );
});

function readText(path) {
  try {
    return readFileSync(fromRoot(path), "utf8");
  } catch {
    return undefined;
  }
}
