// Building what the other scripts need: npm dependencies, the addon, the TypeScript glue, the dev server. Quick the second time.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureNode24 } from "./node24.mjs";
import { npm } from "./npm.mjs";
import { fromRoot, root } from "./paths.mjs";
import { run } from "./processes.mjs";
import { ownTarget, releaseEnv } from "./rustflags.mjs";
import { Failure, step } from "./steps.mjs";

const NEED_CARGO = "install Rust 1.90 or newer (https://rustup.rs) and run this again";
const generatedFiles = ["index.js", "index.d.ts"];

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

const digests = () =>
  generatedFiles.map((file) =>
    existsSync(fromRoot(file))
      ? createHash("sha256")
          .update(readFileSync(fromRoot(file)))
          .digest("hex")
      : "absent",
  );

/**
 * Builds the addon and its generated loader and types; names the generated files that changed by it. Without a target it is
 * for this machine; `cross` is napi's word for how to reach another.
 */
export async function buildAddon({ release = true, target, cross } = {}) {
  const node = await ensureDependencies();
  const before = digests();
  await step(`Building the addon (${release ? "release: a few minutes the first time" : "debug"})`, () => {
    const args = [
      "build",
      "--platform",
      "--esm",
      "--js",
      "index.js",
      "--dts",
      "index.d.ts",
      ...(release ? ["--release"] : []),
      ...(target ? ["--target", target] : []),
      ...(cross ? [cross] : []),
    ];
    return run(node, [fromRoot("node_modules", "@napi-rs", "cli", "dist", "cli.js"), ...args, "--", "--locked"], {
      name: "napi-build",
      remedy: NEED_CARGO,
      env: release ? releaseEnv(target ?? ownTarget()) : process.env,
    });
  });
  const after = digests();
  return { changed: generatedFiles.filter((_, i) => before[i] !== after[i]) };
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
  return step("Building the OpenIM dev server", async () => {
    const out = await cargo(
      ["build", "-p", "testkit", "--bin", "openim-dev-server", "--message-format", "json-render-diagnostics"],
      {
        name: "cargo-build-dev-server",
      },
    );
    for (const line of out.split("\n").reverse()) {
      if (!line.includes('"compiler-artifact"')) continue;
      const { executable, target } = JSON.parse(line);
      if (executable && target.name === "openim-dev-server") return executable;
    }
    throw new Failure("cargo built no openim-dev-server", {
      remedy: `look for \`[[bin]]\` in ${join(root, "crates", "testkit", "Cargo.toml")}`,
    });
  });
}
