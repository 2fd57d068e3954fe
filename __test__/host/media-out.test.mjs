// What goes out besides words, on a real host: the agent sends each kind by tool and by the message tool, the person opens
// it, and the bytes are the same. Nothing leaves from where the agent may not read, and nothing by another account.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CHANNEL } from "../../scripts/lib/rig.mjs";
import { mp4, pdf, png, wav } from "./lib/files.mjs";
import { BOTS, startStage } from "./lib/stage.mjs";

const FILES = {
  picture: { name: "red.png", bytes: png(), key: "image", tool: "multi_openim_send_image" },
  video: { name: "clip.mp4", bytes: mp4(), key: "video", tool: "multi_openim_send_video" },
  file: { name: "offer.pdf", bytes: pdf(), key: "file", tool: "multi_openim_send_file" },
};

let stage;
let alice;
const TOOLS = ["text", "image", "video", "file"].map((kind) => `multi_openim_send_${kind}`);

/** What the model does when it is asked for it: `do <word>`. */
const doing = new Map();

/** Calls the tools it was told to call, then says `pong <word>` and what came of it. */
function script({ userText, toolResults, tools }) {
  const word = /do (\S+)/.exec(userText)?.[1];
  const call = doing.get(word);
  if (!call) return undefined;
  if (toolResults.length > 0) {
    call.results.push(...toolResults);
    return { text: `pong ${word}` };
  }
  call.tools = tools;
  return { toolCalls: [{ name: call.name, arguments: call.arguments }] };
}

before(async () => {
  stage = await startStage({
    name: "media-out",
    script,
    accounts: { a: { allowFrom: ["alice"] }, b: { allowFrom: ["alice"], mediaMaxMb: 0.001 } },
    // Tools as they are, without the search in front of them.
    config: {
      tools: { toolSearch: false, alsoAllow: TOOLS },
      // Both accounts are on one server, so the entry needs no account.
      commands: { ownerAllowFrom: ["multi-openim:alice"] },
    },
  });
  for (const { name, bytes } of Object.values(FILES)) writeFileSync(join(stage.host.workspace, name), bytes);
  writeFileSync(join(stage.host.workspace, "voice.wav"), wav());
  alice = await stage.person("alice");
  await stage.exchange(alice);
});
after(() => stage?.cleanup.run());

/** Has the agent of account a call one tool; resolves with what it was told. */
async function call(name, args) {
  const word = randomUUID();
  const entry = { name, arguments: args, results: [] };
  doing.set(word, entry);
  await alice.send({ recvID: BOTS.a, text: `do ${word}` });
  await stage.answer(alice, word);
  return entry;
}

const fileFrom = (bot, since, kind) =>
  alice.message(
    (message) => message.sendID === BOTS[bot] && !since.has(message.clientMsgID) && message.file?.kind === kind,
    { what: `a ${kind} from ${bot}` },
  );
const soFar = () => new Set(alice.received.map(({ clientMsgID }) => clientMsgID));

async function bytesAt(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return Buffer.from(await response.arrayBuffer());
}

test("the agent has the four tools that the operator allows", async () => {
  const entry = await call("multi_openim_send_text", { accountId: "a", to: "user:alice", text: "by tool" });
  assert.deepEqual(
    TOOLS.filter((name) => !entry.tools.includes(name)),
    [],
  );
  const given = stage.model.requests.at(-1).raw.tools.filter(({ function: tool }) => TOOLS.includes(tool.name));
  for (const { function: tool } of given) assert.ok(tool.parameters.properties.accountId, tool.name);
  assert.equal((await alice.message(({ text }) => text === "by tool")).sendID, BOTS.a);
});

for (const [kind, { name, bytes, key, tool }] of Object.entries(FILES)) {
  test(`a ${kind} sent by its tool is opened by the receiver`, async () => {
    const since = soFar();
    const { results } = await call(tool, { accountId: "a", to: "user:alice", [key]: join(stage.host.workspace, name) });
    assert.match(results.join(), /"ok":true/);
    const { file } = await fileFrom("a", since, kind);
    assert.ok(bytes.equals(await bytesAt(file.url)));
    assert.equal(file.size, bytes.length);
    if (kind === "picture") assert.deepEqual([file.width, file.height], [48, 32]);
    if (kind === "video") assert.equal(file.duration, 3);
    if (kind === "file") assert.equal(file.name, name);
  });
}

for (const [kind, name] of [
  ["picture", "red.png"],
  ["voice", "voice.wav"],
  ["video", "clip.mp4"],
  ["file", "offer.pdf"],
]) {
  test(`a ${kind} sent by the host's message tool is opened by the receiver, with its words`, async () => {
    const [since, words] = [soFar(), `look at ${randomUUID()}`];
    const media = join(stage.host.workspace, name);
    const args = { action: "send", channel: CHANNEL, accountId: "a", target: "user:alice", message: words, media };
    const { results } = await call("message", args);
    const { file } = await fileFrom("a", since, kind);
    const sent = kind === "voice" ? wav() : FILES[kind].bytes;
    assert.ok(sent.equals(await bytesAt(file.url)), results.join());
    await alice.message(({ text }) => text === words, { what: "the words" });
    if (kind === "voice") assert.equal(file.duration, 2);
  });
}

test("the command line sends a file of the workspace", async () => {
  const since = soFar();
  const media = join(stage.host.workspace, "offer.pdf");
  const args = ["--channel", CHANNEL, "--account", "b", "--target", "user:alice", "--media", media, "--json"];
  const failed = JSON.parse(await stage.host.cli(["message", "send", ...args], { okCodes: [0, 1] }));
  assert.equal(failed.error, undefined, JSON.stringify(failed));
  assert.ok(FILES.file.bytes.equals(await bytesAt((await fileFrom("b", since, "file")).file.url)));
});

test("nothing leaves from where the agent may not read", async () => {
  const secret = stage.host.configPath;
  for (const [name, args] of [
    ["multi_openim_send_file", { accountId: "a", to: "user:alice", file: secret }],
    ["multi_openim_send_file", { accountId: "a", to: "user:alice", file: "/etc/passwd" }],
    ["multi_openim_send_file", { accountId: "a", to: "user:alice", file: `${stage.host.workspace}/../openclaw.json` }],
    ["message", { action: "send", channel: CHANNEL, accountId: "a", target: "user:alice", media: secret }],
  ]) {
    const since = soFar();
    const { results } = await call(name, args);
    assert.doesNotMatch(results.join(), /"ok":true/, `${name} ${JSON.stringify(args)}`);
    assert.deepEqual(
      alice.received.filter(({ clientMsgID, file }) => file && !since.has(clientMsgID)),
      [],
    );
  }
});

test("a link to this machine's own network is not fetched for sending", async () => {
  const { createServer } = await import("node:http");
  const asked = [];
  const trap = createServer((request, response) => {
    asked.push(request.url);
    response.end("secret");
  });
  await new Promise((resolve) => trap.listen(0, "127.0.0.1", resolve));
  const image = `http://127.0.0.1:${trap.address().port}/x.png`;
  const { results } = await call("multi_openim_send_image", { accountId: "a", to: "user:alice", image });
  trap.close();
  assert.doesNotMatch(results.join(), /"ok":true/);
  assert.deepEqual(asked, []);
});

test("an address of the account's own server is fetched and sent on", async () => {
  const path = join(stage.host.dir, "own.png");
  writeFileSync(path, FILES.picture.bytes);
  const image = await alice.upload({ path, name: "own.png", contentType: "image/png" });
  const since = soFar();
  const { results } = await call("multi_openim_send_image", { accountId: "a", to: "user:alice", image });
  const { file } = await fileFrom("a", since, "picture");
  assert.ok(FILES.picture.bytes.equals(await bytesAt(file.url)), results.join());
});

test("what a tool gets wrong is said in the original's words, and nothing is sent", async () => {
  for (const [args, words] of [
    [{ accountId: "a", to: "alice", text: "x" }, /invalid target, expected user:<id> or group:<id>/],
    [{ accountId: "nobody", to: "user:alice", text: "x" }, /multi-openim account \\"nobody\\" is not connected/],
  ]) {
    const since = soFar();
    const { results } = await call("multi_openim_send_text", args);
    assert.match(results.join(), words);
    assert.deepEqual(
      alice.received.filter(({ clientMsgID, text }) => text === "x" && !since.has(clientMsgID)),
      [],
    );
  }
});

test("without an account a tool sends by the one that was asked", async () => {
  const text = randomUUID();
  await call("multi_openim_send_text", { accountId: "", to: "user:alice", text });
  assert.equal((await alice.message((message) => message.text === text)).sendID, BOTS.a);
});

test("for the owner a tool sends by the account it names, whatever the conversation", async () => {
  const text = randomUUID();
  await call("multi_openim_send_text", { accountId: "b", to: "user:alice", text });
  assert.equal((await alice.message((message) => message.text === text)).sendID, BOTS.b);
});
