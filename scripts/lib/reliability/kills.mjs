// Kill -9 under traffic: a process is killed at random moments and started again, while messages keep coming.
import { deliveredCount, judge, readHistory } from "./history.mjs";
import { pause, seeded, startRig, until } from "./rig.mjs";

const WRITE_EVERY_MS = 20;
const DRAIN_MS = 60_000;
const LATE_ACK_MS = 40;

/** Resolves with the verdict on `times` kills. */
export async function kills({ times, seed }) {
  const chance = seeded(seed);
  const people = ["alice", "bob", "bot_7"];
  const rig = await startRig({ people, readers: ["bot_7"], lateAckMs: LATE_ACK_MS });
  try {
    const killedAt = new Map();
    let child = rig.startChild();
    // What is written before the very first login is history, which nobody is given.
    await child.do("login");
    const writing = write(rig);
    for (let i = 0; i < times; i++) {
      await pause(20 + chance() * 400);
      const { pid } = child;
      killedAt.set(pid, await child.kill());
      child = rig.startChild();
      // Some are killed before they are online.
      const login = child.do("login");
      if (chance() < 0.2) login.catch(() => {});
      else await login;
    }
    const sent = await writing.end();
    await until(() => deliveredCount(rig.log) === sent.length, DRAIN_MS, "the delivery of every message");
    await until(async () => (await child.do("status"))[0].unacked === 0, DRAIN_MS, "the last acknowledgement");
    return judge(readHistory(rig.log), { sent, kills: killedAt });
  } finally {
    await rig.stop();
  }
}

/** Writes in three conversations until it is ended. */
function write(rig) {
  const sent = [];
  let going = true;
  let number = 0;
  const done = (async () => {
    while (going) {
      const text = `message ${++number}`;
      const ids = await rig.send([
        { sendID: "alice", recvID: "bot_7", text },
        { sendID: "bob", recvID: "bot_7", text },
        { sendID: "alice", groupID: "g100", text },
      ]);
      sent.push(...ids.map((id) => ({ to: "bot_7", id })));
      await pause(WRITE_EVERY_MS);
    }
  })();
  return {
    async end() {
      going = false;
      await done;
      return sent;
    },
  };
}
