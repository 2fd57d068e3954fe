// Logs in, says so, and has nothing else to do: nothing of ours may keep the thread alive.
import { load } from "./common.mjs";

export default async function ({ addon, login }) {
  const { OpenImClient } = load(addon);
  const client = new OpenImClient(() => {});
  await client.login(login);
  console.log(client.status().state);
}
