// What the collector may take: a client that is not logged in, also when its callback refers to it; and what it may not.
import { load } from "./common.mjs";

const turn = () => new Promise(setImmediate);

async function collected(make, rounds = 50) {
  let gone = false;
  const registry = new FinalizationRegistry(() => (gone = true));
  await (async () => registry.register(await make(), null))();
  for (let i = 0; i < rounds && !gone; i++) {
    globalThis.gc();
    await turn();
  }
  return gone;
}

export default async function ({ addon, login }) {
  const { OpenImClient } = load(addon);
  const selfish = () => {
    const client = new OpenImClient(() => client.status());
    return client;
  };
  console.log(`never logged in: ${await collected(selfish)}`);
  const loggedOut = async () => {
    const client = selfish();
    await client.login(login);
    await client.logout();
    return client;
  };
  console.log(`logged out: ${await collected(loggedOut)}`);
  const running = async () => {
    const client = selfish();
    await client.login(login);
    return client;
  };
  console.log(`logged in: ${await collected(running)}`);
}
