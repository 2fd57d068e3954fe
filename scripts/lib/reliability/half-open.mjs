// A connection that stays open and leads nowhere, on a real socket: the client has to find that out by itself.
import { deliveredCount, judge, readHistory } from "./history.mjs";
import { startRig, until } from "./rig.mjs";

/** Silence is found after 22 s; the rest is a new connection. */
const BACK_MS = 40_000;

/** Resolves with the verdict, and how long it took until the client was connected again. */
export async function halfOpen() {
  const rig = await startRig({ people: ["alice", "bot_7"], readers: ["bot_7"] });
  try {
    const child = rig.startChild();
    await child.do("login");
    const sent = [];
    const write = async (text) => {
      const ids = await rig.send([{ sendID: "alice", recvID: "bot_7", text }]);
      sent.push(...ids.map((id) => ({ to: "bot_7", id })));
    };
    await write("before");
    await until(() => deliveredCount(rig.log) === 1, BACK_MS, "the first delivery");
    await rig.control("half_open", { userID: "bot_7" });
    const began = performance.now();
    await write("into the void");
    await until(async () => (await rig.connections("bot_7")) === 1, BACK_MS, "a new connection");
    const backAfterMs = Math.round(performance.now() - began);
    await write("after");
    await until(() => deliveredCount(rig.log) === sent.length, BACK_MS, "the delivery of every message");
    const [{ reconnects }] = await child.do("status");
    return { ...judge(readHistory(rig.log), { sent }), backAfterMs, reconnects };
  } finally {
    await rig.stop();
  }
}
