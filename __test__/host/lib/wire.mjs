// A relay in front of the server's message gateway that counts, per user, the logins on the wire and the sockets open.
import { once } from "node:events";
import { connect, createServer } from "node:net";

const MAX_HEAD = 16 * 1024;

/** Starts the relay; `wsAddr` is what clients use instead of the server's own address. */
export async function startWire(server) {
  const to = new URL(server.wsAddr);
  const users = new Map();
  const sockets = new Set();
  const waiting = new Set();

  const user = (id) => {
    if (!users.has(id)) users.set(id, { logins: 0, open: 0, mostOpen: 0 });
    return users.get(id);
  };
  const changed = () => {
    for (const look of [...waiting]) look();
  };

  const relay = createServer((client) => {
    const upstream = connect({ host: to.hostname, port: Number(to.port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let head = "";
    const read = (chunk) => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n") && head.length < MAX_HEAD) return;
      client.off("data", read);
      const id = new URL(head.split(" ")[1] ?? "/", "http://relay").searchParams.get("sendID");
      if (!id) return;
      const one = user(id);
      one.logins += 1;
      one.open += 1;
      one.mostOpen = Math.max(one.mostOpen, one.open);
      client.once("close", () => {
        one.open -= 1;
        changed();
      });
      changed();
    };
    client.on("data", read);
    client.pipe(upstream).pipe(client);
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");

  return {
    wsAddr: `ws://127.0.0.1:${relay.address().port}`,
    /** `{ logins, open, mostOpen }` of a user. */
    of: (id) => ({ ...user(id) }),
    /** Resolves when `wanted` accepts the user's counts. */
    async until(id, wanted, { timeoutMs = 60_000, what = "the expected logins" } = {}) {
      let look;
      let timer;
      const seen = new Promise((resolve, reject) => {
        look = () => wanted(user(id)) && resolve();
        timer = setTimeout(
          () => reject(new Error(`${what}: after ${timeoutMs / 1000} s ${id} has ${JSON.stringify(user(id))}`)),
          timeoutMs,
        );
      });
      waiting.add(look);
      look();
      try {
        await seen;
      } finally {
        clearTimeout(timer);
        waiting.delete(look);
      }
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      relay.close();
      await once(relay, "close");
    },
  };
}
