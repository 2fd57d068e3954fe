// The layers: base <- openim-core, base <- net <- channel, all of them <- openim-client, all <- the addon, the addon <- plugin.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/paths.mjs";

const ROOT = "multi-openim-channel";
const ALLOWED = {
  "typescript-derive": [],
  base: ["typescript-derive"],
  "openim-core": ["base"],
  net: ["base"],
  channel: ["base", "net"],
  "openim-client": ["base", "openim-core", "net", "channel"],
  testkit: ["base", "openim-core", "net", "channel", "openim-client"],
  [ROOT]: ["base", "openim-core", "net", "channel", "openim-client"],
};

const metadata = JSON.parse(
  execFileSync("cargo", ["metadata", "--locked", "--format-version", "1"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  }),
);
const members = metadata.packages.filter((one) => metadata.workspace_members.includes(one.id));
const member = (name) => members.find((one) => one.name === name);

/** Everything a package is built from, without what only its tests use. */
function builtFrom(name) {
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const names = new Map(metadata.packages.map((one) => [one.id, one.name]));
  const seen = new Set();
  const visit = (id) => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const dep of nodes.get(id).deps) {
      if (dep.dep_kinds.some((kind) => kind.kind !== "dev")) visit(dep.pkg);
    }
  };
  visit(member(name).id);
  return [...seen].map((id) => names.get(id));
}

/** The source files below a folder, with their text. */
function files(dir, wanted) {
  return readdirSync(join(root, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && wanted.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, "utf8") }));
}

const lines = ({ path, text }, pattern) =>
  text
    .split("\n")
    .map((line, i) => `${path}:${i + 1}: ${line.trim()}`)
    .filter((_, i) => pattern.test(text.split("\n")[i]));

test("the workspace has exactly the crates of the layer table", () => {
  assert.deepEqual(members.map((one) => one.name).sort(), Object.keys(ALLOWED).sort());
});

for (const [name, allowed] of Object.entries(ALLOWED)) {
  test(`${name} uses only the crates below it`, () => {
    const used = member(name)
      .dependencies.filter((dep) => dep.path && dep.kind !== "dev")
      .map((dep) => dep.name);
    assert.deepEqual(
      used.filter((dep) => !allowed.includes(dep)),
      [],
    );
  });
}

test("only tests use the testkit", () => {
  const users = members.filter((one) => one.dependencies.some((dep) => dep.name === "testkit" && dep.kind !== "dev"));
  assert.deepEqual(
    users.map((one) => one.name),
    [],
  );
  assert.ok(!builtFrom(ROOT).includes("testkit"));
});

test("only the addon uses napi", () => {
  for (const name of Object.keys(ALLOWED).filter((one) => one !== ROOT)) {
    const napi = builtFrom(name).filter((dep) => /^napi/.test(dep));
    assert.deepEqual(napi, [], name);
  }
  const said = files("crates", /\.(rs|toml)$/).flatMap((file) => lines(file, /\bnapi\b/));
  assert.deepEqual(said, []);
});

test("the pure crates depend on no runtime, socket or random source", () => {
  const impure = /^(tokio|reqwest|hyper|tungstenite|tokio-.*|mio|rustls|getrandom|rand|redb|log|tracing)$/;
  for (const name of ["base", "openim-core"]) {
    assert.deepEqual(
      builtFrom(name).filter((dep) => impure.test(dep)),
      [],
      name,
    );
  }
});

test("channel does not name a transport", () => {
  const said = files("crates/channel", /\.(rs|toml)$/).flatMap((file) => lines(file, /(?<!multi-)openim(?!_[A-Z])/i));
  assert.deepEqual(said, []);
});

test("every crate keeps the workspace's lints, and only the addon may hold unsafe code", () => {
  const manifest = readFileSync(join(root, "Cargo.toml"), "utf8");
  assert.match(manifest, /\[workspace\.lints\.rust\]\nunsafe_code = "forbid"/);
  for (const one of members.filter((each) => each.name !== ROOT)) {
    assert.match(readFileSync(one.manifest_path, "utf8"), /\[lints\]\nworkspace = true/, one.name);
  }
});

/** The TypeScript of the addon's script; Rust sees only the bundle that is generated from it. */
const SCRIPT = /\.ts$/;

test("the addon does not reach into the plugin", () => {
  const sources = files("src", /./).filter(({ path }) => !SCRIPT.test(path));
  const said = [...sources, ...files("crates", /\.rs$/)].flatMap((file) =>
    lines(file, /(include_str!|include!|mod|import|require)\W.*\b(plugin|dist)\//),
  );
  assert.deepEqual(said, []);
});

test("the addon's script shares only pure modules with the plugin", () => {
  const all = [...files("src", SCRIPT), ...files("plugin", SCRIPT)];
  const byPath = new Map(all.map((file) => [file.path, file]));
  const used = new Set();
  const impure = [];
  const visit = ({ path, text }) => {
    if (used.has(path)) return;
    used.add(path);
    for (const [, from] of text.matchAll(/^(?:import|export) (?!type )[^;]*? from "([^"]+)"/gm)) {
      if (!from.startsWith(".")) impure.push(`${path} imports ${from}`);
      else visit(byPath.get(join(dirname(path), from).replace(/\.js$/, ".ts")));
    }
  };
  files("src", SCRIPT).forEach(visit);
  assert.deepEqual(impure, []);
  assert.ok(used.has(join("plugin", "config", "option-table.ts")), "the walk follows imports");
});

test("only one file of the plugin loads the addon", () => {
  const loads = files("plugin", /\.ts$/)
    .filter(({ text }) => /loader\.js|\.node["']|multi-openim-channel["']\)/.test(text))
    .map(({ path }) => path);
  assert.deepEqual(loads, [join("plugin", "native", "native.ts")]);
});

test("the plugin imports nothing from scripts, tests or Rust folders", () => {
  const said = files("plugin", /\.ts$/).flatMap((file) =>
    lines(file, /from ["']\.\.\/(scripts|__test__|crates|src)\//),
  );
  assert.deepEqual(said, []);
});
