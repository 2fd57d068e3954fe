// The programs in examples/ do what the README says of them, against a dev server.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, test } from "node:test";
import { fromRoot } from "../../scripts/lib/paths.mjs";
import { file, png } from "../addon/support/files.mjs";
import { loggedIn, logoutAll, sendTo } from "../addon/support/inbox.mjs";
import { devServer } from "../addon/support/server.mjs";
import { runExample, said, startExample, stopExamples } from "./support.mjs";

const server = await devServer();
const token = (userID) => ({ OPENIM_TOKEN: server.login(userID).token });
const onWindows = process.platform === "win32";

afterEach(async () => {
  await stopExamples();
  await logoutAll();
});

describe("echo-bot.mjs", () => {
  test("answers with the text it got", async () => {
    await said(startExample("echo-bot.mjs", server, { env: token("bot_7") }), "bot_7 is online");
    const alice = await loggedIn(server.login("alice"));
    await sendTo(alice.client, "bot_7", "hello");
    await sendTo(alice.client, "bot_7", "again");
    await alice.inbox.count(2);
    assert.deepEqual(
      alice.inbox.messages.map(({ sendID, text }) => [sendID, text]),
      [
        ["bot_7", "hello"],
        ["bot_7", "again"],
      ],
    );
  });

  test("answers nothing in a group", async () => {
    await said(startExample("echo-bot.mjs", server, { env: token("bot_7") }), "bot_7 is online");
    const alice = await loggedIn(server.login("alice"));
    await alice.client.sendMessage({ groupID: "g100", message: alice.client.createTextMessage("to all") });
    await sendTo(alice.client, "bot_7", "to the bot");
    const { text, groupID } = await alice.inbox.until(({ messages }) => messages[0], "an answer");
    assert.deepEqual([text, groupID], ["to the bot", ""]);
  });

  test("ends cleanly at Ctrl-C", async () => {
    const example = startExample("echo-bot.mjs", server, { env: token("bot_7") });
    await said(example, "bot_7 is online");
    const { code } = await example.stop({ signal: "SIGINT" });
    if (!onWindows) assert.equal(code, 0);
  });
});

describe("several-accounts.mjs", () => {
  const OPENIM_TOKENS = ["bot_7", "carol"].map((id) => server.login(id).token).join(" ");

  test("answers from the user who was asked", async () => {
    const example = startExample("several-accounts.mjs", server, { env: { OPENIM_TOKENS } });
    await Promise.all(["bot_7", "carol"].map((id) => said(example, `${id} is online`)));
    const alice = await loggedIn(server.login("alice"));
    for (const id of ["bot_7", "carol"]) {
      await sendTo(alice.client, id, "who are you?");
      const { sendID } = await alice.inbox.message(`You wrote to ${id}.`);
      assert.equal(sendID, id);
    }
    const { code } = await example.stop({ signal: "SIGINT" });
    if (!onWindows) assert.equal(code, 0);
  });

  test("runs the others where one token is wrong", async () => {
    const example = startExample("several-accounts.mjs", server, { env: { OPENIM_TOKENS: `${OPENIM_TOKENS} wrong` } });
    await said(example, "bot_7 is online");
    await said(example, "token");
  });
});

describe("send-file.mjs", () => {
  test("sends a picture as a picture and reports progress", async () => {
    const bot = await loggedIn(server.login("bot_7"));
    const path = file("cat.png", png(20, 10));
    const lines = await runExample("send-file.mjs", server, { args: ["user:bot_7", path], env: token("alice") });
    assert.match(lines.at(-1), /^sent \w+, content type 102$/);
    assert.ok(lines.includes("100 %"));
    const { media } = await bot.inbox.until(({ messages }) => messages[0], "the picture");
    assert.deepEqual([media[0].kind, media[0].width], ["image", 20]);
  });

  test("says how it is used", async () => {
    await assert.rejects(
      runExample("send-file.mjs", server, { env: token("alice") }),
      /usage: send-file\.mjs user:<id>/,
    );
  });
});

test("token-refresh.mjs replaces the token and stays connected", async () => {
  const lines = await runExample("token-refresh.mjs", server, { env: token("dave") });
  assert.equal(lines[0], "dave is online");
  assert.ok(lines.includes("new token for dave: example"));
  assert.match(lines.at(-1), /^success, valid until \d{4}-/);
});

test("history.mjs prints every message once, oldest first", async () => {
  const bob = await loggedIn(server.login("bob"));
  const texts = Array.from({ length: 130 }, (_, i) => `line ${i}`);
  for (const text of texts) await sendTo(bob.client, "carol", text);
  const lines = await runExample("history.mjs", server, { args: ["user:bob"], env: token("carol") });
  assert.deepEqual(
    lines.map((line) => line.split(" ").slice(1).join(" ")),
    texts.map((text) => `bob ${text}`),
  );
});

describe("every example", () => {
  const names = readdirSync(fromRoot("examples"));
  const source = (name) => readFileSync(fromRoot("examples", name), "utf8");

  test("is in the README", () => {
    const readme = readFileSync(fromRoot("README.md"), "utf8");
    assert.deepEqual(
      names.filter((name) => !readme.includes(`(examples/${name})`)),
      [],
    );
  });

  test("has less than 40 lines", () => {
    assert.deepEqual(
      names.filter((name) => source(name).split("\n").length > 40),
      [],
    );
  });

  test("imports the package and Node only", () => {
    const imported = names.flatMap((name) => [...source(name).matchAll(/from "([^"]+)"/g)].map(([, from]) => from));
    assert.deepEqual(
      imported.filter((from) => from !== "multi-openim-channel" && !from.startsWith("node:")),
      [],
    );
  });
});
