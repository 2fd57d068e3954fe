// A real gateway in conversation: one message in, one answer out; who is answered, who is not; what the command line sends.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CHANNEL } from "../../scripts/lib/rig.mjs";
import { BOTS, GROUP, startStage } from "./lib/stage.mjs";

let stage;
let alice;
let bob;
let dave;

before(async () => {
  stage = await startStage({
    name: "conversation",
    accounts: {
      // Alice may write everywhere; everybody else is a stranger.
      a: { dmPolicy: "allowlist", allowFrom: ["alice"], groupPolicy: "allowlist", groupAllowFrom: ["alice"] },
      // Pairing for direct messages; in groups everyone who mentions the bot.
      b: { dmPolicy: "pairing", groupPolicy: "open" },
      // The original's rule: only the listed user, everywhere.
      c: { inboundWhitelist: ["alice"] },
    },
  });
  alice = await stage.person("alice");
  bob = await stage.person("bob", { build: "esm" });
  dave = await stage.person("dave");
});
after(() => stage?.cleanup.run());

test("a direct message is answered once, by the account it went to", async () => {
  const first = await stage.exchange(alice);
  const second = await stage.exchange(alice);
  assert.equal(stage.answers(alice, first), 1);
  assert.equal(stage.answers(alice, second), 1);
  assert.ok(alice.received.every((message) => message.sendID === BOTS.a));
});

test("a mention in a group is answered once, in the group", async () => {
  const word = await stage.exchange(alice, { group: GROUP });
  await stage.exchange(alice, { group: GROUP });
  assert.equal(stage.answers(alice, word), 1);
  // Bob sits in the same group and sees the same answer.
  await stage.answer(bob, word, { group: GROUP });
});

test("the model reads the question without the mention of the bot", async () => {
  const word = await stage.exchange(alice, { group: GROUP });
  const request = stage.model.requests.findLast(({ userText }) => userText.includes(word));
  assert.doesNotMatch(
    request.userText.split("\n").findLast((line) => line.includes(word)),
    new RegExp(`@${BOTS.a}`),
  );
});

test("a group message without a mention is not answered", async () => {
  const unmentioned = await stage.ask(alice, { group: GROUP, mention: false });
  // The same conversation keeps its order: when this one is answered, the other has had its chance.
  await stage.exchange(alice, { group: GROUP });
  assert.equal(stage.wasAsked(unmentioned), false);
});

test("the mention of one bot does not wake the other", async () => {
  const word = await stage.exchange(alice, { bot: "b", group: GROUP });
  await stage.exchange(alice, { bot: "a", group: GROUP });
  const answers = alice.received.filter((message) => message.text.includes(word));
  assert.deepEqual(
    answers.map((message) => message.sendID),
    [BOTS.b],
  );
});

test("a stranger is not answered under an allowlist, not even with a code, neither directly nor in the group", async () => {
  const direct = await stage.ask(bob);
  const group = await stage.ask(bob, { group: GROUP });
  await stage.exchange(alice, { group: GROUP });
  await stage.exchange(alice);
  // Bob's own conversation with the other account shows that he can receive at all.
  await stage.exchange(bob, { bot: "b", group: GROUP });
  assert.equal(stage.wasAsked(direct), false);
  assert.equal(stage.wasAsked(group), false);
  assert.equal(bob.received.filter(({ sendID, groupID }) => sendID === BOTS.a && !groupID).length, 0);
});

test("a whitelist admits whom it lists, directly and in groups, and is silent to everybody else", async () => {
  await stage.exchange(alice, { bot: "c" });
  await stage.exchange(alice, { bot: "c", group: GROUP });
  const words = [await stage.ask(bob, { bot: "c" }), await stage.ask(bob, { bot: "c", group: GROUP })];
  await stage.exchange(alice, { bot: "c", group: GROUP });
  await stage.exchange(bob, { bot: "b", group: GROUP });
  assert.deepEqual(
    words.map((word) => stage.wasAsked(word)),
    [false, false],
  );
  assert.deepEqual(
    bob.received.filter(({ sendID, groupID }) => sendID === BOTS.c && !groupID),
    [],
  );
});

test("commands need permission, also where everyone may talk", async () => {
  const STATUS = /OpenClaw/;
  await alice.send({ recvID: BOTS.a, text: "/status" });
  await alice.message(({ sendID, text }) => sendID === BOTS.a && STATUS.test(text), {
    what: "the status for an allowed user",
  });
  await bob.send({ recvID: BOTS.a, text: "/status" });
  for (const bot of ["a", "b"])
    await bob.send({ groupID: GROUP, text: `@${BOTS[bot]} /status`, mention: [{ userID: BOTS[bot] }] });
  // The same group, later: what was to be answered has been.
  await stage.exchange(alice, { bot: "a", group: GROUP });
  await stage.exchange(alice, { bot: "b", group: GROUP });
  assert.deepEqual(
    bob.received.filter(({ text }) => STATUS.test(text)),
    [],
  );
});

test("pairing: a code, its approval, and the next message passes", async () => {
  const refused = await stage.ask(dave, { bot: "b" });
  const { text } = await dave.message(({ sendID, text }) => sendID === BOTS.b && /pairing/i.test(text), {
    what: "the pairing code",
  });
  assert.match(text, /dave/, "the stranger is told which id to name");
  const code = /^\s*([A-Z0-9]{6,12})\s*$/m.exec(text)?.[1] ?? /approve \S+ ([A-Z0-9]{6,12})/.exec(text)?.[1];
  assert.ok(code, text);
  await stage.host.cli(["pairing", "approve", CHANNEL, code, "--account", "b"]);
  await stage.exchange(dave, { bot: "b" });
  assert.equal(stage.wasAsked(refused), false);
  assert.equal(dave.received.filter(({ text }) => text.includes(code)).length, 1, "the code is sent once");
});

test("an approval holds for the account that was asked, and for no other", async () => {
  const word = await stage.ask(dave, { bot: "a" });
  await stage.exchange(dave, { bot: "b" });
  assert.equal(stage.wasAsked(word), false);
});

test("the command line sends to people and groups, by the account it names", async () => {
  const send = async (target, text) =>
    JSON.parse(
      await stage.host.cli([
        "message",
        "send",
        "--channel",
        CHANNEL,
        "--account",
        "b",
        "--target",
        target,
        "--message",
        text,
        "--json",
      ]),
    );
  const direct = await send("user:alice", "sent to alice");
  const group = await send(`group:${GROUP}`, "sent to the group");
  const received = await alice.message(({ text }) => text === "sent to alice");
  const inGroup = await alice.message(({ text }) => text === "sent to the group");
  assert.deepEqual([received.sendID, received.groupID, inGroup.sendID, inGroup.groupID], [BOTS.b, "", BOTS.b, GROUP]);
  assert.ok(JSON.stringify(direct).includes(received.clientMsgID), "the result carries the message's id");
  assert.ok(JSON.stringify(group).includes(inGroup.clientMsgID));
});

test("the command line is told in one sentence what it got wrong", async () => {
  const send = async (...args) => {
    const run = ["message", "send", "--channel", CHANNEL, ...args, "--message", "x", "--json"];
    return JSON.parse(await stage.host.cli(run, { okCodes: [1] })).error.message;
  };
  assert.match(await send("--target", "user:alice"), /accountId is required \(no default fallback\)/);
  assert.match(await send("--account", "b", "--target", "alice"), /user:ID\|group:ID/);
  assert.match(await send("--account", "nobody", "--target", "user:alice"), /Unknown account "nobody"/);
});

test("through all of this the stranger has received nothing from the account that does not know him", () => {
  assert.deepEqual(
    bob.received.filter(({ sendID, groupID }) => sendID === BOTS.a && !groupID),
    [],
  );
});

test("nobody's token is in the gateway's log or in its status", async () => {
  const status = JSON.stringify(await stage.host.call("channels.status", {}));
  const log = stage.host.gateway.lines.join("\n");
  for (const { token } of Object.values(BOTS).map((id) => stage.server.user(id))) {
    assert.equal(status.includes(token), false);
    assert.equal(log.includes(token), false);
  }
});
