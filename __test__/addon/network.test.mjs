// The way out as a Node program meets it: options that are wrong, proxies by option and by environment.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { after, afterEach, describe, test } from "node:test";
import { OpenImClient } from "../../loader.js";
import { Inbox, loggedIn, logoutAll, sendTo } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

const server = await devServer();
afterEach(logoutAll);

/** An HTTP proxy for whom every name is this machine. */
async function proxy(password) {
  const asked = [];
  const http = createServer((request, response) => response.writeHead(405).end());
  http.on("connect", (request, socket) => {
    socket.on("error", () => {});
    const given = Buffer.from((request.headers["proxy-authorization"] ?? "").split(" ")[1] ?? "", "base64").toString();
    if (password && given !== `bot:${password}`) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    asked.push(request.url);
    const behind = connect(Number(new URL(`tcp://${request.url}`).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      behind.pipe(socket).pipe(behind);
    });
    behind.on("error", () => socket.destroy());
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  after(() => {
    http.close();
    http.closeAllConnections();
  });
  return { asked, port: http.address().port };
}

/** The server by a name that only a proxy knows: it is too long for this machine to look it up. */
function elsewhere(login) {
  const named = (address) => address.replace("127.0.0.1", `${"x".repeat(64)}.test`);
  return { ...login, wsAddr: named(login.wsAddr), apiAddr: named(login.apiAddr) };
}

async function refusal(params) {
  const client = new OpenImClient(() => {});
  const error = await client.login(params).then(assert.fail, (error) => error);
  return error;
}

describe("an option of the way out", () => {
  for (const [options, expected] of [
    [{ ca: "nowhere/ca.pem" }, /ca: nowhere\/ca\.pem cannot be read .*whole path of a PEM file/],
    [{ ca: "package.json" }, /ca: package\.json holds no certificate/],
    [{ ca: 5 }, /ca must be a text/],
    [{ proxy: "ftp://bot:s3cret@proxy.example.test" }, /proxy is not a proxy's address; write http:\/\/host:port/],
    [{ mediaHosts: ["*"] }, /mediaHosts is a list of hosts/],
  ]) {
    test(`that is wrong is refused by its name: ${JSON.stringify(Object.keys(options))}`, async () => {
      const error = await refusal(server.login("alice", { accountId: "support", ...options }));
      assert.deepEqual([error.code, error.accountId], ["OPENIM_CONFIG", "support"]);
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /s3cret/);
    });
  }
});

describe("a proxy", () => {
  test("of the account is taken with its password", async () => {
    const { asked, port } = await proxy("s3cr@t");
    const login = elsewhere(server.login("alice", { proxy: `http://bot:s3cr%40t@127.0.0.1:${port}` }));
    const { client } = await loggedIn(login);
    const bob = await loggedIn(server.login("bob"));
    await sendTo(client, "bob", "through the wall");
    assert.equal((await bob.inbox.message("through the wall")).sendID, "alice");
    assert.ok(asked.includes(new URL(login.wsAddr).host), asked.join());
  });

  test("that wants another password is said in the status, and the password is not", async () => {
    const { port } = await proxy("s3cret");
    const inbox = new Inbox();
    const client = new OpenImClient(inbox.onBatch);
    await client.login(
      elsewhere(server.login("alice", { proxy: `http://bot:wr0ng@127.0.0.1:${port}`, until: "started" })),
    );
    const { errMsg } = await inbox.event("OnConnectFailed");
    const { lastError } = client.status();
    await client.logout();
    for (const text of [errMsg, lastError]) {
      assert.match(text, /the proxy does not accept the user and password of its address \(407\)/);
      assert.doesNotMatch(text, /wr0ng/);
    }
  });

  test("of the environment is taken unless the account turns it off", async () => {
    const { asked, port } = await proxy();
    const before = process.env.http_proxy;
    process.env.http_proxy = `http://127.0.0.1:${port}`;
    try {
      await loggedIn(elsewhere(server.login("alice")));
      assert.equal(asked.length, 1);
      const inbox = new Inbox();
      const direct = new OpenImClient(inbox.onBatch);
      await direct.login(elsewhere(server.login("bob", { proxy: "direct", until: "started" })));
      await inbox.event("OnConnectFailed");
      await direct.logout();
      // This machine itself needs no proxy.
      await loggedIn(server.login("carol"));
      assert.equal(asked.length, 1);
    } finally {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    }
  });
});
