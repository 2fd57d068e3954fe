// The OpenIM dev server (crate testkit) as a child process: starts it on free loopback ports and reads the one line it prints.
import { buildDevServer } from "./build.mjs";
import { Process } from "./processes.mjs";

const START_MS = 15_000;

/** Tests log in often and do not wait a second each time before pushes reach them. Those of that second give their own tick. */
const AT_ONCE = ["--online-tick", "0"];

/**
 * Starts `openim-dev-server --json` with these further arguments. Resolves with what it printed (`wsAddr`, `apiAddr`,
 * `users` with their tokens, `groups`) and the way to stop it.
 *
 * @param {{ binary?: string, args?: string[], name?: string }} [options]
 */
export async function startDevServer({ binary, args = [], name = "openim-dev-server" } = {}) {
  const server = new Process(name, binary ?? process.env.OPENIM_DEV_SERVER ?? (await buildDevServer()), [
    "--json",
    "--ws-port",
    "0",
    "--api-port",
    "0",
    ...(args.includes("--online-tick") ? [] : AT_ONCE),
    ...args,
  ]);
  const ready = await server.line(readyLine, { timeoutMs: START_MS, what: "its addresses" });
  return {
    ...ready,
    process: server,
    /** The ready user with this id, token included. */
    user: (userID) => {
      const user = ready.users.find((candidate) => candidate.userID === userID);
      if (!user) throw new Error(`the dev server has no user ${userID}`);
      return user;
    },
    /** Calls the control API (`--control`) and resolves with its data; a refusal rejects. */
    control: (call, body) => control(ready.apiAddr, call, body),
    stop: () => server.stop(),
  };
}

async function control(apiAddr, call, body) {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await (await fetch(`${apiAddr}/control/${call}`, init)).json();
  const { errCode, errMsg, errDlt, data } = /** @type {any} */ (answer);
  if (errCode !== 0) throw new Error(`${call}: ${errCode} ${errMsg} ${errDlt}`);
  return data;
}

function readyLine(line) {
  if (!line.startsWith("{")) return undefined;
  const value = JSON.parse(line);
  return value.wsAddr ? value : undefined;
}
