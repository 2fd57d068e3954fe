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
  /** Other accounts whose names the host reads as the same name. None of them can run. */
  namesakes: string[];
  access: AccessPolicy;
  contextVisibility: ContextVisibility;
  config: Block;
}

export function listAccountIds(cfg: unknown): string[] {
  return [...accountBlocks(channelBlock(cfg)).keys()];
}

/**
 * The name in the configuration for an id the host may have normalized. Strict otherwise: an unknown or absent id names
 * no account, and neither does one that the host may have made of several names.
 */
export function storedAccountId(cfg: unknown, accountId?: string | null): string | undefined {
  const id = accountId?.trim();
  if (!id) return undefined;
  const same = namesLike(cfg, id);
  if (same.length === 1) return same[0];
  return same.includes(id) && id !== normalizeAccountId(id) ? id : undefined;
}

/** The names that the host cannot tell from this one, itself included. */
function namesLike(cfg: unknown, id: string): string[] {
  return listAccountIds(cfg).filter((name) => normalizeAccountId(name) === normalizeAccountId(id));
}

/** The block of an account; undefined when there is no such account. */
export function accountBlock(cfg: unknown, accountId?: string | null): Block | undefined {
  const name = storedAccountId(cfg, accountId);
  return name === undefined ? undefined : accountBlocks(channelBlock(cfg)).get(name);
}

/** An account; an unknown one is disabled and lacks everything. */
export function resolveAccount(cfg: unknown, accountId?: string | null): Account {
  const channel = channelBlock(cfg);
  const blocks = accountBlocks(channel);
  const given = accountId?.trim() ?? "";
  // An account that shares its name is described as well, so that the status can say why it does not run.
  const name = storedAccountId(cfg, given) ?? (blocks.has(given) ? given : undefined);
  const block = (name === undefined ? undefined : blocks.get(name)) ?? {};
  const options = readAccountOptions(block, channel);
  return {
    ...options,
    accountId: name ?? accountId ?? "",
    namesakes: name === undefined ? [] : namesLike(cfg, name).filter((other) => other !== name),
    enabled: name !== undefined && options.enabled,
    access: readAccess(block, channel, readOwn("groupPolicy", hostDefaults(cfg))),
    contextVisibility:
      readOption("contextVisibility", block, channel) ?? readOwn("contextVisibility", hostDefaults(cfg)) ?? "all",
    config: block,
  };
}

export function isConfigured(account: Account): boolean {
  return account.missing.length === 0 && account.namesakes.length === 0;
}

/** Nothing but the token is missing: the account starts and waits for one. */
export function waitsForToken(account: Account): boolean {
  return (
    account.namesakes.length === 0 &&
    account.missing.includes("token") &&
    account.missing.every((option) => option === "token" || option === "userID")
  );
}

/** One sentence that names what is missing and where it belongs. */
export function unconfiguredReason(account: Account): string {
  const path = accountPath(account.accountId);
  if (account.namesakes.length > 0) {
    const others = account.namesakes.map((name) => `"${name}"`).join(", ");
    return `OpenClaw cannot tell its name from ${others}: rename one of them under channels.${CHANNEL_ID}.accounts`;
  }
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
