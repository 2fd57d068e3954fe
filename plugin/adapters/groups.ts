// The groups adapter: whether the bot answers in groups only when mentioned.

import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import { type Account, resolveAccount } from "../config/account.js";

export const groupsAdapter: NonNullable<ChannelPlugin<Account>["groups"]> = {
  resolveRequireMention: ({ cfg, accountId }) => resolveAccount(cfg, accountId).requireMention,
};
