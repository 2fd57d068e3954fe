// Building what the other scripts need: npm dependencies, the addon, the TypeScript glue, the dev server. Quick the second time.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ensureNode24 } from "./node24.mjs";
import { npm } from "./npm.mjs";
import { fromRoot, manifest } from "./paths.mjs";
import { run } from "./processes.mjs";
import { Failure, step } from "./steps.mjs";

const NEED_CARGO = "install Rust 1.90 or newer (https://rustup.rs) and run this again";
const ADDON_LIBRARY = /(^|[/\\])(lib)?multi_openim_channel\.(so|dylib|dll)$/;
const GENERATED_TYPES = "index.d.ts";
const TYPES_HEADER = "src/types.generated.d.ts";

/** `npm ci` for this repository, once per lockfile. Resolves with the Node that runs everything from here on. */
export async function ensureDependencies() {
  const node = await ensureNode24();
  const stamp = createHash("sha256")
    .update(readFileSync(fromRoot("package-lock.json")))
    .digest("hex");
  const stampFile = fromRoot("node_modules", ".lock-sha256");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return node;
  await step("Installing the npm packages that tests and demo use (OpenClaw is large: about 650 MB)", async () => {
    const remedy = "look at the log; without network access npm cannot fetch them";
    await npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { node, name: "npm-ci", remedy });
    writeFileSync(stampFile, stamp);
  });
  return node;
}

/** Runs cargo with the committed lockfile. */
export function cargo(args, options = {}) {
  const [command, ...rest] = args;
  return run("cargo", [command, "--locked", ...rest], { name: `cargo-${command}`, remedy: NEED_CARGO, ...options });
}

/** The addon's types, as they are in the repository now. */
const readTypes = () => (existsSync(fromRoot(GENERATED_TYPES)) ? readFileSync(fromRoot(GENERATED_TYPES), "utf8") : "");

/**
 * Builds the addon and its generated types; names the generated files that changed by it. Without a target it is for this
 * machine; `cross` is the option of napi that reaches another one.
 *
 * @param {{ release?: boolean, target?: string, cross?: string }} [options]
 */
export async function buildAddon({ release = true, target, cross } = {}) {
  const node = await ensureDependencies();
  const before = readTypes();
  await step(`Building the addon (${release ? "release: a few minutes the first time" : "debug"})`, () => {
    const options = ["--platform", "--no-js", "--dts", GENERATED_TYPES];
    if (release) options.push("--release");
    if (target) options.push("--target", target);
    if (cross) options.push(cross);
    const napi = fromRoot("node_modules", "@napi-rs", "cli", "dist", "cli.js");
    return run(node, [napi, "build", ...options, "--", "--locked"], { name: "napi-build", remedy: NEED_CARGO });
  });
  return { changed: before === readTypes() ? [] : [GENERATED_TYPES] };
}

/** Writes the files that are generated from the Rust sources, and puts the types at the beginning of index.d.ts. */
export async function generateTypes() {
  const header = () => readFileSync(fromRoot(TYPES_HEADER), "utf8");
  const before = header();
  await step("Generating the types", () =>
    cargo(["test", "--lib", "-p", manifest.name, "generated"], { env: { ...process.env, UPDATE_GENERATED: "1" } }),
  );
  writeFileSync(fromRoot(GENERATED_TYPES), readTypes().replace(before, header));
}

/** Compiles plugin/ to dist/. */
export async function buildPlugin() {
  const node = await ensureDependencies();
  await step("Compiling the plugin", () => {
    rmSync(fromRoot("dist"), { recursive: true, force: true });
    return run(node, [fromRoot("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.json"], { name: "tsc" });
  });
}

/** Builds the dev server and resolves with the path of its binary. */
export async function buildDevServer() {
  return step("Building the OpenIM dev server", () =>
    buildArtifact(["-p", "testkit", "--bin", "openim-dev-server"], {
      name: "cargo-build-dev-server",
      pick: ({ executable, target }) => (target.name === "openim-dev-server" ? executable : null),
    }),
  );
}

/** Builds the addon with plain cargo and resolves with the path of the library. */
export function buildLibrary(args, { name }) {
  return buildArtifact(["-p", manifest.name, "--lib", ...args], {
    name,
    pick: ({ filenames }) => filenames.find((file) => ADDON_LIBRARY.test(file)),
  });
}

/** Runs `cargo build` and resolves with the path that `pick` takes from one of the artifacts cargo names. */
async function buildArtifact(args, { name, pick }) {
  const out = await cargo(["build", ...args, "--message-format", "json-render-diagnostics"], { name });
  for (const line of out.split("\n").reverse()) {
    const path = line.includes('"compiler-artifact"') && pick(JSON.parse(line));
    if (path) return path;
  }
  throw new Failure(`cargo built nothing for \`cargo build ${args.join(" ")}\``, {
    remedy: "look for the target in Cargo.toml",
  });
}
