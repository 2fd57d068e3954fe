// Who may trigger an account: from the options an operator wrote to the inputs of the host's ingress. Pure.

export type DmPolicy = "pairing" | "allowlist" | "open" | "disabled";
export type GroupPolicy = "allowlist" | "open" | "disabled";

/** The options, as they may stand in a channel block or an account block. */
export interface PolicyOptions {
  dmPolicy?: DmPolicy;
  groupPolicy?: GroupPolicy;
  allowFrom?: string[];
  groupAllowFrom?: string[];
}

export interface AccountPolicyOptions extends PolicyOptions {
  inboundWhitelist?: string[];
}

/** Which rule decided: the original's whitelist, what the operator wrote, or the safe defaults. */
export type PolicyRule = "whitelist" | "options" | "defaults";

export interface AccessPolicy {
  rule: PolicyRule;
  dmPolicy: DmPolicy;
  groupPolicy: GroupPolicy;
  allowFrom: string[];
  groupAllowFrom: string[];
}

const EVERYONE = "*";

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
  if (whitelist.length > 0) return byWhitelist(whitelist, dmPolicy, groupPolicy);

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
 * The original's rule: a list that is not empty names everyone who may trigger, direct and in groups. A policy beside
 * it can only close a door. A wildcard was never a user id, so it admits nobody here either.
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
