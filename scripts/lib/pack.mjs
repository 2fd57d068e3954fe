// Packs what is published: the main package with the manifest a user gets, and one package per platform that has a binary.
import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { noticesFor } from "./notices.mjs";
import { npm } from "./npm.mjs";
import { folder, fromRoot, manifest, readJson } from "./paths.mjs";
import { Failure } from "./steps.mjs";

export const NOTICES = "THIRD-PARTY-NOTICES.txt";

/** Platform folder under npm/ to Rust target. */
export const TARGETS = {
  "darwin-arm64": "aarch64-apple-darwin",
  "darwin-x64": "x86_64-apple-darwin",
  "linux-arm64-gnu": "aarch64-unknown-linux-gnu",
  "linux-arm64-musl": "aarch64-unknown-linux-musl",
  "linux-x64-gnu": "x86_64-unknown-linux-gnu",
  "linux-x64-musl": "x86_64-unknown-linux-musl",
  "win32-arm64-msvc": "aarch64-pc-windows-msvc",
  "win32-x64-msvc": "x86_64-pc-windows-msvc",
};

/** The platform packages under npm/: their folder names and manifests. */
export function platformPackages() {
  return readdirSync(fromRoot("npm"))
    .sort()
    .map((platform) => ({ platform, manifest: readJson(fromRoot("npm", platform, "package.json")) }));
}

/**
 * The manifest that is published. It differs from the one in the repository on purpose: the platform packages are added
 * here, at exactly this version, because `npm ci` refuses a lockfile without entries for packages that are not on the
 * registry yet (and names that nobody has published must not be asked for); and what only development needs is left out.
 */
export function publishedManifest() {
  const {
    private: _private,
    scripts: _scripts,
    devDependencies: _dev,
    overrides: _overrides,
    napi: _napi,
    ...rest
  } = manifest;
  const optionalDependencies = Object.fromEntries(
    platformPackages().map((entry) => [entry.manifest.name, manifest.version]),
  );
  return { ...rest, ...repository(), optionalDependencies };
}

/** Where the package comes from, when a workflow packs it: provenance is refused without it. */
function repository() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  return server && name ? { repository: { type: "git", url: `git+${server}/${name}.git` } } : {};
}

/** Packs the main package into `into`; resolves with the path of the tarball. */
export function packMain(into) {
  return packStaged(into, stageMain);
}

/**
 * A folder that OpenClaw can install as it is, for trying out a checkout: the main package with this machine's binary
 * inside, which its loader prefers to a platform package.
 */
export function localPlugin(into) {
  const binaries = readdirSync(fromRoot()).filter((name) => name.endsWith(".node"));
  if (binaries.length === 0) throw new Failure("there is no binary to pack", { remedy: "`npm run build`" });
  rmSync(into, { recursive: true, force: true });
  stageMain(folder(into));
  for (const binary of binaries) copyFileSync(fromRoot(binary), join(into, binary));
  return into;
}

function stageMain(stage) {
  for (const entry of [...manifest.files, "README.md", "LICENSE"]) {
    const from = fromRoot(entry);
    if (!existsSync(from)) {
      throw new Failure(`${entry} is missing, the package would be incomplete`, { remedy: "`npm run build`" });
    }
    cpSync(from, join(stage, entry), { recursive: true });
  }
  writeManifest(stage, publishedManifest());
}

/** Packs the platform packages whose binary lies in `binaries` (the repository's root by default). */
export async function packPlatforms(into, { binaries = fromRoot(), all = false } = {}) {
  const packed = [];
  for (const entry of platformPackages()) {
    const binary = join(binaries, entry.manifest.main);
    if (!existsSync(binary)) {
      if (all)
        throw new Failure(`there is no binary for ${entry.platform}`, {
          remedy: `put ${entry.manifest.main} into ${binaries}`,
        });
      continue;
    }
    packed.push(
      await packStaged(into, (stage) => {
        copyFileSync(fromRoot("npm", entry.platform, "README.md"), join(stage, "README.md"));
        copyFileSync(fromRoot("LICENSE"), join(stage, "LICENSE"));
        copyFileSync(binary, join(stage, entry.manifest.main));
        writeFileSync(join(stage, NOTICES), noticesFor(TARGETS[entry.platform]));
        writeManifest(stage, { ...entry.manifest, ...repository() });
      }),
    );
  }
  if (packed.length === 0) throw new Failure("there is no binary to pack", { remedy: "`npm run build`" });
  return packed;
}

/** The main package and the platform packages there are binaries for. */
export async function packAll(into, options) {
  return { main: await packMain(into), platforms: await packPlatforms(into, options) };
}

const writeManifest = (stage, value) =>
  writeFileSync(join(stage, "package.json"), `${JSON.stringify(value, null, 2)}\n`);

async function packStaged(into, fill) {
  const stage = mkdtempSync(join(tmpdir(), "multi-openim-pack-"));
  try {
    fill(stage);
    const out = await npm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder(into)], {
      cwd: stage,
      name: "npm-pack",
    });
    return join(into, basename(packedName(JSON.parse(out))));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** npm 11 prints a list; newer ones an object by package name. */
function packedName(printed) {
  const [first] = Array.isArray(printed) ? printed : Object.values(printed);
  return first.filename;
}
