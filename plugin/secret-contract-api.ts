// Tells the host which options hold secrets, so that a token may be a reference the host resolves. The host looks for a
// file of this name.

import {
  collectSimpleChannelFieldAssignments,
  createChannelSecretTargetRegistryEntries,
  getChannelSurface,
  type ResolverContext,
  type SecretDefaults,
} from "openclaw/plugin-sdk/channel-secret-basic-runtime";

import { CHANNEL_ID } from "./names.js";

export const secretTargetRegistryEntries = createChannelSecretTargetRegistryEntries({
  channelKey: CHANNEL_ID,
  account: ["token"],
});

export function collectRuntimeConfigAssignments(params: {
  config: { channels?: Record<string, unknown> };
  defaults?: SecretDefaults;
  context: ResolverContext;
}): void {
  const found = getChannelSurface(params.config, CHANNEL_ID);
  if (!found) return;
  collectSimpleChannelFieldAssignments({
    channelKey: CHANNEL_ID,
    field: "token",
    channel: found.channel,
    surface: found.surface,
    defaults: params.defaults,
    context: params.context,
    topInactiveReason: "a token belongs to an account, at channel level it is ignored.",
    accountInactiveReason: "the account is disabled.",
  });
}

export const channelSecrets = { secretTargetRegistryEntries, collectRuntimeConfigAssignments };
