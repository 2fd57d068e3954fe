// Publication refuses a tarball that is not the one that was packed and tested.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fromRoot, manifest } from "../../scripts/lib/paths.mjs";

const dir = mkdtempSync(join(tmpdir(), "multi-openim-publish-"));
after(() => rmSync(dir, { recursive: true }));
const tarball = (name, bytes) => writeFileSync(join(dir, name), bytes);

function publish(args, env = {}) {
  const script = fromRoot("scripts", "publish.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args, dir], {
    encoding: "utf8",
    env: { ...process.env, TAG: `v${manifest.version}`, ...env },
  });
  return { status, stdout, said: stdout + stderr };
}

test("a tarball with changed bytes and the right name is not published", () => {
  tarball("main-1.0.0.tgz", "the tested bytes");
  tarball("platform-1.0.0.tgz", "the tested binary");
  const { stdout: DIGESTS } = publish(["--digests"]);
  assert.deepEqual(Object.keys(JSON.parse(DIGESTS)), ["main-1.0.0.tgz", "platform-1.0.0.tgz"]);
  tarball("platform-1.0.0.tgz", "other bytes");
  const { status, said } = publish([], { DIGESTS });
  assert.equal(status, 1);
  assert.match(said, /platform-1\.0\.0\.tgz is not the file that was packed/);
});

test("a tarball that nobody announced is not published", () => {
  const { stdout: DIGESTS } = publish(["--digests"]);
  tarball("another-1.0.0.tgz", "bytes");
  assert.match(publish([], { DIGESTS }).said, /another-1\.0\.0\.tgz was not announced/);
  assert.match(publish([], { DIGESTS: "" }).said, /no digests of the packed files were announced/);
});

test("the release workflow hands the digests to the publication", () => {
  const workflow = readFileSync(fromRoot(".github", "workflows", "release.yml"), "utf8");
  assert.match(workflow, /digests: \$\{\{ steps\.digests\.outputs\.digests \}\}/);
  assert.match(workflow, /DIGESTS: \$\{\{ needs\.pack\.outputs\.digests \}\}/);
  assert.match(workflow, /needs: \[pack, test, test-container\]/);
});

test("every package from PyPI in a workflow is installed by its hash", () => {
  const folder = fromRoot(".github", "workflows");
  const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"));
  const installs = lines.filter((line) => /\bpip3? install\b/.test(line));
  assert.ok(installs.length > 0 && installs.every((line) => line.includes("--require-hashes")), installs.join("\n"));
});
