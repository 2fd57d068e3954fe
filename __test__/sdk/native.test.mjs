// A person with the genuine SDK and a bot with our client chat through the dev server, in both directions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenImClient } from "../../loader.js";
import { Inbox } from "../addon/support/inbox.mjs";
import { Person, builds, serverFor } from "./support.mjs";

const TEXT = "hi 你好 😀";

/** Our client, logged in as bot_7; it leaves with the test. */
async function botFor(t, server) {
  const inbox = new Inbox();
  const client = new OpenImClient(inbox.onBatch);
  t.after(() => client.logout());
  const { wsAddr, apiAddr } = server;
  await client.login({ token: server.user("bot_7").token, wsAddr, apiAddr });
  const heard = (text) => inbox.until(({ messages }) => messages.find((one) => one.text === text), `"${text}"`);
  const say = (to, text) => client.sendMessage({ ...to, message: client.createTextMessage(text) });
  return { client, inbox, heard, say };
}

for (const [build, load] of Object.entries(builds)) {
  test(`a person and our client write to each other (${build})`, async (t) => {
    const server = await serverFor(t);
    const alice = await new Person(t, await load()).login(server, "alice");
    const bot = await botFor(t, server);

    const sent = await alice.send({ recvID: "bot_7" }, TEXT);
    const heard = await bot.heard(TEXT);
    assert.equal(heard.clientMsgID, sent.clientMsgID);
    assert.deepEqual([heard.sendID, heard.conversationID, heard.sessionType], ["alice", "si_alice_bot_7", 1]);

    const said = await bot.say({ recvID: "alice" }, `${TEXT} too`);
    const read = await alice.message(`${TEXT} too`);
    assert.deepEqual([read.clientMsgID, read.serverMsgID], [said.clientMsgID, said.serverMsgID]);
    assert.deepEqual([read.sendID, read.sessionType, read.contentType], ["bot_7", 1, 101]);
  });

  test(`a person and our client write in a group, and a mention is a mention (${build})`, async (t) => {
    const server = await serverFor(t);
    const alice = await new Person(t, await load()).login(server, "alice");
    const bot = await botFor(t, server);

    await alice.send({ groupID: "g100" }, "to all");
    const heard = await bot.heard("to all");
    assert.deepEqual([heard.groupID, heard.conversationID, heard.isAtSelf], ["g100", "sg_g100", false]);

    const { data: message } = await alice.sdk.createTextAtMessage({ text: "@bot_7 you", atUserIDList: ["bot_7"] });
    await alice.sdk.sendMessage({ recvID: "", groupID: "g100", message });
    const mention = await bot.heard("@bot_7 you");
    assert.deepEqual([mention.isAtSelf, mention.atUserIDList], [true, ["bot_7"]]);

    await bot.say({ groupID: "g100" }, "to alice");
    assert.equal((await alice.message("to alice")).sendID, "bot_7");
    assert.ok(!bot.inbox.messages.some(({ sendID }) => sendID === "bot_7"), "its own words are no input");
  });
}
