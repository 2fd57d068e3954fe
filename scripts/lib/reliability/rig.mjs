// A dev server with its control API, and the children that use the addon against it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startDevServer } from "../devserver.mjs";
import { cleanEnv, Process } from "../processes.mjs";

const CHILD = fileURLToPath(new URL("child.mjs", import.meta.url));
const COMMAND_MS = 120_000;
/** What one call of `send` takes at most; the server's own limit is higher. */
const SEND_AT_ONCE = 1_000;

/** Numbers from 0 to 1 that a seed repeats. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again and again, a bounded time, until the answer is a yes. */
export async function until(is, ms, what) {
  const end = performance.now() + ms;
  while (!(await is())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${ms / 1000} s`);
    await pause(50);
  }
}

/** One child process; commands go to its standard input and are answered one line each. */
class Child {
  #process;
  #number = 0;

  constructor(process) {
    this.#process = process;
  }

  get pid() {
    return this.#process.pid;
  }

  async do(command, params = {}) {
    const number = ++this.#number;
    const answer = this.#process.line((line) => answerTo(number, line), { timeoutMs: COMMAND_MS, what: command });
    this.#process.write(JSON.stringify({ number, command, ...params }));
    const { result, error } = await answer;
    if (error) throw new Error(error);
    return result;
  }

  /** SIGKILL; resolves with the moment before it, once the process is gone. */
  async kill() {
    const at = Date.now();
    await this.#process.stop({ signal: "SIGKILL" });
    return at;
  }
}

function answerTo(number, line) {
  if (!line.startsWith('{"number"')) return undefined;
  const answer = JSON.parse(line);
  return answer.number === number ? answer : undefined;
}

/**
 * Starts a dev server with these people and the group g100 of all of them. `readers` are the people whose clients the
 * children run.
 */
export async function startRig({ people, readers, lateAckMs = 0 }) {
  const users = people.flatMap((id) => ["--user", id]);
  const server = await startDevServer({
    args: ["--control", ...users, "--group", `g100:${people.join(",")}`],
    name: "openim-dev-server-reliability",
  });
  const dir = mkdtempSync(join(tmpdir(), "openim-reliability-"));
  const log = join(dir, "deliveries.jsonl");
  const logins = readers.map((userID) => ({
    userID,
    token: server.user(userID).token,
    wsAddr: server.wsAddr,
    apiAddr: server.apiAddr,
    stateDir: join(dir, "state"),
  }));
  const children = new Set();

  const { control } = server;
  return {
    log,
    /** What `login` takes for each reader. */
    accounts: logins,
    control,
    /** Writes messages; resolves with their ids, in order. */
    async send(messages) {
      const ids = [];
      for (let at = 0; at < messages.length; at += SEND_AT_ONCE) {
        const { sent } = await control("send", { messages: messages.slice(at, at + SEND_AT_ONCE) });
        ids.push(...sent.map(({ clientMsgID }) => clientMsgID));
      }
      return ids;
    },
    connections: async (userID) => (await control("user", { userID })).connections,
    logins: async (userID) => (await control("user", { userID })).logins,
    startChild() {
      const env = cleanEnv({ RELIABILITY_CHILD: JSON.stringify({ log, logins, lateAckMs }), NODE_OPTIONS: undefined });
      const process_ = new Process("reliability-child", process.execPath, ["--expose-gc", CHILD], {
        env,
        stdin: "pipe",
      });
      const child = new Child(process_);
      children.add(process_);
      void process_.exited.then(() => children.delete(process_));
      return child;
    },
    async stop() {
      await Promise.all([...children].map((child) => child.stop({ signal: "SIGKILL" })));
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
