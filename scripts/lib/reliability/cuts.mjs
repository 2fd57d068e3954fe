// Cut connections under traffic: the clients stay, their connections go, in rounds over many accounts, because an account
// that is cut again and again rightly waits longer and longer.
import { deliveredCount, judge, readHistory } from "./history.mjs";
import { seeded, startRig, until } from "./rig.mjs";

const ACCOUNTS = 50;
const BACK_MS = 60_000;

/** Resolves with the verdict on about `times` cuts, and what the process held on to before and after. */
export async function cuts({ times, seed }) {
  const chance = seeded(seed);
  const readers = Array.from({ length: Math.min(ACCOUNTS, times) }, (_, i) => `reader_${i}`);
  const rig = await startRig({ people: ["alice", ...readers], readers });
  try {
    const child = rig.startChild();
    await child.do("login");
    const before = await child.do("holdings");
    const sent = [];
    let number = 0;
    const write = async (few) => {
      const messages = few.map((recvID) => ({ sendID: "alice", recvID, text: `message ${++number}` }));
      const ids = await rig.send(messages);
      sent.push(...ids.map((id, i) => ({ to: few[i], id })));
    };
    let done = 0;
    for (; done < times; done += readers.length) {
      await write(readers);
      for (const userID of readers) {
        // Messages before, during and after the cut.
        if (chance() < 0.5) await write([userID]);
        await rig.control("cut", { userID });
        if (chance() < 0.8) await write([userID]);
      }
      await until(
        async () => (await child.do("status")).every(({ connected }) => connected),
        BACK_MS,
        "all back online",
      );
      await write(readers);
    }
    await until(() => deliveredCount(rig.log) === sent.length, BACK_MS, "the delivery of every message");
    const status = await child.do("status");
    const verdict = judge(readHistory(rig.log), { sent });
    const reconnects = status.reduce((sum, { reconnects }) => sum + reconnects, 0);
    return { ...verdict, cuts: done, reconnects, before, after: await child.do("holdings") };
  } finally {
    await rig.stop();
  }
}
