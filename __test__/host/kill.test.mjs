// Kill -9 of a whole gateway: what becomes of an answer that was on its way at that moment, and of the questions of
// somebody who keeps asking. Twenty kills: `npm run kill -- --gateway --times 20`.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gatewayKills, unanswered } from "../../scripts/lib/reliability/gateway-kills.mjs";
import { connected } from "../../scripts/lib/rig.mjs";
import { BOTS, startStage } from "./lib/stage.mjs";

/** The number of OpenIM's request that sends a message. */
const SEND = 1003;
/** The host leaves alone for a minute what a process was sending, dead or not, and looks every few seconds. */
const RECOVERY_MS = 150_000;
const TIMES = 2;

describe("an answer on its way", () => {
  let stage;
  let alice;

  before(async () => {
    stage = await startStage({ name: "kill", accounts: { a: { allowFrom: ["alice"] } }, serverArgs: ["--control"] });
    alice = await stage.person("alice");
    await stage.exchange(alice);
  });
  after(() => stage?.cleanup.run());

  /** What happens from now on to the messages that the bot sends. */
  async function sendsOfTheBot(fate) {
    const rules = fate ? [{ op: SEND, userID: BOTS.a, ...fate }] : [];
    const body = JSON.stringify({ rules });
    const response = await fetch(`${stage.server.apiAddr}/control/rules`, { method: "POST", body });
    const { errCode, errMsg } = await response.json();
    assert.equal(errCode, 0, errMsg);
  }

  async function killAndStart() {
    await stage.host.gateway.stop({ signal: "SIGKILL", graceMs: 0 });
    await sendsOfTheBot();
    await stage.startGateway();
    await connected(stage.host, "a");
  }

  /** Waits until the gateway says what became of the answer; it is there exactly once then. */
  async function exactlyOnce(word, verdict) {
    const said = (line) => (verdict.test(line) ? line : undefined);
    await stage.host.gateway.line(said, { timeoutMs: RECOVERY_MS, what: "what became of the answer" });
    await stage.answer(alice, word);
    await stage.exchange(alice);
    assert.equal(stage.answers(alice, word), 1);
  }

  test("an answer that OpenIM had before the gateway was killed is not sent again", async () => {
    await sendsOfTheBot({ loseAnswer: true });
    const word = await stage.ask(alice);
    await stage.answer(alice, word);
    await killAndStart();
    await exactlyOnce(word, /reconciled unknown_after_send as already sent/);
  });

  test("an answer that OpenIM had not before the gateway was killed is sent once", async () => {
    await sendsOfTheBot({ cut: true });
    const word = await stage.ask(alice);
    await stage.wire.until(BOTS.a, ({ open }) => open === 0, { what: "the cut" });
    await killAndStart();
    await exactlyOnce(word, /reconciled send_attempt_started as not sent; replaying/);
  });
});

test("a gateway killed twice under questions answers every one of them", async (t) => {
  const verdict = await gatewayKills({ times: TIMES, seed: 7 });
  t.diagnostic(JSON.stringify(verdict));
  assert.deepEqual(unanswered(verdict), []);
  // A run in which hardly anybody asked proves nothing.
  assert.ok(verdict.asked > TIMES * 3, `${verdict.asked} questions`);
});
