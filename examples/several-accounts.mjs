// Runs several users in one process. Usage: OPENIM_TOKENS="<token> <token>" node examples/several-accounts.mjs
import { once } from "node:events";
import { OpenImClient, shutdownAll } from "multi-openim-channel";

const tokens = (process.env.OPENIM_TOKENS ?? "").split(" ").filter(Boolean);
const wsAddr = process.env.OPENIM_WS_ADDR ?? "ws://127.0.0.1:10001";
const apiAddr = process.env.OPENIM_API_ADDR ?? "http://127.0.0.1:10002";

/**
 * Logs in one user. Whatever this user receives, this user answers.
 * @param {string} token
 */
async function start(token) {
  const client = new OpenImClient(async ({ messages }) => {
    for (const { sendID, groupID } of messages) {
      if (groupID) continue;
      const message = client.createTextMessage(`You wrote to ${client.status().userID}.`);
      await client.sendMessage({ recvID: sendID, message });
    }
  });
  // The server address is part of the login, so each user may be on another server.
  const { userID } = await client.login({ token, wsAddr, apiAddr });
  console.log(`${userID} is online`);
}

const ctrlC = once(process, "SIGINT");
const results = await Promise.allSettled(tokens.map(start));
for (const result of results) if (result.status === "rejected") console.error(result.reason.message);

// Logins alone do not keep the process alive; this timer does.
const alive = setInterval(() => {}, 60_000);
await ctrlC;
clearInterval(alive);
await shutdownAll();
