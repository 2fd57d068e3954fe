// Answers every direct message with its own text. Usage: OPENIM_TOKEN=<token> node examples/echo-bot.mjs
import { once } from "node:events";
import { OpenImClient } from "multi-openim-channel";

const token = process.env.OPENIM_TOKEN ?? "";
const wsAddr = process.env.OPENIM_WS_ADDR ?? "ws://127.0.0.1:10001";
const apiAddr = process.env.OPENIM_API_ADDR ?? "http://127.0.0.1:10002";

// In manual mode a message counts as handled only after `ack`. After `nack` or a crash it comes again.
const client = new OpenImClient(({ messages }) => messages.forEach(answer), { ackMode: "manual" });

/** @param {import("multi-openim-channel").Message} message */
async function answer({ sendID, groupID, text, delivery }) {
  try {
    if (!groupID && text) await client.sendMessage({ recvID: sendID, message: client.createTextMessage(text) });
    client.ack([delivery]);
  } catch (error) {
    console.error(`no answer to ${sendID}:`, error);
    client.nack([delivery]);
  }
}

const ctrlC = once(process, "SIGINT");
const { userID } = await client.login({ token, wsAddr, apiAddr });
console.log(`${userID} is online. Stop with Ctrl-C.`);

// A login alone does not keep the process alive; this timer does.
const report = setInterval(() => console.log(`state: ${client.status().state}`), 60_000);
await ctrlC;
clearInterval(report);
await client.logout();
