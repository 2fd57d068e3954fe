// Ends the process while promises of ours are pending.
import { ears, load, say } from "./common.mjs";

export default async function ({ addon, login }) {
  const { OpenImClient } = load(addon);
  const { onBatch } = ears();
  const client = new OpenImClient(onBatch);
  await client.login(login);
  for (let i = 0; i < 100; i++) say(client, "alice", `${i}`).catch(() => {});
  client.logout();
  process.exit(8);
}
