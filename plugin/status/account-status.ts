// The status of a running account as it is published, made from its client's status. Pure: the addon's script publishes it, and
// snapshot.ts takes from it what the host knows.

import type { ClientStatus } from "multi-openim-channel";

import { failureOf } from "./failures.js";

/** The client's own account id may be another name; the one of the configuration counts. */
type ClientFields = Omit<ClientStatus, "accountId">;

/** The host's words for the state of an account. */
export type Lifecycle = "starting" | "ready" | "recovering" | "blocked" | "stopped";

export interface AccountStatus extends Partial<ClientFields> {
  accountId: string;
  enabled?: boolean;
  configured?: boolean;
  running?: boolean;
  lifecycle?: Lifecycle;
  reconnectAttempts?: number;
  lastDisconnect?: { at: number; error?: string } | null;
  /** The account has ended, and no restart can help. */
  terminalDisconnect?: boolean;
}

export function accountStatus(accountId: string, client: ClientStatus): AccountStatus {
  const { lastDisconnectedAt: at, connected } = client;
  // What went wrong before is history once the account is connected again.
  const lastError = connected ? null : client.lastError;
  return {
    ...client,
    accountId,
    enabled: true,
    configured: true,
    running: true,
    lifecycle: lifecycleOf(client),
    lastError,
    reconnectAttempts: client.attempt,
    lastDisconnect: at == null ? null : { at, ...(lastError ? { error: lastError } : {}) },
    terminalDisconnect: false,
  };
}

/** The status of an account that has ended for good. */
export function endedStatus(accountId: string, client: ClientStatus): AccountStatus {
  const status = accountStatus(accountId, { ...client, connected: false });
  return { ...status, running: false, lifecycle: "blocked", terminalDisconnect: true };
}

function lifecycleOf({ connected, state, lastErrorCode, lastConnectedAt }: ClientStatus): Lifecycle {
  if (connected) return "ready";
  switch (state) {
    case "stopped":
      return "stopped";
    case "failed":
      return failureOf(lastErrorCode).isFinal ? "blocked" : "recovering";
    case "backoff":
    case "recovering":
      return "recovering";
    default:
      return lastConnectedAt ? "recovering" : "starting";
  }
}
