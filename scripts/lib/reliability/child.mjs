// The process that is killed, cut and blocked: clients of the addon with manual acknowledgements. Every delivery and every
// acknowledgement goes into a file at once, so that the file tells the truth up to the kill.
import { constants, openSync, readdirSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { OpenImClient } from "../../../loader.js";

const { log, logins, lateAckMs } = JSON.parse(process.env.RELIABILITY_CHILD ?? "");
const file = openSync(log, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY, 0o600);
const note = (entry) => writeSync(file, `${JSON.stringify({ at: Date.now(), pid: process.pid, ...entry })}\n`);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const nothing = new Int32Array(new SharedArrayBuffer(4));

function start(login) {
  const client = new OpenImClient(
    ({ messages }) => {
      for (const { clientMsgID: id, conversationID, seq, redelivered, delivery } of messages) {
        note({ what: "delivered", to: login.userID, id, conversationID, seq, redelivered });
        const ack = () => {
          client.ack([delivery]);
          note({ what: "acked", to: login.userID, id });
        };
        // Some are settled at once and some a little later, so that a kill finds both.
        if (lateAckMs > 0 && seq % 2 === 0) setTimeout(ack, seq % lateAckMs);
        else ack();
      }
    },
    { ackMode: "manual" },
  );
  return client;
}

/** What this process holds on to. */
function holdings() {
  globalThis.gc?.();
  return {
    rss: process.memoryUsage().rss,
    descriptors: readdirSync("/proc/self/fd").length,
    handles: process.getActiveResourcesInfo().length,
    threads: readdirSync("/proc/self/task").length,
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 500));
const clients = logins.map((login) => start(login));

const COMMANDS = {
  async login() {
    await Promise.all(clients.map((client, i) => client.login({ ...logins[i], until: "online" })));
  },
  async logout() {
    await Promise.all(clients.map((client) => client.logout()));
  },
  async holdings() {
    await settled();
    return holdings();
  },
  status() {
    return clients.map((client) => client.status());
  },
  block({ ms }) {
    note({ what: "blocked" });
    Atomics.wait(nothing, 0, 0, ms);
    note({ what: "unblocked" });
  },
  async startAndStop({ times }) {
    for (let i = 0; i < times; i++) {
      const client = start(logins[0]);
      await client.login(logins[0]);
      await client.logout();
    }
  },
  end() {
    process.exit(0);
  },
};

async function answer(line) {
  const { number, command, ...params } = JSON.parse(line);
  try {
    say({ number, result: (await COMMANDS[command](params)) ?? null });
  } catch (error) {
    say({ number, error: `${command}: ${error.code ?? ""} ${error.message}` });
  }
}

createInterface({ input: process.stdin }).on("line", (line) => void answer(line));
