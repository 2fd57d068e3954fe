// Whether something secret got into what a run has written: anything in the shape of a token, and the word the tests put
// into every secret they make up.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { logDir } from "./paths.mjs";
import { Failure } from "./steps.mjs";

const SHAPES = [/eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/, /s3cret(?:-[\w-]+)?/];
/** The dev server prints the tokens of its people, because its caller wants to log in with them. */
const SPEAKS_OF_TOKENS = /^(openim-dev-server|person-)/;

/** The lines of a text that hold a secret, by number; never the secret. */
export function secretLines(text) {
  return text.split("\n").flatMap((line, at) => (SHAPES.some((shape) => shape.test(line)) ? [at + 1] : []));
}

/** A text with every secret in it left out; for commands, to which tests give tokens as a person would type them. */
export function withoutSecrets(text) {
  return SHAPES.reduce((left, shape) => left.replaceAll(new RegExp(shape, "g"), "…"), text);
}

/** Looks through what was logged since a moment: tests, gateways, builds. */
export function searchLogs(since, dir = logDir) {
  const found = [];
  let searched = 0;
  for (const name of readdirSync(dir)) {
    if (SPEAKS_OF_TOKENS.test(name) || statSync(join(dir, name)).mtimeMs < since) continue;
    searched++;
    const lines = secretLines(readFileSync(join(dir, name), "utf8"));
    if (lines.length > 0) found.push(`${name}: ${lines.slice(0, 5).join(", ")}`);
  }
  if (searched === 0) throw new Failure("nothing was logged", { remedy: "run this part after others" });
  if (found.length > 0) throw new Failure(`a secret is in ${found.join("; ")}`);
  return { passed: searched, failed: 0 };
}
