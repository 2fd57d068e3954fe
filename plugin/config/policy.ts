// Who may trigger an account: from the options an operator wrote to the inputs of the host's ingress. Pure.

import type { OptionValue } from "./option-table.js";
import type { Block } from "./option-types.js";
import { readOwn } from "./options.js";

export type DmPolicy = OptionValue<"dmPolicy">;
export type GroupPolicy = OptionValue<"groupPolicy">;

/** The options, as a channel block or an account block may hold them. */
export interface PolicyOptions {
  dmPolicy?: DmPolicy;
  groupPolicy?: GroupPolicy;
  allowFrom?: string[];
  groupAllowFrom?: string[];
}

export interface AccountPolicyOptions extends PolicyOptions {
  inboundWhitelist?: string[];
  /** A whitelist is written, although it may name nobody. Left out, whether the list has an entry. */
  hasWhitelist?: boolean;
}

/** Which rule decided: the whitelist, the policies an operator wrote, or the safe defaults. */
export type PolicyRule = "whitelist" | "options" | "defaults";

export interface AccessPolicy {
  rule: PolicyRule;
  dmPolicy: DmPolicy;
  groupPolicy: GroupPolicy;
  allowFrom: string[];
  groupAllowFrom: string[];
}

const EVERYONE = "*";

/** The policy options of one block alone. */
export function readPolicyOptions(block: Block): PolicyOptions {
  const dmPolicy = readOwn("dmPolicy", block);
  const groupPolicy = readOwn("groupPolicy", block);
  const allowFrom = readOwn("allowFrom", block);
  const groupAllowFrom = readOwn("groupAllowFrom", block);
  return {
    ...(dmPolicy ? { dmPolicy } : {}),
    ...(groupPolicy ? { groupPolicy } : {}),
    ...(allowFrom ? { allowFrom } : {}),
    ...(groupAllowFrom ? { groupAllowFrom } : {}),
  };
}

/** The policy of an account, from its block, the channel's, and the host's default for all channels. */
export function readAccess(account: Block, channel: Block, hostGroupPolicy?: GroupPolicy): AccessPolicy {
  const own = {
    ...readPolicyOptions(account),
    inboundWhitelist: readOwn("inboundWhitelist", account) ?? [],
    hasWhitelist: hasWhitelist(account),
  };
  return resolveAccess(own, readPolicyOptions(channel), hostGroupPolicy);
}

/** Anything but an empty list is meant to keep people out, even if no entry is an id. */
function hasWhitelist(account: Block): boolean {
  const written = account["inboundWhitelist"];
  return Array.isArray(written) ? written.length > 0 : written !== undefined && written !== null;
}

/**
 * Resolves the policy of one account. An account's option replaces the channel's, an empty list included.
 * `hostGroupPolicy` is the host's default for all channels, if the operator set one.
 */
export function resolveAccess(
  account: AccountPolicyOptions,
  channel: PolicyOptions = {},
  hostGroupPolicy?: GroupPolicy,
): AccessPolicy {
  const dmPolicy = account.dmPolicy ?? channel.dmPolicy;
  const groupPolicy = account.groupPolicy ?? channel.groupPolicy;
  const whitelist = account.inboundWhitelist ?? [];
  if (account.hasWhitelist ?? whitelist.length > 0) return byWhitelist(whitelist, dmPolicy, groupPolicy);

  const allowFrom = account.allowFrom ?? channel.allowFrom ?? [];
  const groupAllowFrom = account.groupAllowFrom ?? channel.groupAllowFrom;
  const written = dmPolicy ?? groupPolicy ?? (allowFrom.length > 0 ? allowFrom : groupAllowFrom?.length);
  return {
    rule: written ? "options" : "defaults",
    dmPolicy: dmPolicy ?? "pairing",
    groupPolicy: groupPolicy ?? hostGroupPolicy ?? "allowlist",
    // The host reads "open" as "whoever the list admits"; an operator who wrote no list means everyone.
    allowFrom: dmPolicy === "open" && allowFrom.length === 0 ? [EVERYONE] : allowFrom,
    // A wildcard for direct messages must not open the groups as well.
    groupAllowFrom: groupAllowFrom ?? allowFrom.filter((entry) => entry !== EVERYONE),
  };
}

/**
 * The rule of version 0.1: a list that is not empty names everyone who may trigger, direct and in groups. A policy beside
 * it can only turn one of the two off. A wildcard was never a user id, so it admits nobody.
 */
function byWhitelist(whitelist: string[], dmPolicy?: DmPolicy, groupPolicy?: GroupPolicy): AccessPolicy {
  const listed = whitelist.filter((entry) => entry !== EVERYONE);
  return {
    rule: "whitelist",
    dmPolicy: dmPolicy === "disabled" ? "disabled" : "allowlist",
    groupPolicy: groupPolicy === "disabled" ? "disabled" : "allowlist",
    allowFrom: listed,
    groupAllowFrom: listed,
  };
}
