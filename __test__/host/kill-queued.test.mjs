// Kill -9 of a gateway around the turn of a question that had waited in the host's queue. The host resumes such a turn as
// long as it is under way, but keeps no record of it: once it is over, only the plugin still has the question.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, describe, test } from "node:test";
import { fromRoot } from "../../scripts/lib/paths.mjs";
import { answerOpen } from "../../scripts/lib/reliability/gateway-kills.mjs";
import { connected } from "../../scripts/lib/rig.mjs";
import { BOTS, startStage } from "./lib/stage.mjs";

const ENDED_MS = 60_000;
/** How long the host takes at most to put a question into its queue. */
const QUEUED_MS = 3_000;
const DIES = pathToFileURL(fromRoot("__test__", "host", "lib", "dies-at-end.mjs"));

describe("a gateway that is killed around a queued turn", () => {
  let stage;
  let alice;
  let gate = Promise.resolve();

  before(async () => {
    stage = await startStage({
      name: "kill-queued",
      accounts: { a: { allowFrom: ["alice"] } },
      serverArgs: ["--control"],
      config: (config) => ({ messages: { ...config.messages, queue: { mode: "followup" } } }),
      script: async (request) => {
        await gate;
        return answerOpen(request);
      },
    });
    alice = await stage.person("alice");
    await stage.exchange(alice);
  });
  after(() => stage?.cleanup.run());

  /** Keeps back all answers until the function this returns is called. */
  function hold() {
    const { promise, resolve } = Promise.withResolvers();
    gate = promise;
    return resolve;
  }

  /** A question in its turn, after it has waited for that of another; the function returned lets the model answer. */
  async function askQueued() {
    const first = hold();
    const before = await stage.ask(alice);
    await stage.asked(before);
    const word = await stage.ask(alice);
    await new Promise((resolve) => setTimeout(resolve, QUEUED_MS));
    const second = hold();
    first();
    await stage.asked(word);
    await stage.answer(alice, before);
    return { word, release: second };
  }

  async function answeredOnce(word) {
    await stage.answer(alice, word);
    // One more round trip: whatever would come twice has come by then.
    await stage.exchange(alice);
    const { messages } = await stage.server.control("stored", { conversationID: `si_alice_${BOTS.a}`, fromSeq: 1 });
    assert.equal(messages.filter(({ text }) => text.includes(`pong ${word}`)).length, 1);
  }

  const repeatNote = (word) =>
    stage.model.requests.some(
      ({ userText }) => userText.includes(word) && userText.includes("A restart lost the answer"),
    );

  test("a question whose turn was over and whose answer had gone nowhere is asked again and answered once", async () => {
    const dies = join(stage.host.temp, "dies-at-end");
    await stage.host.stop();
    await stage.startGateway({ NODE_OPTIONS: `--import=${DIES}`, DIES_AT_END: dies });
    await connected(stage.host, "a");
    const { word, release } = await askQueued();
    writeFileSync(dies, "");
    release();
    for (const end = performance.now() + ENDED_MS; !stage.host.gateway.ended;) {
      assert.ok(performance.now() < end, "the turn did not end");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    rmSync(dies);
    await stage.startGateway();
    await connected(stage.host, "a");
    await answeredOnce(word);
    assert.equal(repeatNote(word), true);
  });

  test("a question whose turn was under way is resumed by the host and answered once", async () => {
    const { word, release } = await askQueued();
    await stage.host.gateway.stop({ signal: "SIGKILL", graceMs: 0 });
    release();
    await stage.startGateway();
    await connected(stage.host, "a");
    await answeredOnce(word);
    assert.equal(repeatNote(word), false);
  });
});
