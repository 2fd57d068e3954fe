// Terminates workers in every state a client can be in, several at once, and goes on afterwards.
import { Worker } from "node:worker_threads";
import { load } from "./common.mjs";

const worker = (addon, state, props) =>
  new Worker(new URL("./worker-state.mjs", import.meta.url), { workerData: { addon, state, props } });

const said = (one) =>
  new Promise((resolve, reject) => {
    one.once("message", resolve);
    one.once("error", reject);
    one.once("exit", () => reject(new Error("a worker ended before it was terminated")));
  });

export default async function ({ addon, states, rounds, props, logins, mainToo }) {
  const main = mainToo ? load(addon) : null;
  for (let round = 0; round < rounds; round++) {
    for (const state of states) {
      const crowd = logins.map((login) => worker(addon, state, { ...props, login }));
      await Promise.all(crowd.map(said));
      await Promise.all(crowd.map((one) => one.terminate()));
    }
    console.log(`round ${round}`);
  }
  if (main) {
    const client = new main.OpenImClient(() => {});
    await client.login(logins[0]);
    console.log(client.status().state);
    await client.logout();
  }
}
