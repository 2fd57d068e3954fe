// Forbidden contents of tracked files: paths of one machine, hosts of registries, unfinished work, skipped tests.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/paths.mjs";

const tracked = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\0")
  .filter((path) => path && existsSync(join(root, path)));
const BINARY = new Set([".png", ".gz", ".bin", ".ico"]);
const texts = tracked
  .filter((path) => !BINARY.has(extname(path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
const self = "__test__/house/documents.test.mjs";

function said(pattern, wanted = () => true) {
  return texts
    .filter(({ path }) => path !== self && wanted(path))
    .flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim().slice(0, 120)}`] : [])),
    );
}

const isSource = (path) => /\.(rs|ts|mjs|cjs|js|sh|toml|yml|md)$/.test(path) || path === ".ci/run";

test("no file names a folder of somebody's machine", () => {
  assert.deepEqual(said(/(^|[\s"'`(=:])(\/work\/|\/root\/|\/home\/\w|\/Users\/\w|\/tmp\/\w|[A-Z]:\\Users\\)/), []);
});

test("no file but the workflows names the host of a registry", () => {
  const hosts = /registry\.(npmjs|yarnpkg|npmmirror)\.|index\.crates\.io|static\.crates\.io|files\.pythonhosted/;
  assert.deepEqual(
    said(hosts, (path) => !path.startsWith(".github/")),
    [],
  );
  assert.deepEqual(
    said(/"resolved":/, (path) => path.endsWith("package-lock.json")),
    [],
  );
});

test("no file contains a note about unfinished work", () => {
  assert.deepEqual(said(/\b(TODO|FIXME|XXX|HACK)\b/, isSource), []);
  assert.deepEqual(
    said(/\b(todo|unimplemented)!\(/, (path) => path.endsWith(".rs")),
    [],
  );
});

test("a skipped test gives its reason", () => {
  const js = said(/\b(test|it|describe)\.(skip|todo|only)\b|[{,]\s*(skip|todo|only):\s*true/, (path) =>
    /\.(mjs|cjs|ts)$/.test(path),
  );
  assert.deepEqual(js, []);
  assert.deepEqual(
    said(/#\[ignore\]/, (path) => path.endsWith(".rs")),
    [],
    'an ignored test says why: #[ignore = "reason"]',
  );
});

test("every source file begins with a comment on its responsibility", () => {
  const ours = texts.filter(
    ({ path }) =>
      (/^(crates|src|plugin|scripts|__test__)\/.*\.(rs|ts|mjs|cjs)$/.test(path) || path === "loader.js") &&
      path !== "build.rs",
  );
  const silent = ours.filter(({ text }) => !/^(#!.*\n)?(\/\/|\/\*)/.test(text)).map(({ path }) => path);
  assert.deepEqual(silent, []);
});

test("no source file has more than 440 lines", () => {
  const long = texts
    .filter(({ path }) => /^(crates|src|plugin|scripts)\/.*\.(rs|ts|mjs|cjs)$/.test(path))
    .filter(({ path }) => !/\.generated\./.test(path))
    .map(({ path, text }) => ({ path, lines: text.split("\n").length }))
    .filter(({ path, lines }) => lines > 441)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
  assert.deepEqual(long, [], "split files at about 400 lines");
});

test("links between documents have a target", () => {
  const broken = texts
    .filter(({ path }) => path.endsWith(".md"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .filter(([, target]) => !existsSync(join(root, path, "..", target)))
        .map(([, target]) => `${path} -> ${target}`),
    );
  assert.deepEqual(broken, []);
});
