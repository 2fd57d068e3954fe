// A panic on each of the four boundaries. The process lives, each is reported, and the account works afterwards.
import { ears, load, say } from "./common.mjs";

const shown = ({ code, op, message }) => JSON.stringify({ code, op, message });

export default async function ({ probes, login, writer }) {
  const { OpenImClient, probeSync, probeAsync } = load(probes);
  try {
    probeSync();
  } catch (error) {
    console.log(shown(error));
  }
  await probeAsync().catch((error) => console.log(shown(error)));

  const sender = new OpenImClient(() => {});
  await sender.login(writer);
  const inbox = ears();
  const client = new OpenImClient((batch) => inbox.onBatch(batch));
  // The supervised task of the connection: it comes again by itself.
  await client.login({ ...login, probe: "connection" });
  const failed = await inbox.event("OnConnectFailed");
  console.log(JSON.stringify({ errMsg: failed.errMsg, code: failed.data.code }));
  console.log(JSON.stringify({ state: client.status().state, panics: client.status().panics }));

  // The pump: the batch it had in hand comes again. Its next one is to be the message's.
  await inbox.event("OnSyncServerFinish");
  client.probePump();
  await say(sender, "bot_7", "in the pump's hands");
  const message = await inbox.message("in the pump's hands");
  console.log(JSON.stringify({ redelivered: message.redelivered, panics: client.status().panics }));
  await client.logout();
  await sender.logout();
}
