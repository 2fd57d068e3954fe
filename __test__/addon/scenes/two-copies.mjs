// Two copies of the file and a second evaluation of one of them, all in one process.
import { ears, load, reload, say } from "./common.mjs";

export default async function ({ addon, copy, alice, bot }) {
  const one = load(addon);
  const other = load(copy);
  const again = reload(addon);
  console.log(one.OpenImClient !== other.OpenImClient, one.OpenImClient !== again.OpenImClient);
  const ear = ears();
  const client = async (of, login, onBatch = () => {}) => {
    const made = new of.OpenImClient(onBatch);
    await made.login(login);
    return made;
  };
  // Each works, and they hear each other.
  const first = await client(one, alice, ear.onBatch);
  const second = await client(other, bot);
  await say(second, "alice", "from the copy");
  await ear.message("from the copy");
  // A second evaluation of the same file shares what is native: it takes over, and the server kicks nobody.
  const third = await client(again, alice);
  await ear.event("OnStopped");
  console.log(first.status().state, third.status().state, second.status().state);
  console.log(ear.heard.flatMap(({ events }) => events).some(({ event }) => event === "OnKickedOffline"));
  // One's objects in the other's hands are refused, not a crash.
  try {
    one.OpenImClient.prototype.status.call(second);
    console.log("took a stranger's object");
  } catch (error) {
    console.log(error instanceof Error);
  }
  await again.shutdownAll();
  await other.shutdownAll();
  console.log(third.status().state, second.status().state);
}
