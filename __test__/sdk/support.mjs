// The genuine SDK in both builds, a dev server to log in to, and wires in between that a test can watch, cut or spoil.
import { createServer as createHttpServer, request as httpRequest } from "node:http";
import { connect, createServer } from "node:net";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startDevServer } from "../../scripts/lib/devserver.mjs";

const EVENT_MS = 15_000;
const require = createRequire(import.meta.url);

// Every SDK instance starts an interval that no logout clears; it must not keep a finished test file alive.
const { setInterval } = globalThis;
globalThis.setInterval = (...args) => setInterval(...args).unref();

// Nor does it wait for the REST calls that an event sets off; a server that stops meanwhile would fail them, unhandled.
const calls = new Set();
const { fetch } = globalThis;
globalThis.fetch = (...args) => {
  const call = fetch(...args);
  const settled = call.then(
    () => calls.delete(settled),
    () => calls.delete(settled),
  );
  calls.add(settled);
  return call;
};

async function callsSettled() {
  for (let round = 0; round < 50 && calls.size > 0; round += 1) {
    await Promise.all(calls);
    // One call's answer may set off the next.
    await new Promise(setImmediate);
  }
}

/** What Node loads for the package's name, and the file a bundler would take. */
export const builds = {
  CommonJS: () => Promise.resolve(require("@openim/client-sdk")),
  ES: async () => {
    const manifest = require.resolve("@openim/client-sdk/package.json");
    const { module } = JSON.parse(readFileSync(manifest, "utf8"));
    return import(pathToFileURL(join(manifest, "..", module)).href);
  },
};

const endings = new WeakMap();

/** Ends things with the test, the newest first: people leave before their server does. */
function atEnd(t, end) {
  const known = endings.get(t);
  if (known) return known.push(end);
  const all = [end];
  endings.set(t, all);
  t.after(async () => {
    for (const each of all.reverse()) await each();
  });
}

/** A dev server that ends with the test: the binary named in OPENIM_DEV_SERVER, or a freshly built one. */
export async function serverFor(t, args = []) {
  const server = await startDevServer({ binary: process.env.OPENIM_DEV_SERVER, args: ["--control", ...args] });
  atEnd(t, () => server.stop());
  return server;
}

/** A REST call with the admin's token, as a business server makes it. */
export async function asAdmin(server, path, body) {
  const call = async (at, content, token = "") => {
    const answer = await fetch(server.apiAddr + at, {
      method: "POST",
      headers: { "content-type": "application/json", operationID: "test", token },
      body: JSON.stringify(content),
    });
    const { errCode, errMsg, errDlt, data } = await answer.json();
    if (errCode !== 0) throw new Error(`${at}: ${errCode} ${errMsg} ${errDlt}`);
    return data;
  };
  const { token } = await call("/auth/get_admin_token", { secret: "openIM123", userID: "imAdmin" });
  return call(path, body, token);
}

/** A user's text through the server API. It is stored when this resolves. */
export async function writeAs(server, sendID, to, text) {
  const where = to.groupID ? { groupID: to.groupID, sessionType: 3 } : { recvID: to.recvID, sessionType: 1 };
  const body = { sendID, ...where, senderNickname: sendID, senderPlatformID: 5, contentType: 101 };
  const sent = await asAdmin(server, "/msg/send_msg", { ...body, content: { content: text } });
  await server.control("settle", {});
  return sent;
}

/** One SDK instance that notes every event. */
export class Person {
  #waiting = new Set();
  events = [];

  /** Logged out with the test: the SDK would reconnect for ever and keep the process alive. */
  constructor(t, { getSDK, CbEvents }) {
    this.sdk = getSDK();
    atEnd(t, async () => {
      await callsSettled();
      await this.logout().catch(() => {});
    });
    for (const name of new Set(Object.values(CbEvents))) {
      this.sdk.on(name, ({ data, errCode }) => this.#note({ name, data, errCode }));
    }
  }

  /** Logs in and resolves when the first sync is over. */
  async login(server, userID, addresses = {}) {
    const { token, platformID } = server.user(userID);
    const { wsAddr, apiAddr } = { ...server, ...addresses };
    await this.sdk.login({ userID, token, platformID, wsAddr, apiAddr, logLevel: 5 });
    await this.event("OnSyncServerFinish");
    return this;
  }

  async send(to, text) {
    const { data: message } = await this.sdk.createTextMessage(text);
    const { data } = await this.sdk.sendMessage({ recvID: "", groupID: "", ...to, message });
    return data;
  }

  /** The names of the events so far, from the `from`-th on. */
  names(from = 0) {
    return this.events.slice(from).map(({ name }) => name);
  }

  /** The first event of this name from the `from`-th on, past or to come, that `match` accepts. */
  async event(name, { from = 0, match = () => true } = {}) {
    const fits = (event) => event.name === name && match(event);
    const past = this.events.slice(from).find(fits);
    if (past) return past;
    let timer;
    const waiter = { fits };
    const coming = new Promise((resolve, reject) => {
      waiter.resolve = resolve;
      const late = () => reject(new Error(`no ${name} within ${EVENT_MS} ms; there was ${this.names(from)}`));
      timer = setTimeout(late, EVENT_MS);
    });
    this.#waiting.add(waiter);
    try {
      return await coming;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(waiter);
    }
  }

  /** The first message with this text, past or to come. */
  async message(text) {
    const match = ({ data }) => data.some((message) => message.textElem?.content === text);
    const { data } = await this.event("OnRecvNewMessages", { match });
    return data.find((message) => message.textElem?.content === text);
  }

  async logout() {
    await this.sdk.logout();
  }

  #note(event) {
    this.events.push(event);
    for (const waiter of this.#waiting) if (waiter.fits(event)) waiter.resolve(event);
  }
}

/** A TCP relay to the server's gateway: it keeps the query of every upgrade and can cut what passes through it. */
export async function wire(t, server) {
  const target = new URL(server.wsAddr);
  const sockets = new Set();
  const queries = [];
  const relay = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    client.once("data", (head) => {
      const path = head.toString("latin1").split(" ")[1];
      queries.push(new URL(path, "ws://relay").searchParams);
    });
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const cut = () => sockets.forEach((socket) => socket.destroy());
  atEnd(t, () => {
    relay.close();
    cut();
  });
  return { wsAddr: `ws://127.0.0.1:${relay.address().port}`, queries, cut };
}

/** An HTTP relay to the server's API: it keeps every path and answers the `spoiled` one with an error. */
export async function api(t, server, { spoiled } = {}) {
  const paths = [];
  const relay = createHttpServer((incoming, outgoing) => {
    paths.push(incoming.url);
    if (incoming.url === spoiled) {
      outgoing.setHeader("content-type", "application/json");
      outgoing.end(JSON.stringify({ errCode: 500, errMsg: "ServerInternalError", errDlt: "" }));
      return;
    }
    const { method, headers } = incoming;
    const forwarded = httpRequest(server.apiAddr + incoming.url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise((resolve) => relay.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => {
    relay.closeAllConnections();
    return new Promise((resolve) => relay.close(resolve));
  });
  return { apiAddr: `http://127.0.0.1:${relay.address().port}`, paths };
}
