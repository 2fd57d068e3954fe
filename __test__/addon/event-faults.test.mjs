// The descriptor's script, with a client of plain objects: an event with hostile contents.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInThisContext } from "node:vm";
import { fromRoot } from "../../scripts/lib/paths.mjs";

const { createDescriptor } = runInThisContext(readFileSync(fromRoot("src", "js", "embedded.generated.js"), "utf8"));

/** A running account whose batches the test makes. */
async function runningAccount(dispatchInbound) {
  const settled = [];
  const lines = [];
  let onBatch;
  const client = {
    login: async () => {},
    logout: async () => {},
    status: () => ({ connected: true, state: "online", attempt: 0, lastDisconnectedAt: null, lastError: null }),
    ack: ([delivery]) => settled.push(["ack", delivery]),
    nack: ([delivery]) => settled.push(["nack", delivery]),
  };
  const native = {
    newClient: () => client,
    listen: (_client, callback) => (onBatch = callback),
    checkLogin: () => JSON.stringify({ userID: "bot", platformID: 5 }),
  };
  const log = (message) => lines.push(message);
  const channel = { accounts: { a: { token: "t", wsAddr: "ws://h", apiAddr: "http://h" } } };
  const logger = { debug: log, info: log, warn: log, error: log };
  const { clients } = createDescriptor(native, { channel, logger, dispatchInbound });
  await clients.startAccountClient({ accountId: "a" });
  return { settled, lines, batch: (batch) => onBatch({ messages: [], events: [], ...batch }) };
}

const message = { delivery: 7, clientMsgID: "m", text: "hello" };

test("an event that cannot be handled holds up no message", async () => {
  const { settled, lines, batch } = await runningAccount(async () => {});
  const trap = {
    get clientMsgID() {
      throw new RangeError("Invalid time value");
    },
  };
  batch({ events: [{ event: "OnDeadLetter", errMsg: "", data: trap }], messages: [message] });
  await new Promise(setImmediate);
  assert.deepEqual(settled, [["ack", 7]]);
  assert.match(lines.join("\n"), /event OnDeadLetter was not handled: Invalid time value/);
});

test("a token that is good until no time of the calendar is told without it", async () => {
  const { lines, batch } = await runningAccount(async () => {});
  batch({ events: [{ event: "OnUserTokenRefreshed", errMsg: "", data: { expiresAt: 9e18 } }] });
  assert.match(lines.join("\n"), /token refreshed$/m);
});
