// Replaces the token of a connected client. Usage: OPENIM_TOKEN=<token> node examples/token-refresh.mjs
import { OpenImClient } from "multi-openim-channel";

const token = process.env.OPENIM_TOKEN ?? "";
const wsAddr = process.env.OPENIM_WS_ADDR ?? "ws://127.0.0.1:10001";
const apiAddr = process.env.OPENIM_API_ADDR ?? "http://127.0.0.1:10002";
const secret = process.env.OPENIM_SECRET ?? "openIM123"; // The secret of the dev server.

/** @param {string} path @param {object} body @param {Record<string, string>} [headers] */
async function call(path, body, headers) {
  const init = { method: "POST", headers: { operationID: `${Date.now()}`, ...headers }, body: JSON.stringify(body) };
  const { errCode, errMsg, data } = /** @type {any} */ (await (await fetch(apiAddr + path, init)).json());
  if (errCode !== 0) throw new Error(`${path}: ${errMsg}`);
  return data;
}

// A real bot asks its operator's backend here: the server's secret does not belong in a bot.
/** @param {string} userID @param {string} reason */
async function tokenRefresher(userID, reason) {
  console.log(`new token for ${userID}: ${reason}`);
  const admin = await call("/auth/get_admin_token", { secret, userID: "imAdmin" });
  return call("/auth/get_user_token", { userID, platformID: 5 }, { token: admin.token });
}

const client = new OpenImClient();
client.on("OnUserTokenRefreshed", () => console.log("the new token is in use"));
const { userID } = await client.login({ token, wsAddr, apiAddr, tokenRefresh: { mode: "hook" }, tokenRefresher });
console.log(`${userID} is online`);

// The client also refreshes ahead of time, and when the server rejects the token.
const { outcome, expiresAt } = await client.refreshToken("example");
console.log(`${outcome}, valid until ${expiresAt && new Date(expiresAt).toISOString()}`);
await client.logout();
