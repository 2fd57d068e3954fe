// The security adapter: the policy in force for direct messages, how to approve a stranger, and what deserves a warning.

import { identityEntryAuthenticationClassifier } from "openclaw/plugin-sdk/channel-ingress-runtime";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import { type Account, accountPath, isConfigured, resolveAccount, waitsForToken } from "../config/account.js";
import { identity } from "../inbound/ingress.js";
import { CHANNEL_ID } from "../names.js";
import { normalizeUserEntry } from "../config/targets.js";
import { accountFindings, channelFindings } from "../status/audit.js";
import { accountWarnings } from "../status/warnings.js";

export const securityAdapter: NonNullable<ChannelPlugin<Account>["security"]> = {
  resolveDmPolicy: (ctx) => {
    const account = accountOf(ctx);
    const path = `${accountPath(account.accountId)}.`;
    const list = account.access.rule === "whitelist" ? "inboundWhitelist" : "allowFrom";
    return {
      policy: account.access.dmPolicy,
      allowFrom: account.access.allowFrom,
      policyPath: `${path}dmPolicy`,
      allowFromPath: path,
      approveHint: `Approve via: openclaw pairing approve ${CHANNEL_ID} <code> --account ${account.accountId}, or add the user id to ${path}${list}`,
      normalizeEntry: normalizeUserEntry,
      classifyEntryAuthentication: identityEntryAuthenticationClassifier(identity),
    };
  },
  collectWarnings: (ctx) => accountWarnings(accountOf(ctx)),
  collectAuditFindings: (ctx) => [
    // The host asks once per account; what concerns the whole channel is said with the first one.
    ...(ctx.accountId === firstAsked(ctx) ? channelFindings(ctx.cfg) : []),
    ...accountFindings(accountOf(ctx)),
  ],
};

/** The host begins with the id "default", whether there is such an account or not, and asks about none that cannot run. */
function firstAsked({ cfg, orderedAccountIds }: { cfg: unknown; orderedAccountIds: string[] }): string | undefined {
  return orderedAccountIds.find((id) => {
    const account = resolveAccount(cfg, id);
    return account.enabled && (isConfigured(account) || waitsForToken(account));
  });
}

/** Doctor and audit may hand over an inspection result instead of a resolved account. */
function accountOf({
  cfg,
  account,
  accountId,
}: {
  cfg: unknown;
  account: Account;
  accountId?: string | null;
}): Account {
  return resolveAccount(cfg, accountId ?? account.accountId);
}
