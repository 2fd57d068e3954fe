// The bot answers in the conversation, not to one message: its answers quote nothing. Told so, the host asks for no
// quotes, and sends every answer through its queue, which survives a kill; answers that quote it would not.

import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import type { Account } from "./config.js";

export const threadingAdapter: NonNullable<ChannelPlugin<Account>["threading"]> = {
  resolveReplyToMode: () => "off",
  allowExplicitReplyTagsWhenOff: false,
};
