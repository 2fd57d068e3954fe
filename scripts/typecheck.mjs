// `node scripts/typecheck.mjs TSCONFIG…`: checks our JavaScript by the types in its comments; prints every error.
import { Failure, main, say } from "./lib/steps.mjs";
import { createProgram, errorsOf } from "./lib/typescript.mjs";

await main(() => {
  const wrong = process.argv.slice(2).filter((config) => {
    const errors = errorsOf(createProgram(config));
    if (errors) say(errors);
    return errors;
  });
  if (wrong.length > 0) throw new Failure(`types do not fit (${wrong.join(", ")})`);
});
