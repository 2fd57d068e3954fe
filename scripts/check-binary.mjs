// `node scripts/check-binary.mjs [--glibc 2.17] [--plain-cargo] [FILE…]`: prints an addon's size, warns when it has grown large,
// and fails when it needs a newer C library than promised. Without files: the binaries in the repository's root. With
// `--plain-cargo` this machine's binary must be byte for byte what `cargo build --release` makes.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { buildLibrary } from "./lib/build.mjs";
import { root } from "./lib/paths.mjs";
import { Failure, main, say, step } from "./lib/steps.mjs";

const MEGABYTE = 1024 * 1024;
const LARGE_BYTES = 12 * MEGABYTE;

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
  say(`${name}: ${(bytes / MEGABYTE).toFixed(2)} MB`);
  if (bytes > LARGE_BYTES) {
    say(
      `  warning: this is more than ${LARGE_BYTES / MEGABYTE} MB; look for a new dependency with \`cargo tree -e normal\`, ` +
        "and for a debug build (`npm run build` is release)",
    );
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

/** The compiler's flags stand where cargo finds them: without our scripts it makes the same file. Quick after a build. */
async function comparePlainCargo() {
  // napi always names a target, and the names of symbols, by which code is ordered, depend on whether one is named.
  const target = execFileSync("rustc", ["--print", "host-tuple"], { encoding: "utf8" }).trim();
  const library = await step(`cargo build --release --target ${target}`, () =>
    buildLibrary(["--release", "--target", target], { name: "cargo-build-release" }),
  );
  const bytes = readFileSync(library);
  const same = binaries().some((file) => readFileSync(join(root, file)).equals(bytes));
  if (!same) {
    throw new Failure("`cargo build --release` makes another binary than `npm run build`", {
      remedy: "put compiler flags into Cargo.toml or .cargo/config.toml, nowhere else",
    });
  }
  say("`cargo build --release` makes the same file");
}

const binaries = () => readdirSync(root).filter((name) => name.endsWith(".node"));

await main(async () => {
  const { values, positionals } = parseArgs({
    options: { glibc: { type: "string" }, "plain-cargo": { type: "boolean" } },
    allowPositionals: true,
  });
  const floor = values.glibc?.split(".").map(Number);
  const files = positionals.length > 0 ? positionals : binaries().map((name) => join(root, name));
  if (files.length === 0) throw new Failure("there is no binary to check", { remedy: "`npm run build`" });
  for (const file of files) check(file, floor);
  if (values["plain-cargo"]) await comparePlainCargo();
});
