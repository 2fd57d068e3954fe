// The descriptor's view of the configuration: which accounts there are, and whether each can log in.

import type { ChannelPluginContext, ResolvedAccount } from "multi-openim-channel";

import { type AccountOptions, readAccountOptions } from "../../plugin/config/account-options.js";
import { channelProblems } from "../../plugin/config/channel-problems.js";
import { asBlock, type Block } from "../../plugin/config/option-types.js";
import { accountBlocks, readChannelOption } from "../../plugin/config/options.js";
import { CHANNEL_ID } from "../../plugin/names.js";
import type { Native } from "./native.js";
import { errorWords, isObject } from "./values.js";

/** One account of the configuration. */
export interface ConfiguredAccount {
  accountId: string;
  block: Block;
  options: AccountOptions;
  login: Login;
}

/** What the block says about the login, as Rust reads it. */
type Login = { userID: string; platformID: number; problem?: undefined } | { problem: string };

export type AccountConfig = ReturnType<typeof createAccountConfig>;

export function createAccountConfig(native: Native, ctx: ChannelPluginContext) {
  /** The channel's block of a whole host config, of a bare block, or the one given at creation. */
  function channelOf(cfg: unknown): Block {
    if (isObject(cfg) && isObject(cfg["channels"])) return asBlock(cfg["channels"][CHANNEL_ID]);
    if (isObject(cfg) && isObject(cfg["accounts"])) return cfg;
    return asBlock(ctx.channel ?? asBlock(asBlock(ctx.cfg)["channels"])[CHANNEL_ID]);
  }

  /** The block, or why it cannot be read. Rust gets it as JSON, so it must be JSON. */
  function read(cfg: unknown): { channel: Block; unreadable?: string } {
    const channel = channelOf(cfg);
    try {
      JSON.stringify(channel);
      return { channel };
    } catch (error) {
      const [reason] = errorWords(error).split("\n");
      return { channel: {}, unreadable: `channels.${CHANNEL_ID} cannot be read (${reason}); write it as plain JSON` };
    }
  }

  function accountIn(channel: Block, accountId: unknown): ConfiguredAccount | undefined {
    const block = typeof accountId === "string" ? accountBlocks(channel).get(accountId) : undefined;
    if (typeof accountId !== "string" || !block) return undefined;
    return { accountId, block, options: readAccountOptions(block, channel), login: checkLogin(accountId, block) };
  }

  function checkLogin(accountId: string, block: unknown): Login {
    return JSON.parse(native.checkLogin(accountId, JSON.stringify(block))) as Login;
  }

  /** Strict: an account that is not named in the configuration does not exist. */
  function find(cfg: unknown, accountId: unknown): ConfiguredAccount | undefined {
    return accountIn(read(cfg).channel, accountId);
  }

  function listAccountIds(cfg?: unknown): string[] {
    return [...accountBlocks(read(cfg).channel).keys()];
  }

  function resolveAccount(cfg: unknown, accountId?: string | null): ResolvedAccount {
    const account = find(cfg, accountId);
    if (!account) return { accountId: accountId ?? null, enabled: false, configured: false } as ResolvedAccount;
    const { block, options, login } = account;
    const resolved = {
      accountId: account.accountId,
      enabled: options.enabled,
      configured: login.problem === undefined,
      userID: login.problem === undefined ? login.userID : null,
      platformID: login.problem === undefined ? login.platformID : null,
      wsAddr: (block["wsAddr"] ?? null) as string,
      apiAddr: (block["apiAddr"] ?? null) as string,
      requireMention: options.requireMention,
      inboundWhitelist: options.inboundWhitelist,
      disableFriendSdk: options.disableFriendSdk,
      firstStart: options.firstStart,
      offline: options.offline,
    };
    // The token can be asked for and is absent from spreads, JSON and logs.
    return Object.defineProperty(resolved, "token", { value: block["token"] }) as ResolvedAccount;
  }

  function isEnabled(account: unknown): boolean {
    return isObject(account) && account["enabled"] !== false;
  }

  function isConfigured(account: unknown): boolean {
    if (!isObject(account)) return false;
    const known = account["configured"];
    return typeof known === "boolean" ? known : checkLogin("", account).problem === undefined;
  }

  function describeAccount(account: { accountId?: string } | null | undefined) {
    return {
      accountId: (account?.accountId ?? null) as string,
      enabled: isEnabled(account),
      configured: isConfigured(account),
    };
  }

  /** What is wrong with the configuration given at creation: one sentence each. */
  function problems(): string[] {
    const { channel, unreadable } = read(undefined);
    if (unreadable !== undefined) return [unreadable];
    const accounts = [...accountBlocks(channel).keys()].flatMap((id) => accountIn(channel, id) ?? []);
    const broken = accounts.flatMap(({ options, login }) => (options.enabled && login.problem) || []);
    return [...channelProblems(channel), ...broken];
  }

  return {
    adapter: { listAccountIds, resolveAccount, isEnabled, isConfigured, describeAccount },
    find,
    problems,
    tokenRefresh: (cfg: unknown): unknown => read(cfg).channel["tokenRefresh"],
    healthCheckIntervalMinutes: (): number => readChannelOption("healthCheckIntervalMinutes", read(undefined).channel),
  };
}
