// Ends the process, or the worker, from inside the batch callback.
import { load } from "./common.mjs";

export default async function ({ addon, login }) {
  const { OpenImClient } = load(addon);
  const client = new OpenImClient(({ events }) => {
    if (events.some(({ event }) => event === "OnSyncServerFinish")) process.exit(7);
  });
  await client.login(login);
  setInterval(() => {}, 1_000);
}
