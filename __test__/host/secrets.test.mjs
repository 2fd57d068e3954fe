// A token that is a reference: the gateway resolves it, what cannot resolve it says so, and nothing prints it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { CHANNEL, connected } from "../../scripts/lib/rig.mjs";
import { BOTS, startStage } from "./lib/stage.mjs";

const REFERENCE = { source: "env", provider: "default", id: "TEST_BOT_TOKEN" };

let stage;
let alice;
let token;

before(async () => {
  stage = await startStage({ name: "secrets", accounts: { a: { allowFrom: ["alice"] }, b: { allowFrom: ["alice"] } } });
  token = stage.server.user(BOTS.a).token;
  alice = await stage.person("alice");
  await stage.host.stop();
  const config = stage.host.config;
  const { userID, ...a } = config.channels[CHANNEL].accounts.a;
  // The user id stands in the token: it too must come out of the resolved one.
  config.channels[CHANNEL].accounts.a = { ...a, token: REFERENCE };
  stage.host.writeConfig(config);
});
after(() => stage?.cleanup.run());

test("a token from an environment reference logs in and answers, and stays a reference in the file", async () => {
  await stage.startGateway({ [REFERENCE.id]: token });
  await connected(stage.host, "a");
  await stage.exchange(alice);
  const config = readFileSync(stage.host.configPath, "utf8");
  assert.deepEqual(JSON.parse(config).channels[CHANNEL].accounts.a.token, REFERENCE);
  assert.equal(config.includes(token), false);
});

test("neither status nor log prints the resolved token", async () => {
  const status = await stage.host.call("channels.status", {});
  assert.equal(JSON.stringify(status).includes(token), false);
  assert.equal(
    stage.host.gateway.lines.some((line) => line.includes(token)),
    false,
  );
});

test("where the reference cannot be resolved the account is listed, not lost", async () => {
  const list = await stage.host.cli(["channels", "list"], { okCodes: [0, 1] });
  assert.match(list, /Multi-OpenIM a: .*configured/);
  assert.doesNotMatch(list, /Multi-OpenIM a: .*not configured/);
});

test("the audit finds the token that stands in the file, and not the reference", async () => {
  const { findings } = JSON.parse(
    await stage.host.cli(["secrets", "audit", "--json"], { env: { [REFERENCE.id]: token }, okCodes: [0, 1, 2] }),
  );
  const plain = findings.filter(({ code }) => /PLAINTEXT/i.test(code)).map(({ jsonPath }) => jsonPath);
  assert.ok(plain.includes(`channels.${CHANNEL}.accounts.b.token`), JSON.stringify(findings));
  assert.ok(!plain.includes(`channels.${CHANNEL}.accounts.a.token`));
});
