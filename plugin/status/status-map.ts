// From what the native side publishes to the fields the host reads. Pure; carries nothing secret.

import type { ChannelAccountSnapshot } from "openclaw/plugin-sdk/channel-contract";

import type { NativeStatus } from "../native/addon-types.js";
import { failureOf, withCode } from "./failures.js";

type Lifecycle = NonNullable<ChannelAccountSnapshot["lifecycle"]>;

/**
 * Lays a native status over the host's snapshot. Only fields the host knows are taken, so that nothing the addon may
 * add one day reaches a snapshot unseen.
 */
export function toSnapshot(current: ChannelAccountSnapshot, native: NativeStatus): ChannelAccountSnapshot {
  const connected = native.connected ?? current.connected ?? false;
  const terminal = native.terminalDisconnect === true;
  // What went wrong before is history once the account is connected again.
  const lastError = connected || !native.lastError ? null : withCode(inWords(native), native.lastErrorCode);
  const next: ChannelAccountSnapshot = {
    ...current,
    enabled: native.enabled ?? current.enabled ?? true,
    configured: native.configured ?? current.configured ?? true,
    connected,
    lifecycle: lifecycle(native, connected, terminal),
    lastError,
    ...whenSet("lastConnectedAt", native.lastConnectedAt),
    ...whenSet("lastInboundAt", native.lastInboundAt),
    ...whenSet("lastOutboundAt", native.lastOutboundAt),
    ...whenSet("lastTransportActivityAt", native.lastTransportActivityAt),
    ...whenSet("reconnectAttempts", native.reconnectAttempts ?? native.attempt),
    ...whenSet("lastDisconnect", lastDisconnect(native, lastError)),
  };
  // Said either way: the host lays this over what it has, and a run that came back for a new token is no longer at its end.
  next.terminalDisconnect = terminal;
  return next;
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

/** What went wrong and, where a person was called for it, what tells that person more. */
function inWords({ lastError, token }: NativeStatus): string {
  return token?.marker ? `${lastError}; a person has to log in, see ${token.marker}` : (lastError ?? "");
}

function lifecycle(native: NativeStatus, connected: boolean, terminal: boolean): Lifecycle {
  if (terminal) return "blocked";
  if (connected) return "ready";
  switch (native.state) {
    case "stopped":
      return "stopped";
    case "failed":
      return failureOf(native.lastErrorCode).terminal ? "blocked" : "recovering";
    case "backoff":
    case "recovering":
      return "recovering";
    default:
      return native.lastConnectedAt ? "recovering" : "starting";
  }
}

function lastDisconnect(native: NativeStatus, error: string | null): ChannelAccountSnapshot["lastDisconnect"] {
  if (native.lastDisconnect !== undefined) return native.lastDisconnect;
  if (!native.lastDisconnectedAt) return undefined;
  return { at: native.lastDisconnectedAt, ...(error ? { error } : {}) };
}

function whenSet<K extends keyof ChannelAccountSnapshot>(
  key: K,
  value: ChannelAccountSnapshot[K] | null | undefined,
): Partial<ChannelAccountSnapshot> {
  return value === undefined || value === null ? {} : ({ [key]: value } as Partial<ChannelAccountSnapshot>);
}
