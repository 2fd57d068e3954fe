// What comes in besides words, on a real host: the model sees pictures, voice, files, quotes and forwards for what they
// are, and the words of a message never go missing with its file.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pdf, png, wav } from "./lib/files.mjs";
import { BOTS, GROUP, startStage } from "./lib/stage.mjs";

const HEARD = "the words in the voice note";
/** A group of one person and a bot that answers everything there. */
const QUIET = "g200";

let stage;
let alice;

before(async () => {
  stage = await startStage({
    name: "media-in",
    accounts: {
      a: { allowFrom: ["alice"], groupAllowFrom: ["alice"] },
      b: { allowFrom: ["alice"], mediaMaxMb: 0.001 },
      c: { groupAllowFrom: ["alice"], requireMention: false, contextVisibility: "allowlist" },
    },
    serverArgs: ["--group", `${QUIET}:alice,${BOTS.c}`],
    // A model that sees, and a program that hears: the host transcribes as it is told, whatever the channel.
    config: (config) => {
      config.models.providers.scripted.models[0].input = ["text", "image"];
      return {
        models: config.models,
        session: { dmScope: "per-account-channel-peer" },
        tools: { media: { audio: { enabled: true, models: [{ type: "cli", command: "/bin/echo", args: [HEARD] }] } } },
      };
    },
  });
  alice = await stage.person("alice");
  await stage.exchange(alice);
});
after(() => stage?.cleanup.run());

/** Puts bytes into the server's store by the SDK; resolves with the address. */
async function stored(bytes, name, contentType) {
  const path = join(stage.host.dir, `${randomUUID()}-${name}`);
  writeFileSync(path, bytes);
  return { url: await alice.upload({ path, name, contentType }), size: bytes.length, name };
}

const picture = ({ url, size }) => {
  const one = { uuid: randomUUID(), type: "image/png", size, width: 48, height: 32, url };
  return {
    method: "createImageMessageByURL",
    params: { sourcePath: "", sourcePicture: one, bigPicture: one, snapshotPicture: one },
  };
};
const voice = ({ url, size }) => ({
  method: "createSoundMessageByURL",
  params: { uuid: randomUUID(), soundPath: "", sourceUrl: url, dataSize: size, duration: 2, soundType: "audio/wav" },
});
const file = ({ url, size, name }) => ({
  method: "createFileMessageByURL",
  params: { filePath: "", fileName: name, uuid: randomUUID(), sourceUrl: url, fileSize: size, fileType: "" },
});

/** Sends something and a question after it; resolves with what the model was asked meanwhile. */
async function seen(made, { bot = "a", group } = {}) {
  const before = stage.model.requests.length;
  const message = await alice.sendMade({ ...(group ? { groupID: group } : { recvID: BOTS[bot] }), ...made });
  await stage.exchange(alice, { bot, group });
  const requests = stage.model.requests.slice(before);
  return { message, requests, text: JSON.stringify(requests.map(({ messages }) => messages)) };
}

/** What the model was told beside a person's turn: everything after it, as the host puts it. */
function beside({ messages, userText }) {
  const turn = messages.findLastIndex(({ content }) => JSON.stringify(content).includes(JSON.stringify(userText)));
  return JSON.stringify(messages.slice(turn));
}

/** The files the host has kept of what came in, by their bytes. */
function kept() {
  const dir = join(stage.host.stateDir, "media", "inbound");
  return readdirSync(dir).map((name) => ({ name, bytes: readFileSync(join(dir, name)) }));
}
const keptAs = (bytes) => kept().find((one) => one.bytes.equals(bytes))?.name;

test("a picture reaches the model as a picture, and the host keeps its bytes", async () => {
  const bytes = png();
  const { requests } = await seen(picture(await stored(bytes, "red.png", "image/png")));
  const parts = requests.flatMap(({ messages }) =>
    messages.flatMap(({ content }) => (Array.isArray(content) ? content : [])),
  );
  assert.ok(
    parts.some(({ type }) => type === "image_url"),
    JSON.stringify(parts).slice(0, 500),
  );
  assert.match(keptAs(bytes) ?? "", /\.png$/);
});

test("a voice note is heard by the host and its words reach the model", async () => {
  const bytes = wav();
  const { text } = await seen(voice(await stored(bytes, "note.wav", "audio/wav")));
  assert.ok(text.includes(HEARD), text.slice(-1_500));
  assert.ok(keptAs(bytes));
});

test("a file reaches the model under its name, and the host keeps its bytes", async () => {
  const bytes = pdf();
  const { text } = await seen(file(await stored(bytes, "offer 2026.pdf", "application/pdf")));
  assert.match(text, /offer/);
  assert.match(keptAs(bytes) ?? "", /offer.*\.pdf$/);
});

test("a file above the limit is named with the reason, and not fetched", async () => {
  const bytes = Buffer.alloc(5_000, "x");
  const { text } = await seen(file(await stored(bytes, "large.bin", "application/octet-stream")), { bot: "b" });
  assert.match(text, /\[file large\.bin: 5 KB, at most 2 KB are fetched\]/);
  assert.equal(keptAs(bytes), undefined);
});

test("a file that is gone costs its message no more than the file", async () => {
  const { text } = await seen(
    file({ url: `${stage.server.apiAddr}/object/nobody/nothing.txt`, size: 10, name: "gone.txt" }),
  );
  assert.match(text, /\[file gone\.txt: it could not be fetched\]/);
});

test("a file at an address of the gateway's own machine is not fetched for a stranger's link", async () => {
  const asked = [];
  const { createServer } = await import("node:http");
  const trap = createServer((request, response) => {
    asked.push(request.url);
    response.end("secret of this machine");
  });
  await new Promise((resolve) => trap.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${trap.address().port}/admin`;
    const { text } = await seen(file({ url, size: 10, name: "bait.txt" }));
    assert.match(text, /\[file bait\.txt: it could not be fetched\]/);
    assert.ok(!text.includes("secret of this machine"));
    assert.deepEqual(asked, []);
  } finally {
    trap.close();
  }
});

test("a question about a picture does not overtake it", async () => {
  const bytes = png({ colour: [10, 200, 10] });
  const before = stage.model.requests.length;
  await alice.sendMade({ recvID: BOTS.a, ...picture(await stored(bytes, "green.png", "image/png")) });
  await stage.exchange(alice);
  const [first] = stage.model.requests.slice(before);
  assert.ok(JSON.stringify(first.messages).includes("image_url"));
});

/** A message of the person's own as the SDK makes it, with words in it. */
const said = (text) => alice.ask("create", { method: "createTextMessage", params: text });

test("what is quoted stands beside the answer, not in it", async () => {
  const [old, word] = [randomUUID(), randomUUID()];
  const first = await alice.sendMade({ recvID: BOTS.a, method: "createTextMessage", params: `remember ${old}` });
  const { requests } = await seen({
    method: "createQuoteMessage",
    params: { text: `ping ${word}`, message: JSON.stringify(first) },
  });
  const asked = requests.find(({ userText }) => userText.includes(word));
  const line = asked.userText.split("\n").find((one) => one.includes(word));
  assert.ok(!line.includes(old), line);
  assert.ok(beside(asked).includes(old), beside(asked));
});

test("a quoted picture comes with the question about it", async () => {
  const bytes = png({ colour: [10, 10, 220] });
  const shown = await alice.sendMade({ recvID: BOTS.a, ...picture(await stored(bytes, "blue.png", "image/png")) });
  await stage.exchange(alice);
  const word = randomUUID();
  const { requests } = await seen({
    method: "createQuoteMessage",
    params: { text: `ping ${word}`, message: JSON.stringify(shown) },
  });
  const [asked] = requests;
  assert.ok(asked.userText.includes(word), "what was said next has not overtaken it");
  assert.ok(JSON.stringify(asked.messages.slice(-3)).includes("image_url"));
  assert.ok(kept().filter((one) => one.bytes.equals(bytes)).length >= 2, "fetched for the picture and for the quote");
});

test("forwarded messages, and a quote of them, are context of others", async () => {
  const words = [randomUUID(), randomUUID()];
  const messageList = await Promise.all(words.map((word) => said(`earlier ${word}`)));
  const merger = {
    method: "createMergerMessage",
    params: { messageList, title: "what we said", summaryList: words.map((word) => `alice: earlier ${word}`) },
  };
  const { message, text, requests } = await seen(merger);
  for (const word of words) assert.ok(text.includes(word), text.slice(-2_000));
  const asked = requests.find(({ userText }) => userText.includes("forwarded messages"));
  const line = asked.userText.split("\n").find((one) => one.includes("[forwarded messages"));
  assert.match(line, /what we said/);
  assert.ok(!line.includes(words[0]), line);

  const word = randomUUID();
  const quoted = await seen({
    method: "createQuoteMessage",
    params: { text: `ping ${word}`, message: JSON.stringify(message) },
  });
  assert.match(beside(quoted.requests.find(({ userText }) => userText.includes(word))), /what we said/);
});

test("with contextVisibility allowlist a stranger's forwarded words are left out", async () => {
  const word = randomUUID();
  const stranger = { ...(await said(`earlier ${word}`)), sendID: "mallory", senderNickname: "Mallory" };
  const { text } = await seen(
    {
      method: "createMergerMessage",
      params: { messageList: [stranger], title: "look", summaryList: [`Mallory: ${word}`] },
    },
    { bot: "c", group: QUIET },
  );
  assert.match(text, /\[forwarded messages: look\]/);
  assert.ok(!text.includes(word));
});

test("in a group the quote of a bot's answer counts as a mention of it, that of a person's does not", async () => {
  const word = await stage.exchange(alice, { group: GROUP });
  const answer = alice.received.find(({ text, groupID }) => groupID === GROUP && text.includes(word));
  const quote = async (sendID, text, clientMsgID = answer.clientMsgID) => {
    const message = { ...(await said(`earlier ${word}`)), clientMsgID, sendID, groupID: GROUP };
    const params = { text, message: JSON.stringify(message) };
    return alice.sendMade({ groupID: GROUP, method: "createQuoteMessage", params });
  };
  const [ofBob, forged, ofBot] = [randomUUID(), randomUUID(), randomUUID()];
  await quote("bob", `ping ${ofBob}`);
  await quote(BOTS.a, `ping ${forged}`, randomUUID());
  await quote(BOTS.a, `ping ${ofBot}`);
  await stage.answer(alice, ofBot, { group: GROUP });
  assert.deepEqual(
    alice.received.filter(({ sendID, text }) => sendID === BOTS.a && (text.includes(ofBob) || text.includes(forged))),
    [],
  );
});

test("what the addon fetched for the host is not left lying about", () => {
  const own = join(stage.host.stateDir, "multi-openim");
  const files = readdirSync(own, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(
    files.map(({ name }) => name).filter((name) => !/^(ledger|tokens|home-server)\b/.test(name)),
    [],
  );
});
