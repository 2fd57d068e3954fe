// What a user gets: the packed tarballs, installed with scripts off from a registry on loopback, loaded and compiled against.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Cleanup } from "../../scripts/lib/cleanup.mjs";
import { npm } from "../../scripts/lib/npm.mjs";
import { NOTICES, platformPackages, publishedManifest } from "../../scripts/lib/pack.mjs";
import { fromRoot, manifest } from "../../scripts/lib/paths.mjs";
import { tarballFiles, tarballManifest } from "../../scripts/lib/registry.mjs";
import { startPackedRegistry } from "../../scripts/lib/rig.mjs";

const cleanup = new Cleanup();
let registry;
let packed;

before(async () => {
  registry = await startPackedRegistry(cleanup);
  packed = registry.packed;
});
after(() => cleanup.run());

const paths = (tarball) => [...tarballFiles(tarball)].map((file) => file.path).sort();

describe("the main package", () => {
  const ALLOWED = [
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/,
    /^(loader\.js|index\.d\.ts|openclaw\.plugin\.json)$/,
    /^dist\/[\w/-]+(\.generated)?(\.js|\.d\.ts)$/,
  ];

  test("holds the loader, the types, the plugin and its papers, and nothing else", () => {
    const strange = paths(packed.main).filter((path) => !ALLOWED.some((pattern) => pattern.test(path)));
    assert.deepEqual(strange, []);
  });

  test("holds no binary, no source and no test", () => {
    const unwanted = paths(packed.main).filter((path) => /\.(node|rs|mts|map)$|(?<!\.d)\.ts$|test/.test(path));
    assert.deepEqual(unwanted, []);
  });

  test("holds what its own manifest points at", () => {
    const held = paths(packed.main);
    const { main, types, openclaw } = tarballManifest(packed.main);
    const entries = [...openclaw.extensions, openclaw.setupEntry];
    // The host looks for the last one by its name, nothing points at it.
    const byName = ["openclaw.plugin.json", "LICENSE", "README.md", "dist/secret-contract-api.js"];
    for (const path of [main, types, ...entries, ...byName]) {
      assert.ok(held.includes(path.replace(/^\.\//, "")), path);
    }
  });

  test("imports only itself, Node and the host", () => {
    for (const { path, content } of tarballFiles(packed.main)) {
      if (!/^dist\/.*\.js$|^loader\.js$/.test(path)) continue;
      const names = [...content.toString().matchAll(/(?:from|import|require)\s*\(?\s*["']([^"']+)["']/g)].map(
        ([, name]) => name,
      );
      const strange = names.filter((name) => !/^(\.|node:|openclaw\/plugin-sdk\/)/.test(name));
      assert.deepEqual(strange, [], path);
    }
  });

  test("is packed with the manifest that asks for its platform packages", () => {
    assert.deepEqual(tarballManifest(packed.main), publishedManifest());
  });
});

describe("the platform package of this machine", () => {
  test("holds the binary, its papers, and nothing else", () => {
    for (const tarball of packed.platforms) {
      const { main } = tarballManifest(tarball);
      assert.deepEqual(paths(tarball), ["LICENSE", "README.md", NOTICES, main, "package.json"].sort());
    }
  });

  test("names the licence of every crate inside", () => {
    for (const tarball of packed.platforms) {
      const notices = [...tarballFiles(tarball)].find((file) => file.path === NOTICES).content.toString();
      for (const crate of ["napi", "ring", "rustls", "tokio"]) assert.match(notices, new RegExp(`^${crate} \\d`, "m"));
    }
  });
});

test("no package is under, or holds a line of, a copyleft licence", () => {
  for (const tarball of [packed.main, ...packed.platforms]) {
    assert.equal(tarballManifest(tarball).license, "MIT");
    for (const { path, content } of tarballFiles(tarball)) {
      assert.doesNotMatch(
        content.toString("latin1"),
        /GNU (AFFERO |LESSER )?GENERAL PUBLIC LICENSE/i,
        `${basename(tarball)}: ${path}`,
      );
    }
  }
});

describe("installed with scripts off into an empty folder", () => {
  let dir;
  const installed = (...path) => join(dir, "node_modules", ...path);

  /** Runs a line of JavaScript in the folder; returns what it printed. */
  const evaluate = (code) =>
    execFileSync(process.execPath, ["--input-type=module", "-e", code], { cwd: dir, encoding: "utf8" }).trim();

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "multi-openim-install-"));
    cleanup.add("the installation", () => rmSync(dir, { recursive: true, force: true }));
    writeFileSync(join(dir, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
    await npm(["install", "--ignore-scripts", "--omit=peer", `--cache=${join(dir, ".npm")}`, manifest.name], {
      cwd: dir,
      env: { npm_config_registry: registry.url, npm_config_audit: "false", npm_config_fund: "false" },
      name: "npm-install-packed",
    });
  });

  test("only the package and the binary for this machine are there", () => {
    const expected = [manifest.name, ...packed.platforms.map((path) => tarballManifest(path).name)];
    const there = readdirSync(installed()).filter((name) => !name.startsWith("."));
    assert.deepEqual(there.sort(), expected.sort());
  });

  test("it can be imported and required", () => {
    const version = JSON.stringify(manifest.version);
    assert.equal(
      evaluate(`import { addonVersion } from "${manifest.name}"; console.log(JSON.stringify(addonVersion()))`),
      version,
    );
    const required = `import { createRequire } from "node:module";
      const addon = createRequire(process.cwd() + "/x.js")("${manifest.name}");
      console.log(JSON.stringify(addon.addonVersion()), typeof addon.OpenImClient, typeof addon.createChannelPlugin)`;
    assert.equal(evaluate(required), `${version} function function`);
  });

  test("a strict TypeScript program compiles against its types", () => {
    const program = readFileSync(fromRoot("__test__", "package", "consumer.ts.txt"), "utf8");
    writeFileSync(join(dir, "consumer.ts"), program);
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      module: "nodenext",
      target: "es2022",
      noEmit: true,
      skipLibCheck: false,
      typeRoots: [fromRoot("node_modules", "@types")],
      types: ["node"],
    };
    writeFileSync(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    const tsc = spawnSync(process.execPath, [fromRoot("node_modules", "typescript", "bin", "tsc")], {
      cwd: dir,
      encoding: "utf8",
    });
    assert.equal(tsc.stdout, "");
    assert.equal(tsc.status, 0);
  });

  test("without the binary it says in one sentence what is missing and what to do", () => {
    for (const path of packed.platforms) rmSync(installed(tarballManifest(path).name), { recursive: true });
    const code = `try { await import("${manifest.name}"); console.log("loaded") }
      catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message })) }`;
    const { code: errorCode, message } = JSON.parse(evaluate(code));
    assert.equal(errorCode, "OPENIM_NATIVE_MISSING");
    const missing = platformPackages().map((one) => one.manifest.name);
    assert.ok(
      missing.some((name) => message.includes(name)),
      message,
    );
    assert.match(message, /npm install|openclaw plugins install/);
    assert.doesNotMatch(message, /\n/);
  });
});
