// One dev server for a test file: real sockets on free loopback ports, people with tokens, and the REST calls that make
// trouble on purpose.
import { after } from "node:test";
import { startDevServer } from "../../../scripts/lib/devserver.mjs";

const PEOPLE = ["alice", "bob", "bot_7", "carol", "dave"];
const SECRET = "openIM123";

/** Starts a server for the tests of a file and stops it after them. */
export async function devServer({ people = PEOPLE, args = [] } = {}) {
  const users = people.flatMap((id) => ["--user", `${id}:${id[0].toUpperCase()}${id.slice(1)}`]);
  const server = await startDevServer({ args: [...args, ...users, "--group", `g100:${people.join(",")}`] });
  after(() => server.stop());
  let admin = null;

  async function post(path, body) {
    const response = await fetch(`${server.apiAddr}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", operationID: "test", ...(admin ? { token: admin } : {}) },
      body: JSON.stringify(body),
    });
    const { errCode, errMsg, errDlt, data } = await response.json();
    if (errCode !== 0) throw new Error(`${path}: ${errCode} ${errMsg} ${errDlt}`);
    return data;
  }

  admin = (await post("/auth/get_admin_token", { secret: SECRET, userID: "imAdmin" })).token;
  return {
    /** What `login` takes for one of the people. */
    login(userID, more = {}) {
      const { token } = server.user(userID);
      return { token, wsAddr: server.wsAddr, apiAddr: server.apiAddr, ...more };
    },
    /** A channel block with these people as accounts of the same name. */
    channel(ids, more = {}) {
      return { accounts: Object.fromEntries(ids.map((id) => [id, this.login(id)])), ...more };
    },
    /** Ends every session of a user on the platform of the printed tokens; its token is dead then. */
    kick: (userID) => post("/auth/force_logout", { userID, platformID: 5 }),
    /** A token that replaces the user's older one. */
    freshToken: async (userID) => (await post("/auth/get_user_token", { userID, platformID: 5 })).token,
    post,
  };
}
