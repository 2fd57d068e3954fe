// Child processes: run to the end with the output kept in a log, or started, watched by line and stopped by pid.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { folder, logDir, root } from "./paths.mjs";
import { withoutSecrets } from "./secrets.mjs";
import { Failure, noteProgress, within } from "./steps.mjs";

const KEPT_LINES = 5_000;
const RUN_MS = 30 * 60_000;
const LEFT_BY_NPM =
  /^(INIT_CWD|npm_(package|lifecycle|node_execpath|execpath|command)\w*|npm_config_(local_prefix|global_prefix|prefix|noproxy|user_agent|npm_version|node_gyp|init_module))$/i;

/**
 * The environment without what `npm run` put into it: a child npm must find its own configuration. Where there is a
 * proxy, what runs on this machine is not asked for through it.
 */
export function cleanEnv(extra = {}) {
  const direct = [process.env.NO_PROXY ?? process.env.no_proxy, "127.0.0.1", "localhost", "::1"]
    .filter(Boolean)
    .join(",");
  const env = { ...process.env, NO_PROXY: direct, no_proxy: direct, ...extra };
  for (const name of Object.keys(env)) {
    if (LEFT_BY_NPM.test(name) || env[name] === undefined) delete env[name];
  }
  return env;
}

/** The log file of a named process or command. */
export const logFile = (name) => join(folder(logDir), `${name.replace(/[^a-z0-9.-]+/gi, "-")}.log`);

/**
 * @typedef {object} RunOptions
 * @property {string} [name] names the log
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [show] whether the output goes to the terminal, too
 * @property {boolean} [mergeOutput]
 * @property {string} [remedy]
 * @property {number[]} [okCodes]
 * @property {number} [timeoutMs]
 */

/** The commands that run at the moment. */
const running = new Set();

/** Ends the commands that run at the moment; for when this process is asked to end. */
export function endCommands() {
  for (const child of running) child.kill("SIGTERM");
}

/**
 * Runs a command to its end. Its output goes to `.cache/logs/<name>.log`, and to the terminal too with `show`.
 * Resolves with its standard output (with `mergeOutput`, its standard error too); rejects with a Failure that carries the log.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export function run(command, args, options = {}) {
  const { name = command, cwd = root, env = process.env, show = false, remedy, timeoutMs = RUN_MS } = options;
  const log = logFile(name);
  const file = createWriteStream(log, { mode: 0o600 });
  file.write(`$ ${withoutSecrets([command, ...args].join(" "))}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    let stdout = "";
    const take = (chunk) => {
      file.write(chunk);
      if (show) process.stdout.write(chunk);
      else noteProgress(chunk.toString());
    };
    const keep = (chunk) => {
      stdout += chunk;
      take(chunk);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", options.mergeOutput ? keep : take);
    const fail = (message, cause) => {
      reject(Object.assign(new Failure(message, { remedy, cause, log: show ? undefined : log }), { stdout }));
    };
    child.on("error", (error) => {
      running.delete(child);
      clearTimeout(timer);
      fail(`\`${command}\` could not be started`, error);
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      clearTimeout(timer);
      file.end(() => {
        if ((options.okCodes ?? [0]).includes(code ?? -1)) resolve(stdout);
        else fail(`\`${name}\` ended with ${signal ?? `code ${code}`}`);
      });
    });
  });
}

/** A running child process: its lines, its end, and how to stop it; with `group`, together with all that it started. */
export class Process {
  /** @type {import("node:child_process").ChildProcess} */
  #child;
  #group;
  #waiting = new Set();
  /** @type {string[]} */
  lines = [];

  /**
   * @param {string} name
   * @param {string} command
   * @param {string[]} args
   * @param {{
   *   cwd?: string, env?: NodeJS.ProcessEnv, stdin?: "ignore" | "pipe", group?: boolean, remedy?: string, log?: string,
   * }} [options]
   */
  constructor(
    name,
    command,
    args,
    { cwd = root, env = process.env, stdin = "ignore", group = false, remedy, log = logFile(name) } = {},
  ) {
    this.name = name;
    this.remedy = remedy;
    this.log = log;
    const file = createWriteStream(log, { mode: 0o600 });
    this.#group = group && process.platform !== "win32";
    this.#child = spawn(command, args, { cwd, env, stdio: [stdin, "pipe", "pipe"], detached: this.#group });
    this.#child.on("exit", () => this.#killGroup());
    this.exited = new Promise((resolve) => {
      this.#child.on("error", (error) => resolve({ error }));
      this.#child.on("close", (code, signal) => resolve({ code, signal }));
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        file.write(`${line}\n`);
        this.#take(line);
      });
    }
    void this.exited.then((end) => {
      this.ended = end;
      file.end();
      for (const waiter of this.#waiting) waiter.reject(this.#gone());
      this.#waiting.clear();
    });
  }

  get pid() {
    return this.#child.pid;
  }

  write(line) {
    this.#child.stdin?.write(`${line}\n`);
  }

  endInput() {
    this.#child.stdin?.end();
  }

  /** The first line, past or to come, for which `match` returns something other than undefined; that something. */
  async line(match, { timeoutMs = 30_000, what = "the expected output", from = 0 } = {}) {
    for (const line of this.lines.slice(from)) {
      const found = match(line);
      if (found !== undefined) return found;
    }
    if (this.ended) throw this.#gone();
    const waiter = { match };
    const found = new Promise((resolve, reject) => Object.assign(waiter, { resolve, reject }));
    this.#waiting.add(waiter);
    try {
      return await within(timeoutMs, `${this.name}: ${what}`, found, { log: this.log, remedy: this.remedy });
    } finally {
      this.#waiting.delete(waiter);
    }
  }

  /** Asks the process to end, makes it end after the grace time, and resolves when it is gone. */
  async stop({ graceMs = 5_000, signal = /** @type {NodeJS.Signals} */ ("SIGTERM") } = {}) {
    if (this.ended) return this.ended;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), graceMs);
    const end = await this.exited;
    clearTimeout(timer);
    return end;
  }

  /** Helpers that a process started and left behind go with it; they would also hold its output open. */
  #killGroup() {
    if (!this.#group || this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }

  #take(line) {
    this.lines.push(line);
    if (this.lines.length > KEPT_LINES) this.lines.shift();
    noteProgress(line);
    for (const waiter of this.#waiting) {
      const found = waiter.match(line);
      if (found === undefined) continue;
      this.#waiting.delete(waiter);
      waiter.resolve(found);
    }
  }

  #gone() {
    const { error, code, signal } = this.ended;
    return new Failure(`${this.name} ended early (${error?.message ?? signal ?? `code ${code}`})`, {
      log: this.log,
      remedy: this.remedy,
    });
  }
}
