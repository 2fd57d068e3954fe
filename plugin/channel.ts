// The channel as the host sees it: the host's adapters around the native descriptor. Importing it loads nothing native.

import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import { type Account, configAdapter } from "./adapters/config.js";
import { gatewayAdapter } from "./adapters/gateway.js";
import { mentionsAdapter } from "./conversation/mention.js";
import { messageAdapter } from "./adapters/message.js";
import { messagingAdapter } from "./adapters/messaging.js";
import { CHANNEL_ID, META } from "./names.js";
import { outboundAdapter } from "./adapters/outbound.js";
import { pairingAdapter } from "./adapters/pairing.js";
import { channelSecrets } from "./secret-contract-api.js";
import { doctorAdapter, groupsAdapter, securityAdapter } from "./adapters/security.js";
import { statusAdapter } from "./adapters/status.js";

const CHANNEL_POLICY_OPTIONS = ["dmPolicy", "groupPolicy", "allowFrom", "groupAllowFrom"];
const ACCOUNT_POLICY_OPTIONS = [...CHANNEL_POLICY_OPTIONS, "inboundWhitelist", "requireMention"];

export const channelPlugin: ChannelPlugin<Account> = {
  id: CHANNEL_ID,
  meta: META,
  capabilities: { chatTypes: ["direct", "group"] },
  // One account's configuration never touches another: its run alone is restarted. Who may write is read per message.
  reload: {
    configPrefixes: [`channels.${CHANNEL_ID}`],
    noopPrefixes: [
      ...CHANNEL_POLICY_OPTIONS.map((option) => `channels.${CHANNEL_ID}.${option}`),
      ...ACCOUNT_POLICY_OPTIONS.map((option) => `channels.${CHANNEL_ID}.accounts.*.${option}`),
      // The account looks for it itself: a refreshed token must not cost a connection.
      `channels.${CHANNEL_ID}.accounts.*.token`,
    ],
    accountScopedRestart: true,
  },
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
