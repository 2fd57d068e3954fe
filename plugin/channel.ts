// The channel as the host sees it: one adapter per interface of the host. Importing it loads nothing native.

import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import { configAdapter } from "./adapters/config.js";
import type { Account } from "./config/account.js";
import { gatewayAdapter } from "./adapters/gateway.js";
import { messageAdapter } from "./adapters/message.js";
import { messagingAdapter } from "./adapters/messaging.js";
import { CAPABILITIES, CHANNEL_ID, META } from "./names.js";
import { outboundAdapter } from "./adapters/outbound.js";
import { pairingAdapter } from "./adapters/pairing.js";
import { channelSecrets } from "./secret-contract-api.js";
import { doctorAdapter } from "./adapters/doctor.js";
import { groupsAdapter } from "./adapters/groups.js";
import { mentionsAdapter } from "./adapters/mentions.js";
import { securityAdapter } from "./adapters/security.js";
import { statusAdapter } from "./adapters/status.js";
import { reload } from "./config/reload.js";

export const channelPlugin: ChannelPlugin<Account> = {
  id: CHANNEL_ID,
  meta: META,
  capabilities: CAPABILITIES,
  reload,
  config: configAdapter,
  gateway: gatewayAdapter,
  outbound: outboundAdapter,
  message: messageAdapter,
  messaging: messagingAdapter,
  security: securityAdapter,
  pairing: pairingAdapter,
  groups: groupsAdapter,
  mentions: mentionsAdapter,
  status: statusAdapter,
  secrets: channelSecrets,
  doctor: doctorAdapter,
};
