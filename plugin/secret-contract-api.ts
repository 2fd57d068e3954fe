// Tells the host which options hold secrets, so that a token may be a reference that the host resolves. The host looks for a
// file of this name; it does not ask the `secrets` adapter when the gateway starts.

import {
  collectSimpleChannelFieldAssignments,
  createChannelSecretTargetRegistryEntries,
  getChannelSurface,
  type ResolverContext,
  type SecretDefaults,
} from "openclaw/plugin-sdk/channel-secret-basic-runtime";

import { optionNames } from "./config/option-table.js";
import { CHANNEL_ID } from "./names.js";

const SECRETS = optionNames(({ isSecret }) => isSecret === true);

export const secretTargetRegistryEntries = createChannelSecretTargetRegistryEntries({
  channelKey: CHANNEL_ID,
  account: SECRETS,
});

export function collectRuntimeConfigAssignments(params: {
  config: { channels?: Record<string, unknown> };
  defaults?: SecretDefaults;
  context: ResolverContext;
}): void {
  const found = getChannelSurface(params.config, CHANNEL_ID);
  if (!found) return;
  for (const field of SECRETS) {
    collectSimpleChannelFieldAssignments({
      channelKey: CHANNEL_ID,
      field,
      channel: found.channel,
      surface: found.surface,
      defaults: params.defaults,
      context: params.context,
      topInactiveReason: `${field} belongs to an account, at channel level it is ignored.`,
      accountInactiveReason: "the account is disabled.",
    });
  }
}

export const channelSecrets = { secretTargetRegistryEntries, collectRuntimeConfigAssignments };
