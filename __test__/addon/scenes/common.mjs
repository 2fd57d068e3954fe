// What scenes share.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export const load = (file) => require(file);

/** Loads a file again, past the cache. */
export function reload(file) {
  delete require.cache[require.resolve(file)];
  return require(file);
}

/** A batch callback and promises for what it is given. */
export function ears() {
  const waiting = [];
  const heard = [];
  const look = () => {
    for (const { find, resolve } of waiting) {
      const found = find(heard);
      if (found) resolve(found);
    }
  };
  return {
    heard,
    onBatch(batch) {
      heard.push(batch);
      look();
    },
    // Nothing of the addon keeps a thread alive, so that whoever waits has to.
    until: (find) => {
      const alive = setInterval(() => {}, 1_000);
      return new Promise((resolve) => {
        waiting.push({ find, resolve });
        look();
      }).finally(() => clearInterval(alive));
    },
    message(text) {
      return this.until(() => heard.flatMap(({ messages }) => messages).find((message) => message.text === text));
    },
    event(name) {
      return this.until(() => heard.flatMap(({ events }) => events).find(({ event }) => event === name));
    },
  };
}

export const say = (client, recvID, text) => client.sendMessage({ recvID, message: client.createTextMessage(text) });
