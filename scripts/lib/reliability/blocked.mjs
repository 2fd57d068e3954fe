// JavaScript that does nothing for a long time while messages rush in: the native side has to keep the connection and
// its memory.
import { readFileSync } from "node:fs";
import { deliveredCount, judge, readHistory } from "./history.mjs";
import { pause, startRig, until } from "./rig.mjs";

const CONVERSATIONS = 20;
const WRITE_EVERY_MS = 50;
/** Fewer than the 256 frames a server queues for a connection: a burst beyond them ends it, and rightly so. */
const WRITE_AT_ONCE = 100;
const DRAIN_MS = 120_000;

const residentOf = (pid) => 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

/** Resolves with the verdict on a thread blocked for `seconds` under `rate` messages a second. */
export async function blocked({ seconds, rate }) {
  const people = Array.from({ length: CONVERSATIONS }, (_, i) => `person_${i}`);
  const rig = await startRig({ people: [...people, "bot_7"], readers: ["bot_7"] });
  try {
    const child = rig.startChild();
    await child.do("login");
    const sent = [];
    const write = async (count) => {
      const messages = Array.from({ length: count }, (_, i) => {
        return { sendID: people[(sent.length + i) % CONVERSATIONS], recvID: "bot_7", text: "busy?".padEnd(200, ".") };
      });
      sent.push(...(await rig.send(messages)).map((id) => ({ to: "bot_7", id })));
    };
    await write(CONVERSATIONS);
    await until(() => deliveredCount(rig.log) === sent.length, DRAIN_MS, "the first messages");
    const before = (await child.do("holdings")).rss;
    const loginsBefore = await rig.logins("bot_7");
    const unblocked = child.do("block", { ms: seconds * 1000 });
    const memory = { blocked: 0, draining: 0 };
    const began = performance.now();
    const during = [];
    while (performance.now() - began < seconds * 1000) {
      const due = ((performance.now() - began) / 1000) * rate - (sent.length - CONVERSATIONS);
      await write(Math.min(WRITE_AT_ONCE, Math.max(1, Math.round(due))));
      memory.blocked = Math.max(memory.blocked, residentOf(child.pid));
      during.push(await rig.connections("bot_7"));
      await pause(due > WRITE_AT_ONCE ? 5 : WRITE_EVERY_MS);
    }
    await unblocked;
    await until(
      () => {
        memory.draining = Math.max(memory.draining, residentOf(child.pid));
        return deliveredCount(rig.log) === sent.length;
      },
      DRAIN_MS,
      "the delivery of every message",
    );
    const [{ reconnects, lastError }] = await child.do("status");
    const history = readHistory(rig.log);
    const blockedAt = history.findIndex(({ what }) => what === "blocked");
    return {
      ...judge(history, { sent }),
      deliveredWhileBlocked: history.findIndex(({ what }) => what === "unblocked") - blockedAt - 1,
      blockedForMs: history.find(({ what }) => what === "unblocked").at - history[blockedAt].at,
      reconnects,
      lastError,
      newLogins: (await rig.logins("bot_7")) - loginsBefore,
      alwaysConnected: during.every((count) => count === 1),
      grownWhileBlocked: memory.blocked - before,
      grownWhileDraining: memory.draining - before,
    };
  } finally {
    await rig.stop();
  }
}
