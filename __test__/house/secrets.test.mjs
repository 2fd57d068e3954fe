// The search for secrets in logs finds them, and names the place without repeating them.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { searchLogs, secretLines, withoutSecrets } from "../../scripts/lib/secrets.mjs";

// Put together here, so that this file holds none.
const TOKEN = ["eyJhbGciOiJIUzI1NiJ9", "eyJVc2VySUQiOiJib3QifQ", "c2lnbmF0dXJl"].join(".");
const MARKED = ["s3cret", "refresh"].join("-");

test("a token and a marked secret are found, ordinary words are not", () => {
  assert.deepEqual(secretLines(`fine\ntoken=${TOKEN}&x\n{"a":"${MARKED}"}\nsecret, eyJ.eyJ.x`), [2, 3]);
});

test("a command is logged without the secrets it was given", () => {
  assert.equal(withoutSecrets(`config set token "${TOKEN}" ${MARKED} --json`), 'config set token "…" … --json');
});

test("logs are searched, except those of the server that prints tokens", () => {
  const dir = mkdtempSync(join(tmpdir(), "logs-"));
  try {
    assert.throws(() => searchLogs(0, dir), /nothing was logged/);
    writeFileSync(join(dir, "openim-dev-server.log"), TOKEN);
    writeFileSync(join(dir, "openclaw-gateway.log"), "connected");
    assert.deepEqual(searchLogs(0, dir), { passed: 1, failed: 0 });
    writeFileSync(join(dir, "openclaw-gateway.log"), `connected\n${TOKEN}`);
    assert.throws(
      () => searchLogs(0, dir),
      ({ message }) => message === "a secret is in openclaw-gateway.log: 2",
    );
    assert.throws(() => searchLogs(Date.now() + 60_000, dir), /nothing was logged/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
