// `node benches/calls.mjs`: how long JavaScript stands still while the largest answers of the calls cross. A loop of
// immediates runs beside the calls; the longest gap in it is what a caller would notice. Needs a built addon and the dev
// server.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { startDevServer } from "../scripts/lib/devserver.mjs";
import { OpenImClient } from "../loader.js";

const ROUNDS = 30;
const MEMBERS = 1_000;
const MESSAGES = 500;

/** The longest gap between two immediates while `work` runs, in ms. */
async function longestGap(work) {
  let running = true;
  let longest = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(look);
  };
  setImmediate(look);
  await work();
  running = false;
  return longest;
}

async function measure(name, call, size) {
  const gaps = [];
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    gaps.push(await longestGap(call));
    times.push(performance.now() - began);
  }
  const middle = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)].toFixed(1);
  const worst = Math.max(...gaps).toFixed(1);
  console.log(
    `${name}: ${size}; longest stand-still ${middle(gaps)} ms (median of ${ROUNDS}), ${worst} ms (worst); whole call ${middle(times)} ms`,
  );
}

const directory = mkdtempSync(join(tmpdir(), "calls-bench-"));
const config = join(directory, "config.json");
const people = Array.from({ length: MEMBERS }, (_, n) => `member_${String(n).padStart(4, "0")}`);
writeFileSync(
  config,
  JSON.stringify({
    users: people.map((userID) => ({ userID, nickname: `Person ${userID}` })),
    groups: [{ groupID: "large", members: people }],
  }),
);
const server = await startDevServer({ args: ["--config", config] });
const logIn = async (userID) => {
  const client = new OpenImClient(() => {});
  const { wsAddr, apiAddr } = server;
  await client.login({ token: server.user(userID).token, wsAddr, apiAddr });
  return client;
};
const [reader, writer] = [await logIn(people[0]), await logIn(people[1])];
for (let n = 0; n < MESSAGES; n += 1) {
  await writer.sendMessage({ recvID: people[0], message: writer.createTextMessage(`message ${n} 你好 `.repeat(4)) });
}
const conversationID = `si_${people[0]}_${people[1]}`;
const members = () => reader.getGroupMemberList({ groupID: "large", offset: 0, count: MEMBERS });
const history = () => reader.getAdvancedHistoryMessageList({ conversationID, count: MESSAGES });
const nothing = () => new Promise((resolve) => setTimeout(resolve, 20));

await measure("nothing", nothing, "an idle process");
await measure(
  "getGroupMemberList",
  members,
  `${(await members()).length} members, ${JSON.stringify(await members()).length >> 10} KiB as JSON`,
);
await measure("getAdvancedHistoryMessageList", history, `${(await history()).messageList.length} messages`);
await Promise.all([reader.logout(), writer.logout()]);
await server.stop();
rmSync(directory, { recursive: true });
