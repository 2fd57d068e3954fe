// Remembers the home server: the one whose conversations keep the session keys they had while it was the only one. It is kept
// in the host's state directory, because the configuration forgets which server came first.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { stateDir } from "../host.js";
import { CHANNEL_ID } from "../names.js";
import { errorText } from "../status/failures.js";
import { serverTags } from "./servers.js";

/** A file of another form counts as "no home server": then every session key names its server. */
const NONE = null;

/** The files read so far. They never change once they are written. */
const known = new Map<string, string | null>();

/** The tag of the home server; null when there is none. */
export function homeServer(cfg: unknown): string | null {
  const file = homeFile();
  const recorded = file === undefined ? undefined : read(file);
  return recorded === undefined ? onlyServer(cfg) : recorded;
}

/** Writes down the home server at the first start of an account: the only server there is, or none. */
export function recordHomeServer(cfg: unknown, warn: (words: string) => void): void {
  const file = homeFile();
  if (file === undefined || read(file) !== undefined) return;
  try {
    const part = `${file}.${process.pid}`;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(part, `${JSON.stringify({ server: onlyServer(cfg) })}\n`, { mode: 0o600 });
    renameSync(part, file);
  } catch (error) {
    warn(`the home server could not be written down: ${errorText(error)}`);
  }
}

/** Undefined where the file has not been written yet. */
function read(file: string): string | null | undefined {
  const kept = known.get(file);
  if (kept !== undefined) return kept;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const server = serverIn(text);
  known.set(file, server);
  return server;
}

function serverIn(text: string): string | null {
  try {
    const { server } = JSON.parse(text) as { server?: unknown };
    return typeof server === "string" ? server : NONE;
  } catch {
    return NONE;
  }
}

function onlyServer(cfg: unknown): string | null {
  const [only, ...others] = serverTags(cfg);
  return only !== undefined && others.length === 0 ? only : NONE;
}

function homeFile(): string | undefined {
  const dir = stateDir();
  return dir === undefined ? undefined : join(dir, CHANNEL_ID, "home-server.json");
}
