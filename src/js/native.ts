// What Rust gives the descriptor (src/channel_plugin.rs), and what a host gives it. Types only.

import type { Batch, LogLine, OpenImClient } from "multi-openim-channel";

import type { AccountStatus } from "../../plugin/status/account-status.js";

export interface Native {
  /** A client in whose name each message is acknowledged or refused. */
  newClient(): OpenImClient;
  /** Sets the callbacks of a client; native memory does not hold them. */
  listen(client: OpenImClient, onBatch: (batch: Batch) => void, onLog: (lines: LogLine[]) => void): void;
  /** Checks an account's block, given as JSON: `{userID, platformID}` or `{problem}`, as JSON. */
  checkLogin(accountId: string, block: string): string;
}

export type LogLevel = "debug" | "info" | "warn" | "error";
export type Logger = Partial<Record<LogLevel, (message: string) => void>>;

/** What a host gives to a start or a stop of an account. */
export interface HostContext {
  cfg?: unknown;
  accountId?: string;
  abortSignal?: AbortSignal;
  log?: Logger;
  /** The host's fields; the account's status is laid over them. */
  getStatus?: () => object | undefined;
  setStatus?: (status: AccountStatus) => void;
}
