// Looks for the addon's binary before the generated index.js does, so that a missing one is one sentence with a remedy
// and not a chain of loader errors. loader.js imports this file first.
import { createRequire } from "node:module";
import { existsSync } from "node:fs";

const require = createRequire(import.meta.url);
const NAME = "multi-openim-channel";
const BUILT_FOR = [
  "linux-x64-gnu",
  "linux-x64-musl",
  "linux-arm64-gnu",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
  "win32-x64-msvc",
  "win32-arm64-msvc",
];
const VERSION_CHECK = "NAPI_RS_ENFORCE_VERSION_CHECK";
const LIBRARY_PATH = "NAPI_RS_NATIVE_LIBRARY_PATH";

function isMusl() {
  const { report } = process;
  const before = report.excludeNetwork;
  // Only the header is wanted; asking for the network's state can take seconds.
  report.excludeNetwork = true;
  try {
    return report.getReport().header.glibcVersionRuntime === undefined;
  } finally {
    report.excludeNetwork = before;
  }
}

/** The platform's name as npm packages carry it, and as people say it. */
function platform() {
  const { platform: os, arch } = process;
  if (os === "linux") {
    const musl = isMusl();
    return { triple: `${os}-${arch}-${musl ? "musl" : "gnu"}`, said: `${os}-${arch} (${musl ? "musl" : "glibc"})` };
  }
  return { triple: os === "win32" ? `${os}-${arch}-msvc` : `${os}-${arch}`, said: `${os}-${arch}` };
}

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

/** What somebody has to do, in a clone of the repository or where the package is installed. */
function remedy(platformPackage, version) {
  if (existsSync(new URL("./Cargo.toml", import.meta.url))) return 'run "npm run build" in the repository';
  return (
    `run "openclaw plugins install npm:${NAME} --force --accept-capabilities" again, ` +
    `or outside OpenClaw "npm install ${platformPackage}@${version}"`
  );
}

function attempt(path, said, fix) {
  try {
    require(path);
  } catch (cause) {
    const why = String(cause?.message ?? cause).split("\n")[0];
    throw missing(`${NAME} cannot load its native addon for ${said} from ${path} (${why}); ${fix}.`, cause);
  }
}

/** Throws `OPENIM_NATIVE_MISSING` unless the binary that index.js will take can be loaded. */
function check() {
  const { triple, said } = platform();
  const { version } = require("./package.json");
  const platformPackage = `${NAME}-${triple}`;
  const fix = remedy(platformPackage, version);
  const given = process.env[LIBRARY_PATH];
  if (given) return attempt(given, said, `correct or remove the environment variable ${LIBRARY_PATH}`);
  if (!BUILT_FOR.includes(triple)) {
    throw missing(`${NAME} has no native addon for ${said}; it runs on ${BUILT_FOR.join(", ")}.`);
  }
  const local = `./${NAME}.${triple}.node`;
  if (existsSync(new URL(local, import.meta.url))) return attempt(local, said, fix);
  let found;
  try {
    found = require(`${platformPackage}/package.json`).version;
  } catch (cause) {
    throw missing(
      `${NAME} misses its native addon for ${said}: the package ${platformPackage} is not installed; ${fix}.`,
      cause,
    );
  }
  if (found !== version) {
    throw missing(`${NAME} ${version} found its native addon ${platformPackage} in version ${found}; ${fix}.`);
  }
  return attempt(platformPackage, said, fix);
}

check();

// index.js compares versions once more where this is set. It is the whole process's variable: other packages made with
// napi-rs would look at it, too, so loader.js puts it back.
const before = process.env[VERSION_CHECK];
process.env[VERSION_CHECK] = "1";

export function restore() {
  if (before === undefined) delete process.env[VERSION_CHECK];
  else process.env[VERSION_CHECK] = before;
}
