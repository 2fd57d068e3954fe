// Who listens by `on`: names, order and shapes of events, and that no listener can spoil anything.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, describe, test } from "node:test";
import { runInThisContext } from "node:vm";
import { OpenImClient } from "../../loader.js";
import { eventually, Inbox, loggedIn, logoutAll, sendTo } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

const server = await devServer({ people: ["alice", "reader"] });
afterEach(logoutAll);

const texts = ({ data }) => data.map((message) => message.text);

describe("a client", () => {
  test("tells its listeners what OpenIM's own client tells, each message once", async () => {
    const inbox = new Inbox();
    const client = new OpenImClient(null, { onLog: inbox.onLog });
    const heard = [];
    const note = (event) => heard.push(event);
    for (const name of ["OnConnecting", "OnConnectSuccess", "OnSyncServerFinish", "OnRecvNewMessages", "OnStopped"]) {
      client.on(name, note);
    }
    client.on("OnRecvNewMessage", () => assert.fail("a message is told once"));
    client.on("OnRecvNewMessages", () => {
      throw new Error("a mistake in a listener");
    });
    client.on("OnRecvNewMessages", async () => {
      throw new Error("a mistake in an asynchronous listener");
    });
    await client.login(server.login("reader"));
    const writer = await loggedIn(server.login("alice"));
    await sendTo(writer.client, "reader", "hello");
    await eventually(() => heard.some(({ event }) => event === "OnRecvNewMessages"), "the listener hears of it");
    await eventually(() => client.status().acked === 1, "the batch is settled without a batch callback");
    await eventually(() => inbox.lines.length === 2, "both failures are reported");
    const names = heard.map(({ event }) => event);
    assert.deepEqual(names, ["OnConnecting", "OnConnectSuccess", "OnSyncServerFinish", "OnRecvNewMessages"]);
    assert.deepEqual(Object.keys(heard[3]), ["event", "data", "errCode", "errMsg", "operationID"]);
    assert.deepEqual(texts(heard[3]), ["hello"]);
    assert.deepEqual(
      inbox.lines.map(({ level, message }) => `${level}: ${message}`),
      [
        "error: account=reader a listener of OnRecvNewMessages failed: a mistake in a listener",
        "error: account=reader a listener of OnRecvNewMessages failed: a mistake in an asynchronous listener",
      ],
    );
    await client.logout();
  });

  test("refuses what is no event name or no function", () => {
    const client = new OpenImClient();
    for (const wrong of [undefined, 5, null, {}]) {
      assert.throws(() => client.on(wrong, () => {}), { code: "OPENIM_CONFIG", op: "on" });
      assert.throws(() => client.on("OnConnecting", wrong), { code: "OPENIM_CONFIG", op: "on" });
    }
    assert.throws(() => client.off("OnConnecting", 5), { code: "OPENIM_CONFIG", op: "off" });
    client.off("OnConnecting", () => {});
    client.off("NoSuchEvent");
  });
});

describe("the script that unpacks", () => {
  const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
  /** The object literals that the addon puts into the script, each a list of members with what reads them. */
  const literals = JSON.parse(read("./support/literals.generated.json"));
  const script = Object.entries(literals).reduce((text, [name, members]) => {
    const literal = members.map(([member, reader]) => `${member}: ${reader}`).join(", ");
    return text.replace(`$${name}`, `{ ${literal} }`);
  }, read("../../src/js/unpack.js"));

  /** A batch as src/batch.rs packs it. */
  function packed(messages, events = []) {
    const numbers = [messages.length, events.length, 0];
    let text = "";
    const string = (value) => {
      numbers.push(value.length);
      text += value;
    };
    const object = (name, values) => {
      for (const [member, reader] of literals[name]) {
        if (reader === "string()" || reader === "json()") string(values[member] ?? "");
        else if (reader === "strings()") numbers.push(0);
        else if (reader.startsWith("numbers")) numbers.push(Number(values[member] ?? 0));
      }
    };
    for (const { id, offline = false, parts = "", contentType = 101 } of messages) {
      object("Message", { clientMsgID: id, text: `text ${id}`, contentType, offline });
      string(parts);
    }
    for (const event of events) object("ClientEvent", { event });
    return [1, Float64Array.from(numbers), text, []];
  }

  function stage() {
    const unpack = runInThisContext(script);
    const client = {};
    const heard = [];
    unpack.remember(client, null, null);
    const deliver = unpack.deliverer(client, "a", () => {});
    const on = (name) => unpack.on(client, name, ({ event, data }) => heard.push([event, data]));
    return { unpack, client, heard, deliver, on };
  }

  const both = [{ id: "late", offline: true }, { id: "new" }];
  const ids = ([event, data]) => [event, [data].flat().map(({ clientMsgID }) => clientMsgID)];

  test("tells offline messages apart where somebody listens for them", () => {
    const { heard, deliver, on } = stage();
    on("OnRecvNewMessages");
    deliver(...packed(both));
    on("OnRecvOfflineNewMessages");
    deliver(...packed(both));
    assert.deepEqual(heard.map(ids), [
      ["OnRecvNewMessages", ["late"]],
      ["OnRecvNewMessages", ["new"]],
      ["onRecvOfflineNewMessages", ["late"]],
      ["OnRecvNewMessages", ["new"]],
    ]);
  });

  test("tells messages one by one where only that is listened to", () => {
    const { heard, deliver, on } = stage();
    on("OnRecvNewMessage");
    deliver(...packed([{ id: "a" }, { id: "b" }]));
    assert.deepEqual(heard.map(ids), [
      ["OnRecvNewMessage", ["a"]],
      ["OnRecvNewMessage", ["b"]],
    ]);
  });

  test("puts the beginning of a connection before its messages and everything else after them", () => {
    const { heard, deliver, on } = stage();
    for (const name of ["OnSyncServerFinish", "OnRecvNewMessages", "OnGroupDismissed"]) on(name);
    deliver(...packed([{ id: "a" }], ["OnSyncServerFinish", "OnGroupDismissed"]));
    const names = heard.map(([event]) => event);
    assert.deepEqual(names, ["OnSyncServerFinish", "OnRecvNewMessages", "OnGroupDismissed"]);
  });

  test("calls a listener as often as it was registered and forgets it as often as it is taken away", () => {
    const { unpack, client, deliver } = stage();
    let calls = 0;
    const listener = () => calls++;
    unpack.on(client, "OnConnecting", listener);
    unpack.on(client, "OnConnecting", listener);
    deliver(...packed([], ["OnConnecting"]));
    unpack.off(client, "OnConnecting", listener);
    deliver(...packed([], ["OnConnecting"]));
    unpack.off(client, "OnConnecting", listener);
    deliver(...packed([], ["OnConnecting"]));
    assert.equal(calls, 3);
  });

  test("gives every message every member, and lays the parts of its kind over them", () => {
    const { heard, deliver, on } = stage();
    on("OnRecvNewMessages");
    const parts = { fileElem: { fileName: "a.pdf" }, media: [{ kind: "file", name: "a.pdf" }] };
    deliver(...packed([{ id: "t" }, { id: "f", contentType: 105, parts: JSON.stringify(parts) }]));
    const [text, file] = heard[0][1];
    assert.deepEqual(Object.keys(text), Object.keys(file));
    assert.deepEqual([text.textElem, text.media, text.quote], [{ content: "text t" }, [], null]);
    assert.deepEqual([file.textElem, file.fileElem, file.media], [null, parts.fileElem, parts.media]);
  });
});
