// The four tools: their names and parameters, and what they refuse before anything is sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromRoot, readJson } from "../../../scripts/lib/paths.mjs";
import { createTools, TOOL_NAMES } from "../../../dist/adapters/tools.js";
import { kindOf } from "../../../dist/media-kinds.js";

const config = { channels: { "multi-openim": { accounts: { a: {} } } } };
const tools = createTools({ config });
const call = (name, params) => tools.find((tool) => tool.name === name).execute("call-1", params);

test("the tools are those the manifest declares", () => {
  const manifest = readJson(fromRoot("openclaw.plugin.json"));
  assert.deepEqual([...TOOL_NAMES], manifest.contracts.tools);
  // They send, so an operator has to allow them.
  assert.deepEqual(manifest.toolMetadata, Object.fromEntries(TOOL_NAMES.map((name) => [name, { optional: true }])));
  assert.deepEqual(
    tools.map(({ name }) => name),
    [...TOOL_NAMES],
  );
});

test("every tool requires the target and what to send, and takes nothing else", () => {
  const shapes = tools.map(({ parameters }) => [Object.keys(parameters.properties), parameters.required]);
  assert.deepEqual(shapes, [
    [
      ["accountId", "to", "text"],
      ["to", "text"],
    ],
    [
      ["accountId", "to", "image"],
      ["to", "image"],
    ],
    [
      ["accountId", "to", "video"],
      ["to", "video"],
    ],
    [
      ["accountId", "to", "file", "name"],
      ["to", "file"],
    ],
  ]);
  for (const { parameters, description } of tools) {
    assert.equal(parameters.additionalProperties, false);
    assert.ok(description.length > 20);
    for (const property of Object.values(parameters.properties)) assert.ok(property.description.length > 10);
  }
});

const REFUSED = [
  [{ accountId: "a", to: "alice", text: "x" }, "invalid target, expected user:<id> or group:<id>"],
  [{ accountId: "a", text: "x" }, "invalid target, expected user:<id> or group:<id>"],
  [{ to: "user:alice", text: "x" }, "accountId is required (no default fallback)"],
  [{ accountId: " ", to: "user:alice", text: "x" }, "accountId is required (no default fallback)"],
  [{ accountId: "b", to: "user:alice", text: "x" }, 'multi-openim account "b" is not connected'],
  [{ accountId: "a", to: "user:alice", text: "x" }, 'multi-openim account "a" is not connected'],
  [{ accountId: "a", to: "user:alice", text: " " }, "text is missing"],
  [undefined, "invalid target, expected user:<id> or group:<id>"],
];
for (const [params, message] of REFUSED) {
  test(`${JSON.stringify(params)} is refused in the original's words`, async () => {
    await assert.rejects(call("multi_openim_send_text", params), { message });
  });
}

test("a tool whose run is over sends nothing", async () => {
  const over = createTools({
    config,
    assertInvocationCurrent: () => {
      throw new Error("the run is over");
    },
  });
  await assert.rejects(over[0].execute("call-1", { accountId: "a", to: "user:alice", text: "x" }), /the run is over/);
});

test("a file of another place is refused before anything is sent", async () => {
  for (const file of ["/etc/passwd", "file:///etc/passwd", "../../../../etc/passwd"])
    await assert.rejects(call("multi_openim_send_file", { accountId: "a", to: "user:alice", file }), (error) => {
      assert.doesNotMatch(error.message, /not connected/);
      return true;
    });
});

test("a file shows as what its content is", () => {
  for (const [type, kind] of [
    ["image/png", "image"],
    ["image/jpeg; q=1", "image"],
    ["image/svg+xml", "file"],
    ["video/mp4", "video"],
    ["audio/ogg", "voice"],
    ["application/pdf", "file"],
    [undefined, "file"],
  ])
    assert.equal(kindOf(type), kind, type);
  assert.equal(kindOf("image/png", true), "file");
});
