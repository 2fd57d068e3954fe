// Where things are: the repository's root, the cache that may always be deleted, the facts of package.json.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");
export const cacheDir = join(root, ".cache");
export const logDir = join(cacheDir, "logs");

/** A path under the repository's root. */
export const fromRoot = (...parts) => join(root, ...parts);

/** A folder that exists when this returns; a new one belongs to its user alone. */
export function folder(...parts) {
  const path = join(...parts);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

/**
 * The path of an entry that `readdirSync` found; Node before 20.12 calls its folder `path`.
 *
 * @param {any} entry
 * @returns {string}
 */
export const entryPath = (entry) => join(entry.parentPath ?? entry.path, entry.name);

export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

export const manifest = readJson(fromRoot("package.json"));
