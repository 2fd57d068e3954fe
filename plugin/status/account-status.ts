// What is published about a running account, made from its client's status. Pure: the addon's script publishes it, and
// snapshot.ts lays it over the host's snapshot.

import type { ClientStatus } from "multi-openim-channel";

/** The client's own account id may be another name; the one of the configuration counts. */
type ClientFields = Omit<ClientStatus, "accountId">;

export interface AccountStatus extends Partial<ClientFields> {
  accountId: string;
  enabled?: boolean;
  configured?: boolean;
  running?: boolean;
  reconnectAttempts?: number;
  lastDisconnect?: { at: number; error?: string } | null;
  /** The account has ended, and no restart can help. */
  terminalDisconnect?: boolean;
}

export function accountStatus(accountId: string, client: ClientStatus): AccountStatus {
  const { lastDisconnectedAt: at, lastError, connected } = client;
  // What went wrong before is history once the account is connected again.
  const error = connected ? null : lastError;
  return {
    ...client,
    accountId,
    enabled: true,
    configured: true,
    running: true,
    reconnectAttempts: client.attempt,
    lastDisconnect: at === null ? null : { at, ...(error ? { error } : {}) },
  };
}
