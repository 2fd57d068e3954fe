// Runs a program of examples/ as a user would: in a process of its own, with its settings in the environment.
import { fromRoot } from "../../scripts/lib/paths.mjs";
import { cleanEnv, Process } from "../../scripts/lib/processes.mjs";

const started = new Set();

/** Starts an example against a server; `env` holds what the example reads besides the server's addresses. */
export function startExample(name, server, { args = [], env = {} } = {}) {
  const { wsAddr, apiAddr } = server.login("alice");
  const example = new Process(`example-${name}`, process.execPath, [fromRoot("examples", name), ...args], {
    env: cleanEnv({ OPENIM_WS_ADDR: wsAddr, OPENIM_API_ADDR: apiAddr, ...env }),
  });
  started.add(example);
  return example;
}

/** Runs an example to its end; resolves with its lines, and rejects where it fails. */
export async function runExample(name, server, options) {
  const example = startExample(name, server, options);
  const { code, signal } = await example.exited;
  if (code !== 0) throw new Error(`${name} ended with ${signal ?? `code ${code}`}: ${example.lines.join("\n")}`);
  return example.lines;
}

/** Waits for a line with this text. */
export function said(example, text) {
  return example.line((line) => (line.includes(text) ? line : undefined), { what: text });
}

/** Ends what `startExample` began; the examples that are still running end by Ctrl-C. */
export async function stopExamples() {
  await Promise.all([...started].map((example) => example.stop({ signal: "SIGINT" })));
  started.clear();
}
