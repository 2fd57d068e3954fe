// The status adapter: what `openclaw channels status` shows of an account, and its issues with a remedy for each.

import type { ChannelAccountSnapshot, ChannelStatusIssue } from "openclaw/plugin-sdk/channel-contract";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import { type Account, isConfigured, unconfiguredReason } from "../config/account.js";
import { describeAccount } from "./config.js";
import { codeIn, failureOf } from "../status/failures.js";
import { CHANNEL_ID } from "../names.js";
import { readTrust, serverTrust, trustProblems } from "../status/server-trust.js";

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
    ...trustOf(account.accountId),
  }),
  collectStatusIssues: (accounts) => accounts.flatMap(statusIssues),
};

/** The snapshot's field for findings; it reaches the process that prints the status. */
function trustOf(accountId: string): Pick<ChannelAccountSnapshot, "audit"> {
  const audit = serverTrust(accountId);
  return audit === undefined ? {} : { audit };
}

function statusIssues(account: ChannelAccountSnapshot): ChannelStatusIssue[] {
  if (account.enabled === false) return [];
  const issue = { channel: CHANNEL_ID, accountId: account.accountId };
  const trust = trustProblems(readTrust(account.audit)).map((problem): ChannelStatusIssue => {
    return { ...issue, kind: "permissions", ...problem };
  });
  return [...trust, ...connectionIssues(account, issue)];
}

function connectionIssues(
  account: ChannelAccountSnapshot,
  issue: Pick<ChannelStatusIssue, "channel" | "accountId">,
): ChannelStatusIssue[] {
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
