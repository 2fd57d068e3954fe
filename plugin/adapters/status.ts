// The status adapter: what `openclaw channels status` shows of an account, and its issues with a remedy for each.

import type { ChannelAccountSnapshot, ChannelStatusIssue } from "openclaw/plugin-sdk/channel-contract";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import { type Account, isConfigured, unconfiguredReason } from "../config/account.js";
import { describeAccount } from "./config.js";
import { codeIn, failureOf } from "../status/failures.js";
import { CHANNEL_ID } from "../names.js";

export const statusAdapter: NonNullable<ChannelPlugin<Account>["status"]> = {
  defaultRuntime: {
    accountId: "default",
    running: false,
    connected: false,
    lastStartAt: null,
    lastStopAt: null,
    lastError: null,
  },
  buildAccountSnapshot: ({ account, runtime, probe }) => ({
    ...runtime,
    ...describeAccount(account),
    ...(isConfigured(account) || !account.enabled ? {} : { lastError: unconfiguredReason(account) }),
    ...(probe === undefined ? {} : { probe }),
  }),
  collectStatusIssues: (accounts) => accounts.flatMap(statusIssues),
};

function statusIssues(account: ChannelAccountSnapshot): ChannelStatusIssue[] {
  if (account.enabled === false) return [];
  const issue = { channel: CHANNEL_ID, accountId: account.accountId };
  if (account.configured === false) {
    return [
      {
        ...issue,
        kind: "config",
        message: account.lastError ?? "not configured",
        fix: "Set it and save: the account starts by itself.",
      },
    ];
  }
  if (!account.lastError || account.connected) return [];
  const { kind, fix } = failureOf(codeIn(account.lastError));
  // The host repeats the error of a blocked account by itself; only a remedy adds something.
  if (account.terminalDisconnect && !fix) return [];
  return [{ ...issue, kind, message: account.lastError, ...(fix ? { fix } : {}) }];
}
