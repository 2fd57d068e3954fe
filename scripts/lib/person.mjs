// A person with the genuine OpenIM SDK, in a process of its own: a stranger on the wire for our client to chat with.
import { ensureDependencies } from "./build.mjs";
import { fromRoot } from "./paths.mjs";
import { Process } from "./processes.mjs";
import { Failure } from "./steps.mjs";

const LOGIN_MS = 30_000;
const SEND_MS = 20_000;

/** Logs a user of the dev server in with the SDK; `build` is `cjs` or `esm`. */
export async function startPerson({ server, user, build = "cjs", name = `person-${user.userID}` }) {
  const node = await ensureDependencies();
  const script = fromRoot("scripts", "lib", build === "esm" ? "person-child.mjs" : "person-child.cjs");
  const child = new Process(name, node, [script], { stdin: "pipe" });
  const person = new Person(child, user);
  const login = {
    userID: user.userID,
    token: user.token,
    platformID: user.platformID,
    wsAddr: server.wsAddr,
    apiAddr: server.apiAddr,
  };
  try {
    await person.ask("login", login, LOGIN_MS);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return person;
}

class Person {
  #child;
  #asked = 0;

  constructor(child, user) {
    this.#child = child;
    this.user = user;
    this.userID = user.userID;
  }

  /** Messages received so far, oldest first. */
  get received() {
    return this.#child.lines
      .map(eventOf)
      .filter((event) => event?.event === "message")
      .map((event) => event.message);
  }

  /** Has the child do something with the SDK; resolves with the SDK's answer. */
  async ask(op, params, timeoutMs = SEND_MS) {
    const id = ++this.#asked;
    this.#child.write(JSON.stringify({ id, op, params }));
    const answer = await this.#child.line(
      (line) => {
        const event = eventOf(line);
        return event?.event === "answer" && event.id === id ? event : undefined;
      },
      { timeoutMs, what: op },
    );
    if (answer.error) throw new Failure(`${this.userID} could not ${op}: ${answer.error}`, { log: this.#child.log });
    return answer.result;
  }

  /** Writes into a direct chat (`recvID`) or a group (`groupID`), there optionally mentioning users. */
  send({ recvID = "", groupID = "", text, mention = [] }) {
    return this.ask("send", { recvID, groupID, text, mention });
  }

  /** Puts a file of this machine into the server's store; resolves with its address. */
  async upload({ path, name, contentType }) {
    return (await this.ask("upload", { path, name, contentType })).url;
  }

  /** Makes a message with one of the SDK's `create…` methods and sends it; resolves with the whole message. */
  async sendMade({ recvID = "", groupID = "", method, params }) {
    const message = await this.ask("create", { method, params });
    return this.ask("deliver", { recvID, groupID, message });
  }

  /** The first message, past or to come, that `match` accepts. */
  message(match, { timeoutMs = 60_000, what = "a message" } = {}) {
    return this.#child.line(
      (line) => {
        const event = eventOf(line);
        return event?.event === "message" && match(event.message) ? event.message : undefined;
      },
      { timeoutMs, what },
    );
  }

  async stop() {
    this.#child.endInput();
    return this.#child.stop({ graceMs: 3_000 });
  }
}

/** The child's own lines; whatever the SDK prints beside them is only logged. */
function eventOf(line) {
  if (!line.startsWith("@")) return undefined;
  return JSON.parse(line.slice(1));
}
