// The access rule: what an operator writes, and who may then trigger.
import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveAccess } from "../../../dist/config/policy.js";

const DEFAULTS = { rule: "defaults", dmPolicy: "pairing", groupPolicy: "allowlist", allowFrom: [], groupAllowFrom: [] };
const listed = (ids, over = {}) => ({
  rule: "whitelist",
  dmPolicy: "allowlist",
  groupPolicy: "allowlist",
  allowFrom: ids,
  groupAllowFrom: ids,
  ...over,
});
const options = (over) => ({ ...DEFAULTS, rule: "options", ...over });

const cases = [
  ["nothing written: the safe defaults", {}, {}, undefined, DEFAULTS],
  ["an empty whitelist is no whitelist", { inboundWhitelist: [] }, {}, undefined, DEFAULTS],
  ["a whitelist alone behaves as the original did", { inboundWhitelist: ["alice"] }, {}, undefined, listed(["alice"])],
  [
    "a whitelist wins over a wider policy",
    { inboundWhitelist: ["alice"], dmPolicy: "open", groupPolicy: "open" },
    {},
    undefined,
    listed(["alice"]),
  ],
  [
    "a whitelist wins over an allowlist",
    { inboundWhitelist: ["alice"], allowFrom: ["bob"], groupAllowFrom: ["*"] },
    {},
    undefined,
    listed(["alice"]),
  ],
  [
    "a policy beside a whitelist can close direct messages",
    { inboundWhitelist: ["alice"], dmPolicy: "disabled" },
    {},
    undefined,
    listed(["alice"], { dmPolicy: "disabled" }),
  ],
  [
    "a policy beside a whitelist can close groups",
    { inboundWhitelist: ["alice"] },
    { groupPolicy: "disabled" },
    undefined,
    listed(["alice"], { groupPolicy: "disabled" }),
  ],
  ["a wildcard in a whitelist admits nobody", { inboundWhitelist: ["*"] }, {}, undefined, listed([])],
  [
    "the host's open default does not widen a whitelist",
    { inboundWhitelist: ["alice"] },
    {},
    "open",
    listed(["alice"]),
  ],
  [
    "an allowlist",
    { dmPolicy: "allowlist", allowFrom: ["alice"] },
    {},
    undefined,
    options({ dmPolicy: "allowlist", allowFrom: ["alice"], groupAllowFrom: ["alice"] }),
  ],
  [
    "lists without policies keep pairing and allowlist",
    { allowFrom: ["alice"] },
    {},
    undefined,
    options({ allowFrom: ["alice"], groupAllowFrom: ["alice"] }),
  ],
  [
    "a group list of its own",
    { allowFrom: ["alice"], groupAllowFrom: ["bob"] },
    {},
    undefined,
    options({ allowFrom: ["alice"], groupAllowFrom: ["bob"] }),
  ],
  [
    "an empty group list is a list",
    { allowFrom: ["alice"], groupAllowFrom: [] },
    {},
    undefined,
    options({ allowFrom: ["alice"], groupAllowFrom: [] }),
  ],
  [
    "open without a list means everyone",
    { dmPolicy: "open" },
    {},
    undefined,
    options({ dmPolicy: "open", allowFrom: ["*"] }),
  ],
  [
    "open with a list means the list",
    { dmPolicy: "open", allowFrom: ["alice"] },
    {},
    undefined,
    options({ dmPolicy: "open", allowFrom: ["alice"], groupAllowFrom: ["alice"] }),
  ],
  [
    "an open door for direct messages leaves the groups shut",
    { dmPolicy: "open", allowFrom: ["*"] },
    {},
    undefined,
    options({ dmPolicy: "open", allowFrom: ["*"] }),
  ],
  [
    "an account inherits the channel's options",
    {},
    { dmPolicy: "disabled", groupPolicy: "open", allowFrom: ["alice"] },
    undefined,
    options({ dmPolicy: "disabled", groupPolicy: "open", allowFrom: ["alice"], groupAllowFrom: ["alice"] }),
  ],
  [
    "an account's option replaces the channel's, an empty list included",
    { dmPolicy: "allowlist", allowFrom: [] },
    { dmPolicy: "open", allowFrom: ["*"] },
    undefined,
    options({ dmPolicy: "allowlist" }),
  ],
  [
    "the host's default group policy holds where none is written",
    { dmPolicy: "pairing" },
    {},
    "open",
    options({ groupPolicy: "open" }),
  ],
  [
    "a written group policy wins over the host's default",
    { groupPolicy: "disabled" },
    {},
    "open",
    options({ groupPolicy: "disabled" }),
  ],
];

for (const [name, account, channel, hostDefault, expected] of cases) {
  test(name, () => assert.deepEqual(resolveAccess(account, channel, hostDefault), expected));
}

test("no combination of options admits a stranger to a whitelisted account", () => {
  for (const dmPolicy of [undefined, "pairing", "allowlist", "open", "disabled"])
    for (const groupPolicy of [undefined, "allowlist", "open", "disabled"])
      for (const allowFrom of [undefined, [], ["*"], ["mallory"]])
        for (const hostDefault of [undefined, "open"]) {
          const account = { dmPolicy, groupPolicy, allowFrom, groupAllowFrom: allowFrom, inboundWhitelist: ["alice"] };
          const access = resolveAccess(account, account, hostDefault);
          assert.ok(["allowlist", "disabled"].includes(access.dmPolicy));
          assert.ok(["allowlist", "disabled"].includes(access.groupPolicy));
          assert.deepEqual([access.allowFrom, access.groupAllowFrom], [["alice"], ["alice"]]);
        }
});
