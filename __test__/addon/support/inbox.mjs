// What a client was given, and the way to wait for it without sleeping.
import { OpenImClient } from "../../../loader.js";

const PATIENCE_MS = 10_000;

/** Collects batches and answers questions about them. */
export class Inbox {
  batches = [];
  messages = [];
  events = [];
  lines = [];
  #waiting = new Set();

  /** Give this to `new OpenImClient`. */
  onBatch = (batch) => {
    this.batches.push(batch);
    this.messages.push(...batch.messages);
    this.events.push(...batch.events);
    this.#look();
  };

  onLog = (lines) => {
    this.lines.push(...lines);
    this.#look();
  };

  #look() {
    for (const look of this.#waiting) look();
  }

  /** Resolves with what `find` finds, as soon as it finds something. */
  async until(find, what) {
    let look;
    let timer;
    try {
      return await new Promise((resolve, reject) => {
        look = () => {
          const found = find(this);
          if (found) resolve(found);
        };
        this.#waiting.add(look);
        timer = setTimeout(() => reject(new Error(`${what} did not come; events: ${this.eventNames()}`)), PATIENCE_MS);
        look();
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  message(text) {
    return this.until(() => this.messages.find((message) => message.text === text), `the message ${text.slice(0, 40)}`);
  }

  event(name) {
    return this.until(() => this.events.find(({ event }) => event === name), name);
  }

  count(number) {
    return this.until(() => this.messages.length >= number, `message number ${number}`);
  }

  eventNames() {
    return this.events.map(({ event }) => event);
  }
}

const open = new Set();

/** A client with an inbox, logged in; logged out by `logoutAll`. */
export async function loggedIn(params, options = {}) {
  const inbox = new Inbox();
  const client = new OpenImClient(options.onBatch ?? inbox.onBatch, { onLog: inbox.onLog, ...options });
  open.add(client);
  await client.login(params);
  return { client, inbox };
}

/** Ends what `loggedIn` began. */
export async function logoutAll() {
  await Promise.all([...open].map((client) => client.logout()));
  open.clear();
}

/** Waits, a bounded time, until something that raises no event of its own has become true. */
export async function eventually(is, what) {
  const end = performance.now() + PATIENCE_MS;
  while (!is()) {
    if (performance.now() > end) throw new Error(`${what} has not become true`);
    await new Promise(setImmediate);
  }
}

export const sendTo = (client, recvID, text) => client.sendMessage({ recvID, message: client.createTextMessage(text) });
