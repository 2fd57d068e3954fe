// A Node that OpenClaw accepts: the one that runs this, or the one pinned in scripts/node24, fetched through npm.
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { npm } from "./npm.mjs";
import { cacheDir, folder, fromRoot, readJson } from "./paths.mjs";
import { Failure, step } from "./steps.mjs";

/** What `engines.node` of the host says: >=24.16.0 <25 || >=26.1.0. */
export function suitsTheHost(version) {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number);
  return (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
}

function installedIn(dir) {
  const packages = Object.keys(readJson(join(dir, "package.json")).optionalDependencies);
  for (const name of packages) {
    const at = join(dir, "node_modules", name);
    if (!existsSync(join(at, "package.json"))) continue;
    const binary = join(at, readJson(join(at, "package.json")).bin.node);
    if (existsSync(binary)) return binary;
  }
}

/** The path of a Node that runs the host; fetches one into `.cache/node24` when this one is too old. */
export async function ensureNode24() {
  if (suitsTheHost(process.version)) return process.execPath;
  const pins = fromRoot("scripts", "node24");
  const lock = readFileSync(join(pins, "package-lock.json"));
  const stamp = createHash("sha256").update(lock).digest("hex");
  const dir = folder(cacheDir, "node24");
  const stampFile = join(dir, "stamp");
  const ready = () => existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp && installedIn(dir);
  if (ready()) return ready();
  return step("Fetching Node 24 (OpenClaw does not run under " + process.version + ")", async () => {
    rmSync(dir, { recursive: true, force: true });
    folder(dir);
    for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(pins, file), join(dir, file));
    const remedy = "install Node 24.16 or newer yourself and run this again with it";
    await npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { name: "npm-ci-node24", cwd: dir, remedy });
    const binary = installedIn(dir);
    if (!binary) throw new Failure(`npm has no Node 24.16 for ${process.platform} ${process.arch}`, { remedy });
    writeFileSync(stampFile, stamp);
    return binary;
  });
}
