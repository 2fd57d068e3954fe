// The licences of what the addon is built from: cargo-deny, fetched when this machine has none.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheDir, root } from "./paths.mjs";
import { run } from "./processes.mjs";
import { step } from "./steps.mjs";

const CARGO_DENY = "0.20.2";

function works(binary) {
  try {
    return execFileSync(binary, ["--version"], { encoding: "utf8" }).includes(CARGO_DENY);
  } catch {
    return false;
  }
}

async function ensureCargoDeny() {
  if (works("cargo-deny")) return "cargo-deny";
  const dir = join(cacheDir, "cargo-tools");
  const binary = join(dir, "bin", process.platform === "win32" ? "cargo-deny.exe" : "cargo-deny");
  if (existsSync(binary) && works(binary)) return binary;
  // A debug build: it runs for seconds and compiles in half the time.
  await step("Installing cargo-deny (some minutes, once)", () =>
    run("cargo", ["install", "--locked", "--debug", "--force", "--root", dir, `cargo-deny@${CARGO_DENY}`], {
      name: "cargo-install-cargo-deny",
      cwd: cacheDir,
      remedy: `install cargo-deny ${CARGO_DENY} yourself`,
    }),
  );
  return binary;
}

/** `cargo deny check licenses bans sources` over the whole workspace. */
export async function cargoDeny() {
  const binary = await ensureCargoDeny();
  await run(binary, ["--workspace", "--locked", "check", "licenses", "bans", "sources"], {
    name: "cargo-deny",
    cwd: root,
    remedy: "deny.toml says what is allowed and why",
  });
}
