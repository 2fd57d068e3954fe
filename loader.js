// The package's entry: loads the native addon for this platform, or throws one sentence that says what is missing and how
// to get it. Works with `import` and, from Node 20.19 on, with `require`. It runs no program and asks no environment variable.
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const NAME = "multi-openim-channel";
const PLATFORMS = [
  "linux-x64-gnu",
  "linux-x64-musl",
  "linux-arm64-gnu",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
  "win32-x64-msvc",
  "win32-arm64-msvc",
];
/** An ELF file names its dynamic loader near its beginning. */
const ELF_HEAD_BYTES = 4096;

/** Whether this Node runs on musl: by the dynamic loader its executable names, else by its own report. */
function isMusl() {
  const interpreter = /\/(ld-musl-|ld-linux-)/.exec(executableHead())?.[1];
  if (interpreter) return interpreter === "ld-musl-";
  const report = /** @type {NodeJS.ProcessReport & { excludeNetwork?: boolean }} */ (process.report);
  const before = report.excludeNetwork;
  // Only the header is needed; collecting the state of the network can take seconds.
  report.excludeNetwork = true;
  try {
    const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (report.getReport());
    return header.glibcVersionRuntime === undefined;
  } finally {
    report.excludeNetwork = before;
  }
}

/** The first bytes of the running executable as text; empty where it cannot be read. */
function executableHead() {
  try {
    const file = openSync(process.execPath, "r");
    try {
      const head = Buffer.alloc(ELF_HEAD_BYTES);
      return head.toString("latin1", 0, readSync(file, head, 0, ELF_HEAD_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}

/** This platform as the names of npm packages spell it, and as an error says it. */
function platform() {
  const { platform: os, arch } = process;
  if (os !== "linux")
    return { triple: os === "win32" ? `${os}-${arch}-msvc` : `${os}-${arch}`, label: `${os}-${arch}` };
  const musl = isMusl();
  return { triple: `${os}-${arch}-${musl ? "musl" : "gnu"}`, label: `${os}-${arch} (${musl ? "musl" : "glibc"})` };
}

/**
 * @param {string} sentence
 * @param {unknown} [cause]
 */
function missing(sentence, cause) {
  return Object.assign(new Error(sentence, { cause }), {
    code: "OPENIM_NATIVE_MISSING",
    errCode: null,
    errMsg: null,
    retryable: false,
    retryAfterMs: null,
    accountId: null,
    op: "load",
    maybeDelivered: false,
  });
}

/** @param {string} platformPackage @param {string} version */
function remedyFor(platformPackage, version) {
  if (existsSync(new URL("Cargo.toml", import.meta.url))) return 'run "npm run build" in the repository';
  return (
    `run "openclaw plugins install npm:${NAME} --force --accept-capabilities" again, ` +
    `or outside OpenClaw "npm install ${platformPackage}@${version}"`
  );
}

/**
 * @param {string} path
 * @param {string} label
 * @param {string} remedy
 * @returns {typeof import("./index.js")}
 */
function open(path, label, remedy) {
  try {
    return require(path);
  } catch (cause) {
    const reason = String(/** @type {Error} */ (cause)?.message ?? cause).split("\n")[0];
    throw missing(`${NAME} cannot load its native addon for ${label} from ${path} (${reason}); ${remedy}.`, cause);
  }
}

/** The addon: from the file beside this one, which a checkout has, else from the platform's package of this very version. */
function load() {
  const { triple, label } = platform();
  if (!PLATFORMS.includes(triple)) {
    throw missing(`${NAME} has no native addon for ${label}; it runs on ${PLATFORMS.join(", ")}.`);
  }
  const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  const platformPackage = `${NAME}-${triple}`;
  const remedy = remedyFor(platformPackage, version);
  const local = `./${NAME}.${triple}.node`;
  if (existsSync(new URL(local, import.meta.url))) return open(local, label, remedy);
  let found;
  try {
    found = require(`${platformPackage}/package.json`).version;
  } catch (cause) {
    throw missing(
      `${NAME} misses its native addon for ${label}: the package ${platformPackage} is not installed; ${remedy}.`,
      cause,
    );
  }
  if (found !== version) {
    throw missing(`${NAME} ${version} found its native addon ${platformPackage} in version ${found}; ${remedy}.`);
  }
  return open(platformPackage, label, remedy);
}

export const { OpenImClient, RefreshManager, addonVersion, createChannelPlugin, parseTarget, shutdownAll } = load();
