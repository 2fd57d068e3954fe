// Kill -9 of a whole gateway: what becomes of an answer that was on its way at that moment. Kills at any moment, while
// somebody keeps asking: `npm run kill -- --gateway --times 20`.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { online } from "../../scripts/lib/reliability/gateway-kills.mjs";
import { BOTS, startStage } from "./lib/stage.mjs";

/** The number of OpenIM's request that sends a message. */
const SEND = 1003;
/** Messages wait for what the host takes up after a restart, and the agent may be asked again. */
const LOOKED_MS = 90_000;
const STORED_MS = 90_000;

/** More than one message holds. */
const LONG = "so it goes on ".repeat(400);

/** Answers `at length ping <word>` in two messages, and with the rest when only that is asked for. */
function atLength({ userText }) {
  const [, word] = /at length ping (\S+)/.exec(userText) ?? [];
  if (!word) return undefined;
  if (/Send only the rest/.test(userText)) return { text: `the end of pong ${word}` };
  return { text: `pong ${word} ${LONG}and this is the end of it` };
}

describe("an answer on its way", () => {
  let stage;
  let alice;

  before(async () => {
    const accounts = { a: { allowFrom: ["alice"] } };
    stage = await startStage({ name: "kill", accounts, serverArgs: ["--control"], script: atLength });
    alice = await stage.person("alice");
    await stage.exchange(alice);
  });
  after(() => stage?.cleanup.run());

  /** Asks, and has the answer meet this trouble on its way to the server; whatever is sent before is spared. */
  async function askInto(rule, faultRates = {}) {
    const release = stage.ping.hold();
    const word = await stage.ask(alice);
    await stage.asked(word);
    await stage.server.control("rules", { rules: [{ op: SEND, userID: BOTS.a, ...rule }] });
    await stage.server.control("fault-rates", faultRates);
    release();
    return word;
  }

  async function killAndStart() {
    await stage.host.gateway.stop({ signal: "SIGKILL", graceMs: 0 });
    await stage.server.control("rules", {});
    await stage.server.control("fault-rates", {});
    await stage.startGateway();
    await online(stage.host);
  }

  /** It is there exactly once in the end. */
  async function exactlyOnce(word) {
    await untilStored(word);
    // One more round trip: whatever would come twice has come by then.
    await stage.exchange(alice);
    assert.equal(await stored(word), 1);
  }

  /** How often the server has the answer to a question. */
  async function stored(word) {
    const { messages } = await stage.server.control("stored", { conversationID: `si_alice_${BOTS.a}`, fromSeq: 1 });
    return messages.filter(({ text }) => text.includes(`pong ${word}`)).length;
  }

  async function untilStored(word) {
    for (const end = performance.now() + STORED_MS; performance.now() < end;) {
      if ((await stored(word)) > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.fail("the answer was not stored");
  }

  test("an answer that OpenIM had before the gateway was killed is not sent again", async () => {
    // The account is told neither by an answer nor by a push, so that the host has heard nothing of it either.
    const word = await askInto({ loseAnswer: true }, { dropPush: 100 });
    await untilStored(word);
    await killAndStart();
    const said = (line) => (/was answered before a restart/.test(line) ? line : undefined);
    await stage.host.gateway.line(said, { timeoutMs: LOOKED_MS, what: "what became of the answer" });
    await exactlyOnce(word);
  });

  test("an answer that OpenIM had not before the gateway was killed is sent once", async () => {
    const word = await askInto({ cut: true });
    await stage.wire.until(BOTS.a, ({ open }) => open === 0, { what: "the cut" });
    assert.equal(await stored(word), 0);
    await killAndStart();
    await exactlyOnce(word);
  });

  test("an answer that was cut off between two messages is brought to its end", async () => {
    await stage.server.control("rules", { rules: [{ op: SEND, userID: BOTS.a, after: 1, cut: true }] });
    const word = randomUUID();
    await alice.send({ recvID: BOTS.a, text: `at length ping ${word}` });
    await stage.wire.until(BOTS.a, ({ open }) => open === 0, { what: "the cut" });
    assert.equal(await stored(word), 1);
    await killAndStart();
    await stage.answer(alice, word);
    await alice.message(({ text }) => text === `the end of pong ${word}`, { timeoutMs: LOOKED_MS, what: "the rest" });
    await stage.exchange(alice);
    assert.equal(await stored(word), 2);
  });
});
