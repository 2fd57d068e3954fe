// The message adapter: what the host's durable queue sends with. It has the sends of the outbound adapter, with receipts, and
// says after a crash whether a message that was under way was sent. (messaging.ts is about targets and sessions.)

import {
  type ChannelMessageAdapterShape,
  createChannelMessageAdapterFromOutbound,
} from "openclaw/plugin-sdk/channel-outbound";

import { CHANNEL_ID } from "../names.js";
import { outboundAdapter } from "./outbound.js";

const sends = createChannelMessageAdapterFromOutbound({
  id: CHANNEL_ID,
  outbound: outboundAdapter,
  // The plugin acknowledges messages itself (inbound/acknowledge.ts).
  receive: { defaultAckPolicy: "manual", supportedAckPolicies: ["manual"] },
});

export const messageAdapter = {
  ...sends,
  durableFinal: {
    capabilities: { ...outboundAdapter.deliveryCapabilities?.durableFinal, reconcileUnknownSend: true },
    automaticUnknownSendReconciliation: true,
    reconcileUnknownSendKinds: { text: true, media: true },
    // Imported only here: a command that lists accounts does not need it.
    reconcileUnknownSend: async (ctx) => (await import("../outbound/reconcile.js")).reconcileUnknownSend(ctx),
  },
} satisfies ChannelMessageAdapterShape;
