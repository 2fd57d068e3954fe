// Shows what is going on: titled steps with times, a sign of life during long ones, failures that say what to do.
import { existsSync, readFileSync } from "node:fs";

const SIGN_OF_LIFE_MS = 15_000;
const TAIL_LINES = 40;

/** A failure somebody can act on: one sentence, what to do about it, and the log that tells more. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {{ remedy?: string, log?: string, cause?: unknown }} [options]
   */
  constructor(message, { remedy, log, cause } = {}) {
    super(message, { cause });
    this.name = "Failure";
    this.remedy = remedy;
    this.log = log;
  }
}

let lastLine = "";
/** Remembers the newest line a long step printed into its log, so that a sign of life can show it. */
export function noteProgress(text) {
  const line = text.trimEnd().split("\n").pop()?.trim();
  // What is meant for programs or is only a warning says nothing about how far things are.
  if (line && !/^\{|^npm warn/.test(line)) lastLine = line.slice(0, 120);
}

export const say = (line = "") => process.stdout.write(`${line}\n`);
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Runs one piece of work under a title; prints how long it took and, while it lasts, that it is still alive. */
export async function step(title, work) {
  const began = performance.now();
  lastLine = "";
  say(`• ${title} …`);
  const alive = setInterval(() => {
    say(`  … ${seconds(began)}${lastLine ? `: ${lastLine}` : ""}`);
  }, SIGN_OF_LIFE_MS);
  try {
    const result = await work();
    say(`  done in ${seconds(began)}`);
    return result;
  } finally {
    clearInterval(alive);
  }
}

/** The last lines of a log file, or a word that there is none. */
export function tail(path, lines = TAIL_LINES) {
  if (!path || !existsSync(path)) return "(nothing was logged)";
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

/** Prints a failure the way a person wants to meet it: what, what to do, and the end of the log. */
export function explain(error) {
  say();
  if (!(error instanceof Failure)) return say(`✗ ${error?.stack ?? error}`);
  say(`✗ ${error.message}`);
  if (error.cause) say(`  because: ${error.cause instanceof Error ? error.cause.message : error.cause}`);
  if (error.log) say(`\n  the end of ${error.log}:\n${tail(error.log).replace(/^/gm, "    ")}\n`);
  if (error.remedy) say(`  What to do: ${error.remedy}`);
}

/** The outermost call of a script: runs it, explains a failure, sets the exit code. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}

/** Resolves with the promise, or rejects with a Failure when the time is over first. */
export async function within(ms, what, promise, options = {}) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Failure(`${what} took longer than ${ms / 1000} s`, options)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
