// OpenIM goes away at the moment an answer is ready: what becomes of the answer when it is back.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { online } from "../../scripts/lib/reliability/gateway-kills.mjs";
import { CHANNEL } from "../../scripts/lib/rig.mjs";
import { BOTS, GROUP, startStage } from "./lib/stage.mjs";

/** Longer than a send waits for a connection. */
const AWAY_MS = 30_000;
const STORED_MS = 120_000;
const IN_DIRECT = `si_alice_${BOTS.a}`;
const IN_GROUP = `sg_${GROUP}`;

describe("an outage of OpenIM", () => {
  let stage;
  let alice;

  before(async () => {
    const open = { allowFrom: ["alice"], groupAllowFrom: ["alice"] };
    stage = await startStage({ name: "outage", accounts: { a: open, b: open }, serverArgs: ["--control"] });
    alice = await stage.person("alice");
    await stage.exchange(alice);
  });
  after(() => stage?.cleanup.run());

  /** Cuts the bot off and lets nobody connect for a while. */
  async function away(ms) {
    await stage.server.control("listener", { port: "ws", state: "refuse", ms });
    await stage.server.control("cut", { userID: BOTS.a });
    await stage.wire.until(BOTS.a, ({ open }) => open === 0, { what: "the outage" });
  }

  /** Asks in these places, and lets the answers be ready when OpenIM has gone away. */
  async function askInto(ms, places = [{}]) {
    const from = stage.host.gateway.lines.length;
    const release = stage.ping.hold();
    const words = await Promise.all(places.map((place) => stage.ask(alice, place)));
    try {
      for (const word of words) await stage.asked(word);
      await away(ms);
    } finally {
      release();
    }
    const said = (line) => (/an answer could not be sent yet/.test(line) ? true : undefined);
    await stage.host.gateway.line(said, { timeoutMs: AWAY_MS, what: "an answer that waits", from });
    return words;
  }

  async function stored(word, conversationID) {
    const { messages } = await stage.server.control("stored", { conversationID, fromSeq: 1 });
    // Notifications of a group have no text.
    return messages.filter(({ text }) => text?.includes(`pong ${word}`)).length;
  }

  /** The answer is there exactly once in the end. */
  async function exactlyOnce(word, conversationID = IN_DIRECT) {
    const end = performance.now() + STORED_MS;
    while ((await stored(word, conversationID)) === 0) {
      assert.ok(performance.now() < end, `the answer to ${word} was not stored`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // One more round trip: whatever would come twice has come by then.
    await stage.exchange(alice);
    assert.equal(await stored(word, conversationID), 1);
  }

  const turns = (word) => stage.model.requests.filter(({ userText }) => userText.includes(word)).length;

  test("answers that are ready during an outage are sent once after it", async () => {
    const [direct, group] = await askInto(AWAY_MS, [{}, { group: GROUP }]);
    await exactlyOnce(direct);
    await exactlyOnce(group, IN_GROUP);
    assert.deepEqual([turns(direct), turns(group)], [1, 1], "nobody was asked again");
  });

  test("an answer that waits does not hold up another account", async () => {
    const [word] = await askInto(2 * AWAY_MS);
    // By default all direct chats share one session.
    await stage.exchange(alice, { bot: "b" });
    assert.equal(await stored(word, IN_DIRECT), 0);
    await exactlyOnce(word);
  });

  test("an answer waits through a restart of its account", async () => {
    const [word] = await askInto(2 * AWAY_MS);
    const path = `channels.${CHANNEL}.accounts.a.textChunkLimit`;
    await stage.host.cli(["config", "set", path, "3000", "--strict-json"]);
    await exactlyOnce(word);
    assert.equal(turns(word), 1);
  });

  test("a question whose answer waited when the gateway was killed is asked again", async () => {
    const [word] = await askInto(2 * AWAY_MS);
    await stage.host.gateway.stop({ signal: "SIGKILL", graceMs: 0 });
    await stage.startGateway();
    await online(stage.host);
    await exactlyOnce(word);
  });
});
