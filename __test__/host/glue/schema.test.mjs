// The manifest's schema and docs/configuration.md list the same options, and both agree with the code's defaults.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromRoot, manifest as packageManifest, readJson } from "../../../scripts/lib/paths.mjs";
import { META } from "../../../dist/names.js";
import { secretTargetRegistryEntries } from "../../../dist/secret-contract-api.js";
import { outboundAdapter } from "../../../dist/adapters/outbound.js";

const plugin = readJson(fromRoot("openclaw.plugin.json"));
const { schema, uiHints } = plugin.channelConfigs["multi-openim"];
const doc = readFileSync(fromRoot("docs", "configuration.md"), "utf8");

/** The option paths of a schema: leaves and free-form objects. */
function* leaves(node, path = []) {
  if (!node.properties) return void (yield path.join("."));
  for (const [name, child] of Object.entries(node.properties)) yield* leaves(child, [...path, name]);
}

/** The rows of the table with this heading, as trimmed cells. */
function table(heading) {
  const lines = doc.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const at = lines.findIndex(([first]) => first === heading);
  assert.ok(at >= 0, `no table headed "${heading}"`);
  const end = lines.findIndex((cells, i) => i > at && cells.length === 0);
  return lines.slice(at + 2, end);
}

/** The option names in the first column of a table. */
const documented = (heading) =>
  table(heading).flatMap(([first]) => [...first.matchAll(/`([^`]+)`/g)].map((match) => match[1]));

const account = schema.properties.accounts.additionalProperties;
const { tokenRefresh, ...channel } = schema.properties;

for (const [heading, node] of [
  ["Option under `accounts.<name>`", account],
  ["Option", { properties: channel }],
  ["Option under `tokenRefresh`", tokenRefresh],
]) {
  test(`schema and document agree both ways: ${heading}`, () => {
    assert.deepEqual(documented(heading).sort(), [...leaves(node)].sort());
  });
}

test("nothing unknown passes, at any depth", () => {
  const objects = [
    schema,
    account,
    tokenRefresh,
    tokenRefresh.properties.http,
    schema.properties.healthMonitor,
    account.properties.healthMonitor,
  ];
  for (const object of objects) assert.equal(object.additionalProperties, false);
});

test("every option explains itself", () => {
  for (const node of [account, { properties: channel }, tokenRefresh, tokenRefresh.properties.http])
    for (const [name, child] of Object.entries(node.properties)) assert.ok(child.description?.length > 10, name);
});

test("what holds secrets is marked so", () => {
  for (const path of ["accounts.*.token", "tokenRefresh.http.headers", "tokenRefresh.http.body"])
    assert.equal(uiHints[path]?.sensitive, true, path);
});

test("a token is a text or a reference, and the host is told where it stands", () => {
  const [text, reference] = account.properties.token.anyOf;
  assert.equal(text.type, "string");
  assert.deepEqual(reference.required, ["source", "provider", "id"]);
  assert.equal(reference.additionalProperties, false);
  assert.deepEqual(
    secretTargetRegistryEntries.map(({ pathPattern }) => pathPattern),
    ["channels.multi-openim.accounts.*.token"],
  );
});

test("the documented chunk limit is the one in force, and within the schema", () => {
  const [, documentedDefault] = table("Option").find(([first]) => first === "`textChunkLimit`");
  assert.equal(documentedDefault, `\`${outboundAdapter.textChunkLimit}\``);
  const { minimum, maximum } = schema.properties.textChunkLimit;
  assert.ok(outboundAdapter.textChunkLimit >= minimum && outboundAdapter.textChunkLimit <= maximum);
});

test("manifest, package and code carry the same names and version", () => {
  assert.equal(plugin.id, packageManifest.name);
  assert.equal(plugin.version, packageManifest.version);
  assert.deepEqual(plugin.channels, [META.id]);
  assert.equal(plugin.name, META.label);
});
