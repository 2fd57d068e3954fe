// What the host takes is answered, and what it could not take comes again: bursts, restarts, a gateway that drains.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connected } from "../../scripts/lib/rig.mjs";
import { BOTS, startStage } from "./lib/stage.mjs";

let stage;
let alice;

before(async () => {
  stage = await startStage({ name: "delivery", accounts: { a: { allowFrom: ["alice"] } } });
  alice = await stage.person("alice");
  await stage.exchange(alice);
});
after(() => stage?.cleanup.run());

const exactlyOnce = async (words) => {
  for (const word of words) await stage.answer(alice, word);
  // One more round trip: whatever would come twice has come by then.
  await stage.exchange(alice);
  assert.deepEqual(
    words.map((word) => stage.answers(alice, word)),
    words.map(() => 1),
  );
};

test("messages that arrive during a turn are all answered, none twice", async () => {
  const release = stage.ping.hold();
  const words = [await stage.ask(alice)];
  await stage.asked(words[0]);
  for (let i = 0; i < 3; i++) words.push(await stage.ask(alice));
  release();
  await exactlyOnce(words);
});

test("a message sent while the gateway was away is answered once after it is back", async () => {
  await stage.host.stop();
  const words = [await stage.ask(alice), await stage.ask(alice)];
  await stage.startGateway();
  await connected(stage.host, "a");
  await exactlyOnce(words);
});

test("a message that meets a draining gateway is answered once after the restart", async () => {
  const release = stage.ping.hold();
  const words = [await stage.ask(alice)];
  await stage.asked(words[0]);
  const stopping = stage.host.stop();
  await stage.host.gateway.line((line) => (/admission\] closed/.test(line) ? true : undefined), { what: "the drain" });
  words.push(await stage.ask(alice));
  release();
  await stopping;
  await stage.startGateway();
  await connected(stage.host, "a");
  await exactlyOnce(words);
});

test("a gateway that was killed in a turn leaves no question without an answer", async () => {
  const release = stage.ping.hold();
  const word = await stage.ask(alice);
  await stage.asked(word);
  await stage.host.gateway.stop({ graceMs: 0, signal: "SIGKILL" });
  release();
  await stage.startGateway();
  await connected(stage.host, "a");
  // The host took the message before it died, so it may resume the turn itself: answered, but not always once.
  await stage.answer(alice, word);
  assert.equal(stage.wire.of(BOTS.a).mostOpen, 1);
});
