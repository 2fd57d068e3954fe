// Finds and reads one account of the host's configuration. There is no default account, and none stands in for another.

import { normalizeAccountId } from "openclaw/plugin-sdk/account-id";

import { CHANNEL_ID } from "../names.js";
import { type AccountOptions, readAccountOptions } from "./account-options.js";
import type { OptionValue } from "./option-table.js";
import type { Block } from "./option-types.js";
import { accountBlocks, channelBlock, hostDefaults, readOption, readOwn } from "./options.js";
import { type AccessPolicy, readAccess } from "./policy.js";

/** What of others the agent may read beside a message; the host's own option. */
export type ContextVisibility = OptionValue<"contextVisibility">;

/** One account as the adapters see it. The account block itself stays in `config`, for the addon. */
export interface Account extends AccountOptions {
  accountId: string;
  access: AccessPolicy;
  contextVisibility: ContextVisibility;
  config: Block;
}

export function listAccountIds(cfg: unknown): string[] {
  return [...accountBlocks(channelBlock(cfg)).keys()];
}

/**
 * The name in the configuration for an id the host may have normalized. Strict otherwise: an unknown or absent id names
 * no account.
 */
export function storedAccountId(cfg: unknown, accountId?: string | null): string | undefined {
  const id = accountId?.trim();
  if (!id) return undefined;
  const names = listAccountIds(cfg);
  if (names.includes(id)) return id;
  const same = names.filter((name) => normalizeAccountId(name) === normalizeAccountId(id));
  return same.length === 1 ? same[0] : undefined;
}

/** The block of an account; undefined when there is no such account. */
export function accountBlock(cfg: unknown, accountId?: string | null): Block | undefined {
  const name = storedAccountId(cfg, accountId);
  return name === undefined ? undefined : accountBlocks(channelBlock(cfg)).get(name);
}

/** An account; an unknown one is disabled and lacks everything. */
export function resolveAccount(cfg: unknown, accountId?: string | null): Account {
  const name = storedAccountId(cfg, accountId);
  const block = accountBlock(cfg, accountId) ?? {};
  const channel = channelBlock(cfg);
  const options = readAccountOptions(block, channel);
  return {
    ...options,
    accountId: name ?? accountId ?? "",
    enabled: name !== undefined && options.enabled,
    access: readAccess(block, channel, readOwn("groupPolicy", hostDefaults(cfg))),
    contextVisibility:
      readOption("contextVisibility", block, channel) ?? readOwn("contextVisibility", hostDefaults(cfg)) ?? "all",
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
  const path = accountPath(account.accountId);
  if (waitsForToken(account) && account.tokenStatus === "configured_unavailable") {
    return `token is a reference that could not be resolved: see ${path}.token and "openclaw secrets audit"`;
  }
  const missing = account.missing.filter((option) => option !== "userID");
  if (missing.length > 0) return `${missing.join(", ")} missing: set it under ${path}`;
  return `userID missing: set ${path}.userID, the token carries no UserID claim`;
}

/** Where an account is in the configuration. */
export function accountPath(accountId: string): string {
  return `channels.${CHANNEL_ID}.accounts.${accountId}`;
}
