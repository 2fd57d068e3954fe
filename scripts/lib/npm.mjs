// npm as a child process, under the Node we choose and without what an outer `npm run` left in the environment.
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { cleanEnv, run } from "./processes.mjs";
import { Failure } from "./steps.mjs";

/** npm's own entry file: the one that runs us, or the one beside this Node. */
function npmEntry() {
  const beside = dirname(process.execPath);
  const found = [
    process.env.npm_execpath,
    join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
    join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    ...(process.env.PATH ?? "")
      .split(delimiter)
      .map((dir) => join(dir, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js")),
  ].find((path) => path && /npm-cli\.js$/.test(path) && existsSync(path));
  if (found) return found;
  throw new Failure("npm was not found", { remedy: "start the script through npm, for example `npm test`" });
}

/**
 * Runs npm with these arguments; resolves with its standard output.
 *
 * @param {string[]} args
 * @param {{ node?: string } & import("./processes.mjs").RunOptions} [options]
 */
export function npm(args, { node = process.execPath, env, ...options } = {}) {
  return run(node, [npmEntry(), ...args], { name: `npm ${args[0]}`, ...options, env: cleanEnv(env) });
}
