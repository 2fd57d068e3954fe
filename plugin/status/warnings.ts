// Warnings about a configuration that works, but perhaps not as meant: one sentence each, logged once.

import { DEFAULT_ACCOUNT_ID, normalizeAccountId } from "openclaw/plugin-sdk/account-id";

import {
  type Account,
  accountPath,
  isConfigured,
  listAccountIds,
  resolveAccount,
  unconfiguredReason,
} from "../config/account.js";
import { channelProblems } from "../config/channel-problems.js";
import { isClearText } from "../config/addresses.js";
import { channelBlock, readOwn } from "../config/options.js";
import { asBlock } from "../config/option-types.js";
import { ambiguousEntries } from "../config/privileges.js";
import { readPolicyOptions } from "../config/policy.js";
import { CHANNEL_ID } from "../names.js";

/** Warnings remembered as given; the oldest are forgotten first. */
const MAX_REMEMBERED = 256;
const given = new Set<string>();

/** Gives each warning once per evaluation of the plugin. */
export function warnOnce(log: { warn(message: string): void } | undefined, warnings: string[]): void {
  for (const warning of warnings) {
    if (!log || given.has(warning)) continue;
    given.add(warning);
    if (given.size > MAX_REMEMBERED) given.delete(given.values().next().value ?? "");
    log.warn(warning);
  }
}

/** Warnings about the channel block itself. */
export function channelWarnings(cfg: unknown): string[] {
  const channel = channelBlock(cfg);
  const noAccount = Object.keys(asBlock(channel["accounts"])).length === 0 && Object.keys(channel).length > 0;
  const problems = [
    ...channelProblems(channel),
    ...(noAccount ? ["no account is configured: add one under accounts.<name>"] : []),
  ];
  return [...problems.map((problem) => `channels.${CHANNEL_ID}: ${problem}.`), ...privilegeWarnings(cfg)];
}

function privilegeWarnings(cfg: unknown): string[] {
  return ambiguousEntries(cfg).map(
    ({ path, id }) =>
      `${path} names "${id}" without an account. The accounts of ${CHANNEL_ID} are on several servers, so in this ` +
      `channel the entry matches nobody: write "${CHANNEL_ID}:<account>/${id}".`,
  );
}

/** Warnings about one account. */
export function accountWarnings(account: Account): string[] {
  const name = `${CHANNEL_ID} account "${account.accountId}"`;
  if (!account.enabled) return [];
  if (!isConfigured(account)) return [`${name} is skipped: ${unconfiguredReason(account)}.`];
  return [...nameWarnings(account), ...clearTextWarnings(account, name), ...accessWarnings(account, name)];
}

/** All of them, in the order of the configuration. */
export function configWarnings(cfg: unknown): string[] {
  const accounts = listAccountIds(cfg).map((id) => resolveAccount(cfg, id));
  return [...channelWarnings(cfg), ...accounts.flatMap(accountWarnings)];
}

/** A name without Latin letters or digits is nothing to the host, which then says "default". */
function nameWarnings({ accountId }: Account): string[] {
  if (accountId === DEFAULT_ACCOUNT_ID || normalizeAccountId(accountId) !== DEFAULT_ACCOUNT_ID) return [];
  return [
    `${CHANNEL_ID} account "${accountId}": OpenClaw reads this name as "${DEFAULT_ACCOUNT_ID}". ` +
      `Give the account a name with Latin letters or digits.`,
  ];
}

function clearTextWarnings({ accountId, config }: Account, name: string): string[] {
  const plain = (["wsAddr", "apiAddr"] as const).filter((option) => isClearText(readOwn(option, config)));
  if (plain.length === 0) return [];
  return [
    `${name}: ${plain.join(" and ")} of ${accountPath(accountId)} sends the token and all messages in clear text: ` +
      `everybody on the way can read them and write as anybody. Use wss:// and https://.`,
  ];
}

function accessWarnings(account: Account, name: string): string[] {
  const path = accountPath(account.accountId);
  const { rule, dmPolicy, groupPolicy, allowFrom, groupAllowFrom } = account.access;
  if (rule === "defaults") {
    return [
      `${name} answers nobody yet: a direct message gets a pairing code, a group message no answer. ` +
        `Approve with "openclaw pairing approve", or open it with ${path}.allowFrom and ${path}.groupAllowFrom, ` +
        `or with dmPolicy and groupPolicy.`,
    ];
  }
  if (rule === "whitelist") {
    if (allowFrom.length === 0) {
      return [`${name} answers nobody: no entry of ${path}.inboundWhitelist is a user id.`];
    }
    const options = readPolicyOptions(account.config);
    const unused = (["allowFrom", "groupAllowFrom"] as const).filter((option) => options[option]?.length);
    const widened = (["dmPolicy", "groupPolicy"] as const).filter(
      (o) => options[o] === "open" || options[o] === "pairing",
    );
    const ignored = [...unused, ...widened];
    return ignored.length === 0
      ? []
      : [
          `${name}: inboundWhitelist names everyone who may trigger it, so ${ignored.join(", ")} has no effect: ` +
            `remove ${path}.inboundWhitelist to use it.`,
        ];
  }
  return [
    ...(dmPolicy === "open" && !allowFrom.includes("*")
      ? [`${name}: dmPolicy "open" with a list admits only the list: add "*" to ${path}.allowFrom to admit everyone.`]
      : []),
    ...(groupPolicy === "allowlist" && groupAllowFrom.length === 0 && account.config["groupPolicy"] === "allowlist"
      ? [`${name}: groupPolicy "allowlist" with an empty list answers nobody: fill ${path}.groupAllowFrom.`]
      : []),
  ];
}
