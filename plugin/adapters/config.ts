// The config adapter: which accounts there are and whether each can run. There is no default account.

import { normalizeAccountId } from "openclaw/plugin-sdk/account-id";
import type { ChannelAccountSnapshot } from "openclaw/plugin-sdk/channel-contract";
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";

import { CHANNEL_ID } from "../names.js";
import {
  accountBlocks,
  type Block,
  channelBlock,
  type ContextVisibility,
  hostGroupPolicy,
  isBlock,
  type OfflineMode,
  readAccountPolicyOptions,
  readContextVisibility,
  readFlag,
  readOfflineMode,
  readPolicyOptions,
  readPositive,
  readText,
} from "../config/options.js";
import { type AccessPolicy, resolveAccess } from "../config/policy.js";
import { readTokenClaims } from "../config/token-claims.js";

/** Every login of a client without a platform of its own counts as the web. */
const DEFAULT_PLATFORM = 5;

const LOGIN_OPTIONS = ["token", "wsAddr", "apiAddr"] as const;

/** One account as the adapters see it. The account block itself stays in `config`, for the addon. */
export interface Account {
  accountId: string;
  enabled: boolean;
  /** The options without which the account is skipped. */
  missing: string[];
  tokenStatus: "available" | "configured_unavailable" | "missing";
  userID: string | undefined;
  platformID: number;
  requireMention: boolean;
  offlineMode: OfflineMode;
  access: AccessPolicy;
  contextVisibility: ContextVisibility;
  /** Largest file in or out, in MiB, if the operator set one. */
  mediaMaxMb: number | undefined;
  config: Block;
}

export function listAccountIds(cfg: unknown): string[] {
  return [...accountBlocks(cfg).keys()];
}

/**
 * The name in the configuration for an id the host may have normalized. Strict otherwise: an unknown or absent id names
 * no account, and no other account stands in for it.
 */
export function storedAccountId(cfg: unknown, accountId?: string | null): string | undefined {
  const id = accountId?.trim();
  if (!id) return undefined;
  const names = listAccountIds(cfg);
  if (names.includes(id)) return id;
  const same = names.filter((name) => normalizeAccountId(name) === normalizeAccountId(id));
  return same.length === 1 ? same[0] : undefined;
}

export function resolveAccount(cfg: unknown, accountId?: string | null): Account {
  const name = storedAccountId(cfg, accountId);
  const block = (name === undefined ? undefined : accountBlocks(cfg).get(name)) ?? {};
  const channel = channelBlock(cfg);
  const claims = readTokenClaims(readText(block["token"]) ?? "");
  const userID = readText(block["userID"]) ?? claims.userID;
  const platform = block["platformID"];
  return {
    accountId: name ?? accountId ?? "",
    enabled: name !== undefined && readFlag(channel["enabled"], true) && readFlag(block["enabled"], true),
    missing: [...LOGIN_OPTIONS.filter((option) => !readText(block[option])), ...(userID ? [] : ["userID"])],
    tokenStatus: tokenStatus(block["token"]),
    userID,
    platformID: typeof platform === "number" ? platform : (claims.platformID ?? DEFAULT_PLATFORM),
    requireMention: readFlag(block["requireMention"], true),
    offlineMode: readOfflineMode(block, channel),
    access: resolveAccess(readAccountPolicyOptions(block), readPolicyOptions(channel), hostGroupPolicy(cfg)),
    contextVisibility: readContextVisibility(block, channel, cfg),
    mediaMaxMb: readPositive(block["mediaMaxMb"]) ?? readPositive(channel["mediaMaxMb"]),
    config: block,
  };
}

export function isConfigured(account: Account): boolean {
  return account.missing.length === 0;
}

/** Nothing but the token is missing: the account starts and waits for one. */
export function waitsForToken(account: Account): boolean {
  return (
    account.missing.includes("token") && account.missing.every((option) => option === "token" || option === "userID")
  );
}

/** One sentence that names what is missing and where it belongs. */
export function unconfiguredReason(account: Account): string {
  const path = `channels.${CHANNEL_ID}.accounts.${account.accountId}`;
  if (waitsForToken(account) && account.tokenStatus === "configured_unavailable") {
    return `token is a reference that could not be resolved: see ${path}.token and "openclaw secrets audit"`;
  }
  const missing = account.missing.filter((option) => option !== "userID");
  if (missing.length > 0) return `${missing.join(", ")} missing: set it under ${path}`;
  return `userID missing: set ${path}.userID, the token carries no UserID claim`;
}

export function describeAccount(account: Account): ChannelAccountSnapshot {
  return {
    accountId: account.accountId,
    enabled: account.enabled,
    configured: isConfigured(account),
    tokenStatus: account.tokenStatus,
    dmPolicy: account.access.dmPolicy,
    allowUnmentionedGroups: !account.requireMention,
    ...(account.userID ? { identity: account.userID } : {}),
  };
}

export const configAdapter: ChannelPlugin<Account>["config"] = {
  listAccountIds,
  resolveAccount,
  inspectAccount: (cfg, accountId) => {
    const account = resolveAccount(cfg, accountId);
    const reference = account.tokenStatus === "configured_unavailable";
    return {
      ...describeAccount(account),
      // A token that is only a reference here may still be a good one in the gateway.
      configured: isConfigured(account) || (reference && waitsForToken(account)),
    };
  },
  // The host would otherwise take the first account for the default one.
  defaultAccountId: () => "default",
  isEnabled: (account) => account.enabled,
  disabledReason: () => "disabled",
  // No change of a token starts an account, so one without a token has to be running when it comes.
  isConfigured: (account) => isConfigured(account) || waitsForToken(account),
  unconfiguredReason,
  describeAccount,
  resolveAllowFrom: ({ cfg, accountId }) => resolveAccount(cfg, accountId).access.allowFrom,
  formatAllowFrom: ({ allowFrom }) => allowFrom.map((entry) => String(entry).trim()).filter(Boolean),
  hasConfiguredState: ({ cfg }) => listAccountIds(cfg).some((id) => isConfigured(resolveAccount(cfg, id))),
  setAccountEnabled: ({ cfg, accountId, enabled }) =>
    editAccounts(cfg, accountId, (accounts, name) => ({ ...accounts, [name]: { ...block(accounts[name]), enabled } })),
  deleteAccount: ({ cfg, accountId }) =>
    editAccounts(cfg, accountId, (accounts, name) =>
      Object.fromEntries(Object.entries(accounts).filter(([id]) => id !== name)),
    ),
};

function tokenStatus(token: unknown): Account["tokenStatus"] {
  if (readText(token)) return "available";
  return isBlock(token) ? "configured_unavailable" : "missing";
}

function editAccounts(
  cfg: OpenClawConfig,
  accountId: string,
  edit: (accounts: Block, name: string) => Block,
): OpenClawConfig {
  const name = storedAccountId(cfg, accountId);
  if (name === undefined) return cfg;
  const channel = channelBlock(cfg);
  const accounts = edit(block(channel["accounts"]), name);
  return { ...cfg, channels: { ...cfg.channels, [CHANNEL_ID]: { ...channel, accounts } } };
}

function block(value: unknown): Block {
  return isBlock(value) ? value : {};
}
