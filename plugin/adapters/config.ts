// The config adapter: which accounts there are and whether each can run.

import type { ChannelAccountSnapshot } from "openclaw/plugin-sdk/channel-contract";
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";

import {
  type Account,
  isConfigured,
  listAccountIds,
  resolveAccount,
  storedAccountId,
  unconfiguredReason,
  waitsForToken,
} from "../config/account.js";
import { asBlock, type Block } from "../config/option-types.js";
import { channelBlock } from "../config/options.js";
import { formatAllowFrom } from "../config/privileges.js";
import { CHANNEL_ID } from "../names.js";

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
  formatAllowFrom,
  hasConfiguredState: ({ cfg }) => listAccountIds(cfg).some((id) => isConfigured(resolveAccount(cfg, id))),
  setAccountEnabled: ({ cfg, accountId, enabled }) =>
    editAccounts(cfg, accountId, (accounts, name) => ({
      ...accounts,
      [name]: { ...asBlock(accounts[name]), enabled },
    })),
  deleteAccount: ({ cfg, accountId }) =>
    editAccounts(cfg, accountId, (accounts, name) =>
      Object.fromEntries(Object.entries(accounts).filter(([id]) => id !== name)),
    ),
};

function editAccounts(
  cfg: OpenClawConfig,
  accountId: string,
  edit: (accounts: Block, name: string) => Block,
): OpenClawConfig {
  const name = storedAccountId(cfg, accountId);
  if (name === undefined) return cfg;
  const channel = channelBlock(cfg);
  const accounts = edit(asBlock(channel["accounts"]), name);
  return { ...cfg, channels: { ...cfg.channels, [CHANNEL_ID]: { ...channel, accounts } } };
}
