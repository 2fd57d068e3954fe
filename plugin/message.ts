// The modern message adapter, derived from the outbound one: the same sends, with receipts.

import { createChannelMessageAdapterFromOutbound } from "openclaw/plugin-sdk/channel-outbound";

import { CHANNEL_ID } from "./names.js";
import { outboundAdapter } from "./outbound.js";

export const messageAdapter = createChannelMessageAdapterFromOutbound({
  id: CHANNEL_ID,
  outbound: outboundAdapter,
  // The native side acknowledges a message itself, when a turn has adopted it.
  receive: { defaultAckPolicy: "manual", supportedAckPolicies: ["manual"] },
});
