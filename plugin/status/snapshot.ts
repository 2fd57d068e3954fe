// Lays an account's status over the host's snapshot of the account. Pure; carries nothing secret.

import type { ChannelAccountSnapshot } from "openclaw/plugin-sdk/channel-contract";

import type { AccountStatus } from "./account-status.js";
import { failureOf, withCode } from "./failures.js";

type Lifecycle = NonNullable<ChannelAccountSnapshot["lifecycle"]>;

/**
 * Only fields the host knows are taken, so that nothing the addon may add one day reaches a snapshot unseen. The host's own
 * fields stay.
 */
export function toSnapshot(current: ChannelAccountSnapshot, status: AccountStatus): ChannelAccountSnapshot {
  const connected = status.connected ?? current.connected ?? false;
  const isTerminal = status.terminalDisconnect === true;
  // What went wrong before is history once the account is connected again.
  const lastError = connected || !status.lastError ? null : withCode(errorOf(status), status.lastErrorCode);
  const { lastDisconnect } = status;
  return {
    ...current,
    enabled: status.enabled ?? current.enabled ?? true,
    configured: status.configured ?? current.configured ?? true,
    connected,
    lifecycle: lifecycle(status, connected, isTerminal),
    lastError,
    ...whenSet("lastConnectedAt", status.lastConnectedAt),
    ...whenSet("lastInboundAt", status.lastInboundAt),
    ...whenSet("lastOutboundAt", status.lastOutboundAt),
    ...whenSet("lastTransportActivityAt", status.lastTransportActivityAt),
    ...whenSet("reconnectAttempts", status.reconnectAttempts),
    ...whenSet("lastDisconnect", lastDisconnect && { ...lastDisconnect, ...(lastError ? { error: lastError } : {}) }),
    // Always present: the host lays this over what it has, and a run that came back with a new token has not ended.
    terminalDisconnect: isTerminal,
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

function lifecycle(status: AccountStatus, connected: boolean, isTerminal: boolean): Lifecycle {
  if (isTerminal) return "blocked";
  if (connected) return "ready";
  switch (status.state) {
    case "stopped":
      return "stopped";
    case "failed":
      return failureOf(status.lastErrorCode).isFinal ? "blocked" : "recovering";
    case "backoff":
    case "recovering":
      return "recovering";
    default:
      return status.lastConnectedAt ? "recovering" : "starting";
  }
}

function whenSet<K extends keyof ChannelAccountSnapshot>(
  key: K,
  value: ChannelAccountSnapshot[K] | null | undefined,
): Partial<ChannelAccountSnapshot> {
  return value === undefined || value === null ? {} : ({ [key]: value } as Partial<ChannelAccountSnapshot>);
}
