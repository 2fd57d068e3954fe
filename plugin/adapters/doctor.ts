// The doctor adapter: how `openclaw doctor` reads this channel's allow-lists, and what it warns about.

import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import type { Account } from "../config/account.js";
import { channelWarnings } from "../status/warnings.js";

export const doctorAdapter: NonNullable<ChannelPlugin<Account>["doctor"]> = {
  dmAllowFromMode: "topOnly",
  groupModel: "sender",
  groupAllowFromFallbackToAllowFrom: true,
  // The plugin warns about it itself, once and with the remedy.
  warnOnEmptyGroupSenderAllowlist: false,
  collectPreviewWarnings: ({ cfg }) => channelWarnings(cfg),
};
