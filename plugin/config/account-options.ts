// One account as its block and the channel's block describe it. Pure: the addon's script uses it as well.

import { readChannelOption, readOption, readOwn } from "./options.js";
import type { OptionValue } from "./option-table.js";
import { type Block, isBlock } from "./option-types.js";
import { readTokenClaims } from "./token-claims.js";

/** OpenIM counts a login without a platform of its own as the web. */
const DEFAULT_PLATFORM = 5;

/** Without these options an account cannot log in. */
const REQUIRED = ["token", "wsAddr", "apiAddr"] as const;

/** What an account does with messages that were sent while it was offline. */
export type OfflineMode = OptionValue<"offline.mode">;

export interface AccountOptions {
  enabled: boolean;
  /** The options without which the account is skipped. */
  missing: string[];
  tokenStatus: "available" | "configured_unavailable" | "missing";
  userID: string | undefined;
  platformID: number;
  requireMention: boolean;
  respondToMentionAll: boolean;
  inboundWhitelist: string[];
  disableFriendSdk: boolean;
  /** Messages of each conversation that count at the very first start. */
  firstStart: number;
  offline: { mode: OfflineMode; maxAgeMinutes: number; maxPerConversation: number };
  /** Largest file in or out, in MiB, if the operator set one. */
  mediaMaxMb: number | undefined;
}

export function readAccountOptions(account: Block, channel: Block): AccountOptions {
  const claims = readTokenClaims(readOwn("token", account) ?? "");
  const userID = readOwn("userID", account) ?? claims.userID;
  return {
    enabled: readChannelOption("enabled", channel) && readOption("enabled", account, channel),
    missing: [...REQUIRED.filter((option) => !readOwn(option, account)), ...(userID ? [] : ["userID"])],
    tokenStatus: tokenStatus(account["token"]),
    userID,
    platformID: readOwn("platformID", account) ?? claims.platformID ?? DEFAULT_PLATFORM,
    requireMention: readOption("requireMention", account, channel),
    respondToMentionAll: readOption("respondToMentionAll", account, channel),
    inboundWhitelist: readOption("inboundWhitelist", account, channel),
    disableFriendSdk: readOption("disableFriendSdk", account, channel),
    firstStart: readOption("firstStart", account, channel),
    offline: {
      mode: readOption("offline.mode", account, channel),
      maxAgeMinutes: readOption("offline.maxAgeMinutes", account, channel),
      maxPerConversation: readOption("offline.maxPerConversation", account, channel),
    },
    mediaMaxMb: readOption("mediaMaxMb", account, channel),
  };
}

function tokenStatus(token: unknown): AccountOptions["tokenStatus"] {
  if (typeof token === "string" && token.trim()) return "available";
  return isBlock(token) ? "configured_unavailable" : "missing";
}
