// Two accounts on two servers on which everybody has the same ids: what comes in by one leaves by the same one.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startRig } from "../../scripts/lib/reliability/rig.mjs";
import { createChannelPlugin } from "../../loader.js";
import { eventually } from "../addon/support/inbox.mjs";

const MESSAGES = 1_000;
const SIDES = ["east", "west"];
const PEOPLE = ["p1", "p2", "p3"];
/** How many messages are on their way at once, over both servers. */
const BURST = 20;

/** The same numbers in every run. */
function dice(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

const reply = (message) => (message.groupID ? `group:${message.groupID}` : `user:${message.sendID}`);
const conversation = ({ sendID, groupID }) => (groupID ? "sg_g100" : `si_bot_${sendID}`);

async function everythingOf(rig, conversationID) {
  const all = [];
  for (;;) {
    const fromSeq = (all.at(-1)?.seq ?? 0) + 1;
    const { messages } = await rig.control("stored", { conversationID, fromSeq });
    if (messages.length === 0) return all;
    all.push(...messages);
  }
}

test("1000 random messages on two servers with the same ids: no answer on the wrong one, each exactly once", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "openim-two-servers-"));
  const rigs = {};
  for (const side of SIDES) rigs[side] = await startRig({ people: [...PEOPLE, "bot"], readers: ["bot"] });
  const answers = [];
  const plugin = createChannelPlugin({
    channel: { accounts: Object.fromEntries(SIDES.map((side) => [side, rigs[side].accounts[0]])) },
    logger: {},
    stateDir,
    async dispatchInbound(_ctx, state, message) {
      const [to, accountId] = [reply(message), state.accountId];
      answers.push(plugin.outbound.sendText({ to, text: `answer of ${accountId} to ${message.text}`, accountId }));
    },
  });
  after(async () => {
    await plugin.clients.stopAllClients();
    for (const rig of Object.values(rigs)) await rig.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });
  for (const accountId of SIDES) await plugin.clients.startAccountClient({ accountId }, { accountId });
  await eventually(() => plugin.clients.connectedClientCount() === 2, "both accounts are connected");

  const draw = dice(2);
  const said = { east: [], west: [] };
  for (let n = 0; n < MESSAGES; n += BURST) {
    for (const side of SIDES) {
      const messages = Array.from({ length: BURST }, (_, i) => n + i)
        .filter((number) => number % 2 === SIDES.indexOf(side))
        .map((number) => {
          const to = draw(2) === 0 ? { recvID: "bot" } : { groupID: "g100" };
          return { sendID: PEOPLE[draw(PEOPLE.length)], text: `${side} ${number}`, ...to };
        });
      said[side].push(...messages);
      await rigs[side].send(messages);
    }
    await eventually(() => answers.length === n + BURST, `${n + BURST} messages came in`);
  }
  for (const answer of await Promise.all(answers)) assert.ok(answer.ok, JSON.stringify(answer));

  for (const side of SIDES) {
    const stored = {};
    for (const id of new Set(said[side].map(conversation))) stored[id] = await everythingOf(rigs[side], id);
    const byBot = Object.entries(stored).flatMap(([id, messages]) =>
      messages.filter((one) => one.sendID === "bot").map((one) => `${id}: ${one.text}`),
    );
    const expected = said[side].map((one) => `${conversation(one)}: answer of ${side} to ${one.text}`);
    assert.deepEqual(byBot.sort(), expected.sort());
  }
  assert.equal(answers.length, MESSAGES);
});
