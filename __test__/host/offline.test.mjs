// What was said while the gateway was away: answered, kept for the next answer, or passed over, as each account wants it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connected } from "../../scripts/lib/rig.mjs";
import { GROUP, startStage } from "./lib/stage.mjs";

let stage;
let alice;
let bob;

before(async () => {
  const open = { allowFrom: ["alice"], groupAllowFrom: ["alice"] };
  stage = await startStage({
    name: "offline",
    // Each account and person with a conversation of its own.
    config: { session: { dmScope: "per-account-channel-peer" } },
    accounts: {
      a: { ...open, offline: { mode: "answer" } },
      b: { ...open, offline: { mode: "context" } },
      c: { ...open, offline: { mode: "ignore" } },
    },
  });
  alice = await stage.person("alice");
  bob = await stage.person("bob");
});
after(() => stage?.cleanup.run());

/** Everything the model was given with the question that holds this word. */
const promptOf = (word) => JSON.stringify(stage.model.requests.findLast((one) => one.userText.includes(word)).messages);
const count = (text, word) => text.split(word).length - 1;

test("each account does with what it missed what its offline.mode says", async () => {
  for (const bot of ["a", "b", "c"]) await stage.exchange(alice, { bot });
  await stage.host.stop();
  const words = {};
  for (const bot of ["a", "b", "c"]) words[bot] = await stage.ask(alice, { bot });
  const inGroup = await stage.ask(alice, { bot: "b", group: GROUP });
  const stranger = await stage.ask(bob, { bot: "b" });
  await stage.startGateway();
  await Promise.all(["a", "b", "c"].map((id) => connected(stage.host, id)));

  await stage.answer(alice, words.a, { bot: "a" });
  const next = {};
  for (const bot of ["b", "c"]) next[bot] = await stage.exchange(alice, { bot });
  const asked = promptOf(next.b);
  assert.equal(count(asked, words.b), 1, "the missed message is in the next prompt of its conversation, once");
  assert.ok(!asked.includes(inGroup), "what was said in the group stays in the group");
  assert.ok(!asked.includes(stranger), "what a stranger wrote is no context");
  assert.ok(!promptOf(next.c).includes(words.c), "what is ignored is not seen");

  const group = await stage.exchange(alice, { bot: "b", group: GROUP });
  assert.ok(promptOf(group).includes(inGroup));
  const after = await stage.exchange(alice, { bot: "b", group: GROUP });
  // Only what the transcript itself repeats: the window is empty again.
  assert.ok(count(promptOf(after), inGroup) <= 1);
  assert.deepEqual(
    [words.b, words.c, inGroup, stranger].map((word) => stage.answers(alice, word)),
    [0, 0, 0, 0],
  );
  assert.equal(stage.answers(alice, words.a), 1);
});
