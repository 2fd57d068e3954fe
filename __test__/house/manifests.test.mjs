// The manifests agree with each other: versions, platforms, locks, and workflows that run exactly what they name.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { NOTICES, platformPackages, publishedManifest, TARGETS } from "../../scripts/lib/pack.mjs";
import { fromRoot, manifest, readJson } from "../../scripts/lib/paths.mjs";

const PLATFORMS = {
  "darwin-arm64": { os: "darwin", cpu: "arm64" },
  "darwin-x64": { os: "darwin", cpu: "x64" },
  "linux-arm64-gnu": { os: "linux", cpu: "arm64", libc: "glibc" },
  "linux-arm64-musl": { os: "linux", cpu: "arm64", libc: "musl" },
  "linux-x64-gnu": { os: "linux", cpu: "x64", libc: "glibc" },
  "linux-x64-musl": { os: "linux", cpu: "x64", libc: "musl" },
  "win32-arm64-msvc": { os: "win32", cpu: "arm64" },
  "win32-x64-msvc": { os: "win32", cpu: "x64" },
};

test("npm and Cargo have the same version", () => {
  const cargo = /\[workspace\.package\]\nversion = "(.+)"/.exec(readFileSync(fromRoot("Cargo.toml"), "utf8"));
  assert.equal(cargo?.[1], manifest.version);
  assert.match(
    readFileSync(fromRoot("CHANGELOG.md"), "utf8"),
    new RegExp(`^## ${manifest.version.replaceAll(".", "\\.")}\\b`, "m"),
  );
});

test("each of the eight platforms has a package with only its binary", () => {
  const packages = platformPackages();
  assert.deepEqual(packages.map((one) => one.platform).sort(), Object.keys(PLATFORMS).sort());
  for (const { platform, manifest: one } of packages) {
    const binary = `${manifest.napi.binaryName}.${platform}.node`;
    const { os, cpu, libc } = PLATFORMS[platform];
    assert.equal(one.name, `${manifest.name}-${platform}`);
    assert.equal(one.version, manifest.version);
    assert.equal(one.main, binary);
    assert.deepEqual(one.files, [binary, NOTICES]);
    assert.deepEqual([one.os, one.cpu, one.libc], [[os], [cpu], libc && [libc]]);
    assert.equal(one.license, "MIT");
    assert.deepEqual(one.engines, manifest.engines);
    for (const key of ["scripts", "dependencies", "devDependencies"])
      assert.ok(!(key in one), `${one.name} has ${key}`);
  }
});

test("the build targets are the same eight platforms", () => {
  assert.deepEqual(Object.keys(TARGETS), Object.keys(PLATFORMS));
  assert.deepEqual([...manifest.napi.targets].sort(), Object.values(TARGETS).sort());
});

test("the published manifest depends only on platform packages of its version", () => {
  const published = publishedManifest();
  const expected = Object.keys(PLATFORMS).map((platform) => [`${manifest.name}-${platform}`, manifest.version]);
  assert.deepEqual(published.optionalDependencies, Object.fromEntries(expected));
  for (const key of ["dependencies", "devDependencies", "scripts", "private", "overrides"]) {
    assert.ok(!(key in published), key);
  }
  assert.deepEqual(published.peerDependenciesMeta, { openclaw: { optional: true } });
});

test("the host's installer checks the platform package of its machine", () => {
  const names = Object.keys(PLATFORMS).map((platform) => `${manifest.name}-${platform}`);
  assert.deepEqual([...manifest.openclaw.install.requiredPlatformPackages].sort(), names.sort());
});

test("the repository is private and has no optional dependencies", () => {
  assert.equal(manifest.private, true);
  assert.ok(!("optionalDependencies" in manifest));
});

test("the lockfiles have a hash for every package", () => {
  for (const path of ["package-lock.json", "scripts/node24/package-lock.json"]) {
    const { packages } = readJson(fromRoot(path));
    const known = new Set(Object.keys(packages).map((key) => key.split("node_modules/").pop()));
    for (const [key, one] of Object.entries(packages)) {
      if (key !== "") assert.ok(one.integrity ?? one.inBundle, `${path}: ${key} has no integrity`);
      for (const name of Object.keys(one.optionalDependencies ?? {}))
        assert.ok(known.has(name), `${path}: ${name} is missing`);
    }
  }
});

test("development packages are pinned exactly", () => {
  for (const [name, range] of Object.entries(manifest.devDependencies)) assert.match(range, /^\d+\.\d+\.\d+$/, name);
});

test("every workflow action is pinned by its full hash", () => {
  const dir = fromRoot(".github", "workflows");
  assert.ok(existsSync(dir));
  for (const file of readdirSync(dir)) {
    const uses = readFileSync(fromRoot(".github", "workflows", file), "utf8").match(/uses: .*/g) ?? [];
    for (const line of uses)
      assert.match(line, /uses: ([\w./-]+@[0-9a-f]{40} # v\d[\w.]*|\.\/.*)$/, `${file}: ${line}`);
  }
});
