// The modern message adapter, derived from the outbound one: the same sends, with receipts, and after a crash the answer
// to whether one that was under way was sent.

import {
  type ChannelMessageAdapterShape,
  createChannelMessageAdapterFromOutbound,
} from "openclaw/plugin-sdk/channel-outbound";

import { CHANNEL_ID } from "../names.js";
import { outboundAdapter } from "./outbound.js";

const sends = createChannelMessageAdapterFromOutbound({
  id: CHANNEL_ID,
  outbound: outboundAdapter,
  // The native side acknowledges a message itself, when a turn has adopted it.
  receive: { defaultAckPolicy: "manual", supportedAckPolicies: ["manual"] },
});

export const messageAdapter = {
  ...sends,
  durableFinal: {
    capabilities: { ...outboundAdapter.deliveryCapabilities?.durableFinal, reconcileUnknownSend: true },
    automaticUnknownSendReconciliation: true,
    reconcileUnknownSendKinds: { text: true, media: true },
    // Only here: a command that lists accounts has no use for it.
    reconcileUnknownSend: async (ctx) => (await import("../outbound/reconcile.js")).reconcileUnknownSend(ctx),
  },
} satisfies ChannelMessageAdapterShape;
