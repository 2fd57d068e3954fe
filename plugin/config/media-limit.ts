// How large a file may be, in or out: the account's `mediaMaxMb`, the channel's, the host's for all channels, or ours.

import { resolveChannelMediaMaxBytes } from "openclaw/plugin-sdk/account-helpers";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";

import { resolveAccount } from "./account.js";
import { MEDIA_MAX_MB } from "../limits.js";

export function mediaMaxBytes(cfg: OpenClawConfig, accountId: string): number {
  // A part of an MB may be no whole number of bytes, and the host refuses those.
  return Math.floor(
    resolveChannelMediaMaxBytes({
      cfg,
      accountId,
      resolveChannelLimitMb: (params) => resolveAccount(params.cfg, params.accountId).mediaMaxMb,
    }) ?? MEDIA_MAX_MB * 1024 * 1024,
  );
}
