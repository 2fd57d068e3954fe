// The client page names every method and every event.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/paths.mjs";

const types = readFileSync(join(root, "index.d.ts"), "utf8");
const page = readFileSync(join(root, "docs/client.md"), "utf8");
const named = new Set([...page.matchAll(/`([A-Za-z0-9]+)`/g)].map(([, name]) => name));

test("every method of the class is on the page", () => {
  // The calls stand in an interface of the same name, which TypeScript merges with the class.
  const bodies = [...types.matchAll(/^export (?:declare class|interface) OpenImClient \{\n(.*?)\n\}/gms)];
  assert.equal(bodies.length, 2);
  const methods = bodies.flatMap(([, body]) => [...body.matchAll(/^ {2}([a-z]\w*)\(/gm)]).map(([, name]) => name);
  assert.ok(methods.length > 60);
  const made = /^create\w*Message/;
  const missing = methods.filter((name) => name !== "constructor" && !made.test(name) && !named.has(name));
  assert.deepEqual(missing, [], "the create… methods stand there together");
});

test("every event is on the page, and no other", () => {
  const union = (name) => types.split(`export interface ${name} {\n  event: `)[1].split("\n")[0];
  const events = new Set(
    [...`${union("ClientEvent")} ${union("ListenerEvent")}`.matchAll(/'(o|O)(n\w+)'/g)].map(([, o, rest]) => o + rest),
  );
  events.delete("event");
  const table = page.split("## Events")[1].split("\n## ")[0];
  const listed = new Set([...table.matchAll(/`([oO]n[A-Z]\w+)`/g)].map(([, name]) => name));
  assert.deepEqual([...listed].sort(), [...events].sort());
});
