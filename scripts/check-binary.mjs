// `node scripts/check-binary.mjs [--glibc 2.17] [FILE…]`: a built addon is small enough, and asks for no newer C library
// than promised. Without files: the binaries in the repository's root.
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "./lib/paths.mjs";
import { Failure, main, say } from "./lib/steps.mjs";

const MAX_BYTES = 6 * 1024 * 1024;

/** The newest GLIBC symbol version the binary asks for, as [major, minor]. */
function newestGlibc(file) {
  const printed = execFileSync("readelf", ["--version-info", "--wide", file], { encoding: "utf8" });
  const versions = [...printed.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map(([, major, minor]) => [
    Number(major),
    Number(minor),
  ]);
  return versions.sort((a, b) => b[0] - a[0] || b[1] - a[1])[0] ?? [0, 0];
}

function check(file, floor) {
  const name = basename(file);
  const bytes = statSync(file).size;
  say(`${name}: ${(bytes / 1024 / 1024).toFixed(2)} MB`);
  if (bytes > MAX_BYTES) {
    throw new Failure(`${name} is larger than ${MAX_BYTES / 1024 / 1024} MB`, {
      remedy:
        "look for a new dependency with `cargo tree -e normal` and for a debug build (`npm run build` is release)",
    });
  }
  if (!floor || !name.includes("linux") || name.includes("musl")) return;
  const [major, minor] = newestGlibc(file);
  say(`${name}: asks for GLIBC ${major}.${minor}`);
  if (major > floor[0] || (major === floor[0] && minor > floor[1])) {
    throw new Failure(`${name} asks for GLIBC ${major}.${minor}, newer than ${floor.join(".")}`, {
      remedy: "build it with `napi build --use-napi-cross`",
    });
  }
}

await main(() => {
  const args = process.argv.slice(2);
  const at = args.indexOf("--glibc");
  const floor = at >= 0 ? args.splice(at, 2)[1].split(".").map(Number) : undefined;
  const files = args.length > 0 ? args : readdirSync(root).filter((name) => name.endsWith(".node"));
  if (files.length === 0) throw new Failure("there is no binary to check", { remedy: "`npm run build`" });
  for (const file of files) check(args.length > 0 ? file : join(root, file), floor);
});
