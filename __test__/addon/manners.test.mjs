// How the addon behaves as a guest in a process: on the main thread and in workers, at every way a process can end.
import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { addonFile } from "./support/addon-file.mjs";
import { buildProbes } from "./support/probes.mjs";
import { play } from "./support/scene.mjs";
import { devServer } from "./support/server.mjs";

const CROWD = ["carol", "dave", "erin", "frank"];
// Readers of their own, for what one leaves open would come to the next one's login.
const readers = (where) => Array.from({ length: 7 }, (_, i) => `${where}_${i}`);
const server = await devServer({
  people: ["alice", "bob", "bot_7", ...CROWD, ...readers("main"), ...readers("worker")],
});
const silent = createServer().listen(0, "127.0.0.1");
await once(silent, "listening");
after(() => silent.close());
const nowhere = `ws://127.0.0.1:${silent.address().port}`;

let probes;
after(() => probes && rmSync(join(probes, ".."), { recursive: true, force: true }));

/** The process ended by itself, in good order, and nothing was printed but what the scene said. */
function quiet(end, said, code = 0) {
  const { signal, stderr } = end;
  assert.deepEqual({ code: end.code, signal, stderr, said: end.said }, { code, signal: null, stderr: "", said });
}

for (const where of ["main", "worker"]) {
  describe(where === "main" ? "on the main thread" : "in a worker", () => {
    test("a client that is logged in does not keep the process alive", async () => {
      const end = await play("idle", { where, props: { login: server.login("bot_7") } });
      quiet(end, ["online"]);
      assert.ok(end.ms < 10_000, `${end.ms} ms`);
    });

    test("a client that connects for ever does not either", async () => {
      const login = server.login("bot_7", { wsAddr: nowhere });
      const end = await play("forgotten", { where, props: { login } });
      quiet(end, ["started"]);
      assert.ok(end.ms < 10_000, `${end.ms} ms`);
    });

    test("process.exit in a callback ends with its code", async () => {
      quiet(await play("exit-in-callback", { where, props: { login: server.login("bot_7") } }), [], 7);
    });

    test("process.exit with sends and a logout under way ends with its code", async () => {
      quiet(await play("exit-while-sending", { where, props: { login: server.login("bot_7") } }), [], 8);
    });

    test("callbacks that throw, reject or never settle raise nothing", async () => {
      const ears = readers(where).map((userID) => ({ userID, login: server.login(userID) }));
      const props = { readers: ears, writer: server.login("bob") };
      const words = ["thrown", "null", "Symbol(odd)", "rejected", "a trap", "a then that throws"];
      const end = await play("bad-callbacks", { where, props });
      quiet(
        end,
        words.map((word) => `account=reader the batch callback failed: ${word}`),
      );
    });

    test("two copies of the file and a second evaluation live side by side", async () => {
      const folder = mkdtempSync(join(tmpdir(), "openim-copy-"));
      try {
        const copy = join(folder, "copy.node");
        copyFileSync(addonFile, copy);
        const props = { copy, alice: server.login("alice"), bot: server.login("bot_7") };
        const end = await play("two-copies", { where, props });
        quiet(end, ["true true", "stopped online online", "false", "true", "stopped stopped"]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    test("a panic on each of the four boundaries is reported, and everything goes on", async () => {
      probes ??= await buildProbes();
      const props = { probes, login: server.login("bot_7"), writer: server.login("bob") };
      const end = await play("panics", { where, props });
      assert.deepEqual({ code: end.code, stderr: end.stderr }, { code: 0, stderr: "" });
      const bug = (what, text) => `${what} failed by a bug: a panic in ${text}; please report this`;
      assert.deepEqual(
        end.said.map((line) => JSON.parse(line)),
        [
          { code: "OPENIM_INTERNAL", op: "probeSync", message: bug("probeSync", "a synchronous export") },
          { code: "OPENIM_INTERNAL", op: "probeAsync", message: bug("probeAsync", "an asynchronous export") },
          { errMsg: "the connection panicked: a panic in the connection; please report this", code: "OPENIM_INTERNAL" },
          { state: "online", panics: 1 },
          { redelivered: true, panics: 2 },
        ],
      );
    });
  });
}

const STATES = [
  "loaded",
  "made",
  "connecting",
  "logging in",
  "online",
  "in a callback that never settles",
  "in a callback that is busy",
  "sending",
  "calling",
  "with a refused message",
  "logging out",
  "logged out",
  "running an account of the channel",
];

describe("workers that are terminated", () => {
  for (const mainToo of [true, false]) {
    const loaded = mainToo ? "and the main thread has the addon too" : "and only workers have the addon";
    test(`in every state, several at once, ${loaded}: the process goes on`, async () => {
      const logins = CROWD.map((id) => server.login(id));
      const props = { states: STATES, rounds: 2, logins, mainToo, props: { silent: nowhere } };
      const end = await play("workers", { props });
      quiet(end, ["round 0", "round 1", ...(mainToo ? ["online"] : [])]);
    });
  }
});

test("the collector takes a client that is not logged in, and not one that is", async () => {
  const end = await play("garbage", { nodeArgs: ["--expose-gc"], props: { login: server.login("bot_7") } });
  quiet(end, ["never logged in: true", "logged out: true", "logged in: false"]);
});
