// The option table and the client's login name the same options.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromRoot } from "../../../scripts/lib/paths.mjs";
import { optionNames } from "../../../dist/config/option-table.js";

/** Members of a login that no account's block holds: the descriptor or the program sets them. */
const SET_BY_CODE = ["accountId", "onToken", "stateDir", "tokenRefresh", "tokenRefresher", "until"];

test("the client options of the table are the members of LoginParams", () => {
  const types = readFileSync(fromRoot("index.d.ts"), "utf8");
  const [, body] = /export interface LoginParams \{\n(.*?)\n\}/s.exec(types) ?? [];
  assert.ok(body, "index.d.ts declares LoginParams");
  const members = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name);
  const options = optionNames(({ isClientOption }) => isClientOption === true).map((name) => name.split(".")[0]);
  assert.deepEqual(members.filter((name) => !SET_BY_CODE.includes(name)).sort(), [...new Set(options)].sort());
});
