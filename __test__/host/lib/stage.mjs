// The stage of the host tests: a dev server with its bots behind a counting relay, a scripted model, a private OpenClaw with
// the plugin installed from its packed tarballs, the gateway, and people with the genuine SDK.
import { randomUUID } from "node:crypto";
import { Cleanup } from "../../../scripts/lib/cleanup.mjs";
import { startDevServer } from "../../../scripts/lib/devserver.mjs";
import { startModel } from "../../../scripts/lib/model.mjs";
import { startPerson } from "../../../scripts/lib/person.mjs";
import {
  CHANNEL,
  channelBlock,
  configure,
  connected,
  installedHost,
  startPackedRegistry,
} from "../../../scripts/lib/rig.mjs";
import { startWire } from "./wire.mjs";

export const BOTS = { a: "bot_7", b: "bot_8", c: "bot_9" };
export const GROUP = "g100";
const ANSWER_MS = 60_000;

const PEOPLE = ["alice", "bob", "carol", "dave"];
const MEMBERS = ["alice", "bob", "carol", ...Object.values(BOTS)];
const SERVER_ARGS = [
  ...["--ws-port", "0", "--api-port", "0", "--group", `${GROUP}:${MEMBERS.join(",")}`],
  ...[...PEOPLE, ...Object.values(BOTS)].flatMap((userID) => ["--user", userID]),
];

/** A model that answers `ping <word>` with `pong <word>`, so that an answer proves which question arrived. */
class PingModel {
  #gate = Promise.resolve();

  /** Keeps back all answers until the function this returns is called. */
  hold() {
    const { promise, resolve } = Promise.withResolvers();
    this.#gate = promise;
    return resolve;
  }

  async answer({ userText }) {
    await this.#gate;
    const words = [...userText.matchAll(/ping (\S+)/g)].map(([, word]) => `pong ${word}`);
    return { text: words.length > 0 ? words.join(" ") : "nothing was asked" };
  }
}

/**
 * Everything up and both bots online. `accounts` gives the options of each account beside its login, `config` what the
 * host's configuration has beside ours and `channel` the channel's own options, each as an object or a function that makes
 * it; `script` may answer a request of the model in
 * place of the pings. Call `stage.cleanup.run()` at the end.
 */
export async function startStage({
  name,
  accounts,
  channel = {},
  config = {},
  serverArgs = [],
  script = () => undefined,
}) {
  const cleanup = new Cleanup();
  try {
    const server = await startDevServer({ args: [...SERVER_ARGS, ...serverArgs] });
    cleanup.add("the dev server", () => server.stop());
    const wire = await startWire(server);
    cleanup.add("the relay", () => wire.stop());
    const ping = new PingModel();
    const model = await startModel({ answer: (request) => script(request) ?? ping.answer(request) });
    cleanup.add("the model", () => model.stop());
    const registry = await startPackedRegistry(cleanup);
    const host = await installedHost(cleanup, { modelUrl: model.baseUrl, registry, name });
    host.writeConfig({
      ...host.config,
      bindings: [{ agentId: "main", match: { channel: CHANNEL, accountId: "*" } }],
      ...(typeof config === "function" ? config(host.config) : config),
    });
    const block = Object.entries(accounts).map(([id, options]) => [id, { user: server.user(BOTS[id]), ...options }]);
    const ours = typeof channel === "function" ? channel(server, host) : channel;
    configure(host, channelBlock({ ...server, wsAddr: wire.wsAddr }, Object.fromEntries(block), ours));
    const stage = new Stage({ cleanup, server, wire, model, ping, registry, host });
    await stage.startGateway();
    await Promise.all(Object.keys(accounts).map((id) => connected(host, id)));
    return stage;
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

class Stage {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Starts the gateway; a running gateway installs plugins itself, so it has to know the registry. */
  startGateway(env = {}) {
    return this.host.start({
      env: { npm_config_registry: this.registry.url, npm_config_ignore_scripts: "true", ...env },
    });
  }

  /** Someone with the SDK, logged in straight to the server. */
  async person(userID, { token, ...options } = {}) {
    const user = { ...this.server.user(userID), ...(token ? { token } : {}) };
    const person = await startPerson({ server: this.server, user, ...options });
    this.cleanup.add(userID, () => person.stop());
    return person;
  }

  /** Another token for a user, as a second device would get it from the server. */
  async anotherToken(userID) {
    const call = async (path, body, token) => {
      const headers = { "content-type": "application/json", operationID: randomUUID(), ...(token ? { token } : {}) };
      const response = await fetch(this.server.apiAddr + path, { method: "POST", headers, body: JSON.stringify(body) });
      const { errCode, errMsg, data } = await response.json();
      if (errCode) throw new Error(`${path}: ${errCode} ${errMsg}`);
      return data.token;
    };
    const admin = await call("/auth/get_admin_token", { secret: "openIM123", userID: "imAdmin" });
    return call("/auth/get_user_token", { userID, platformID: this.server.user(userID).platformID }, admin);
  }

  /** Asks and does not wait; returns the word by which question and answer are known. */
  async ask(person, { bot = "a", group, mention = Boolean(group) } = {}) {
    const word = randomUUID();
    const to = group ? { groupID: group } : { recvID: BOTS[bot] };
    const text = `${mention ? `@${BOTS[bot]} ` : ""}ping ${word}`;
    await person.send({ ...to, text, mention: mention ? [{ userID: BOTS[bot] }] : [] });
    return word;
  }

  /** The answer to a question, from the bot that was asked and in the chat where it was asked. */
  answer(person, word, { bot = "a", group } = {}) {
    const wanted = (message) =>
      message.sendID === BOTS[bot] &&
      (message.groupID ?? "") === (group ?? "") &&
      message.text.includes(`pong ${word}`);
    return person.message(wanted, { timeoutMs: ANSWER_MS, what: `the answer to ping ${word}` });
  }

  /** Asks and waits for the answer. */
  async exchange(person, where = {}) {
    const word = await this.ask(person, where);
    await this.answer(person, word, where);
    return word;
  }

  /** How often a person has received the answer to a question so far. */
  answers(person, word) {
    return person.received.filter((message) => message.text.includes(`pong ${word}`)).length;
  }

  /** Whether the model was asked a question at all. */
  wasAsked(word) {
    return this.model.requests.some((request) => asks(request, word));
  }

  /** Resolves when the model has been asked a question. */
  async asked(word, timeoutMs = ANSWER_MS) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const timer = setTimeout(() => reject(new Error(`the model was not asked ping ${word}`)), timeoutMs);
    const stop = this.model.onRequest((request) => asks(request, word) && resolve());
    if (this.wasAsked(word)) resolve();
    await promise.finally(() => {
      clearTimeout(timer);
      stop();
    });
  }
}

const asks = (request, word) => request.userTexts.some((text) => text.includes(word));
