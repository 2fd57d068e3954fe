// The mentions adapter: takes the mention of the bot off a text.

import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import { type Account, resolveAccount } from "../config/account.js";
import { stripSelfMention } from "../conversation/mention.js";

export const mentionsAdapter: NonNullable<ChannelPlugin<Account>["mentions"]> = {
  stripMentions: ({ text, ctx, cfg }) => {
    const selfId = resolveAccount(cfg, ctx.AccountId).userID;
    return selfId ? stripSelfMention(text, selfId) : text;
  },
};
