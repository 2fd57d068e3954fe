// Starting and stopping over and over: what the process holds on to must not grow.
import { startRig } from "./rig.mjs";

const WARM_UP = 100;

/** Resolves with what the process held on to after a warm-up and after `times` more. */
export async function starts({ times }) {
  const rig = await startRig({ people: ["alice", "bot_7"], readers: ["bot_7"] });
  try {
    const child = rig.startChild();
    await child.do("startAndStop", { times: WARM_UP });
    const before = await child.do("holdings");
    await child.do("startAndStop", { times });
    const after = await child.do("holdings");
    return { before, after, logins: (await rig.logins("bot_7")) - WARM_UP };
  } finally {
    await rig.stop();
  }
}
