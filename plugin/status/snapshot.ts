// Takes from an account's status what the host knows, and lays it over the host's snapshot. Pure; carries nothing secret.

import type { ChannelAccountSnapshot } from "openclaw/plugin-sdk/channel-contract";

import type { AccountStatus } from "./account-status.js";
import { withCode } from "./failures.js";

/** Only these reach a snapshot, so that nothing the addon may add one day does so unseen. The host's own fields stay. */
const FIELDS = [
  "enabled",
  "configured",
  "connected",
  "lifecycle",
  "lastConnectedAt",
  "lastInboundAt",
  "lastOutboundAt",
  "lastTransportActivityAt",
  "reconnectAttempts",
  "lastDisconnect",
] as const;

/** A field that the status does not have keeps its value. An error gets its code. */
export function toSnapshot(current: ChannelAccountSnapshot, status: AccountStatus): ChannelAccountSnapshot {
  const known = FIELDS.flatMap((field) => (status[field] == null ? [] : [[field, status[field]] as const]));
  const lastError = status.lastError ? withCode(errorOf(status), status.lastErrorCode) : null;
  const { lastDisconnect } = status;
  return {
    ...current,
    ...Object.fromEntries(known),
    lastError,
    ...(lastDisconnect && lastError ? { lastDisconnect: { ...lastDisconnect, error: lastError } } : {}),
    // Always present: the host lays this over what it has, and a run that came back with a new token has not ended.
    terminalDisconnect: status.terminalDisconnect === true,
  };
}

/** The snapshot of an account that cannot go on until an operator has done something. */
export function blockedSnapshot(
  current: ChannelAccountSnapshot,
  message: string,
  code: string,
): ChannelAccountSnapshot {
  return {
    ...current,
    connected: false,
    lifecycle: "blocked",
    terminalDisconnect: true,
    lastError: withCode(message, code),
  };
}

/** The error, and the file that tells more when a person has to log in. */
function errorOf({ lastError, token }: AccountStatus): string {
  return token?.marker ? `${lastError}; a person has to log in, see ${token.marker}` : (lastError ?? "");
}
