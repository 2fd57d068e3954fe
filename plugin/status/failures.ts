// What each error code means to the host: whether it is final, what kind of issue it is, and what the operator does.

import type { ChannelStatusIssue } from "openclaw/plugin-sdk/channel-contract";

import { CHANNEL_ID } from "../names.js";
import { NATIVE_MISSING } from "../native/native.js";

interface Failure {
  kind: ChannelStatusIssue["kind"];
  /** Nothing but an operator can help: no restart is worth trying. */
  terminal: boolean;
  fix?: string;
}

const FAILURES: Record<string, Failure> = {
  [NATIVE_MISSING]: { kind: "runtime", terminal: true },
  OPENIM_CONFIG: {
    kind: "config",
    terminal: true,
    fix: `Check token, wsAddr, apiAddr and userID under channels.${CHANNEL_ID}.accounts.<name>.`,
  },
  OPENIM_TOKEN_INVALID: { kind: "auth", terminal: true, fix: "Put a new token into the account's configuration." },
  OPENIM_TOKEN_EXPIRED: { kind: "auth", terminal: true, fix: "Put a new token into the account's configuration." },
  OPENIM_KICKED: {
    kind: "auth",
    terminal: true,
    fix: "Stop the other client or give it another platformID, then put a new token into the account's configuration.",
  },
  OPENIM_DENIED: { kind: "permissions", terminal: false, fix: "Check the user's rights on the OpenIM server." },
  OPENIM_ALREADY_RUNNING: {
    kind: "runtime",
    terminal: false,
    fix: "Stop the other gateway, or the other account with the same login.",
  },
  OPENIM_OFFLINE: { kind: "runtime", terminal: false, fix: "Check that wsAddr and apiAddr are reachable from here." },
};

/** Ends that another token may mend. */
const FOR_ITS_TOKEN = new Set(["OPENIM_CONFIG", "OPENIM_TOKEN_INVALID", "OPENIM_TOKEN_EXPIRED", "OPENIM_KICKED"]);

export function awaitsToken(code: string | null | undefined): boolean {
  return code != null && FOR_ITS_TOKEN.has(code);
}

const LAST_ERROR_CHARS = 500;

const UNKNOWN: Failure = { kind: "runtime", terminal: false };

export function failureOf(code: string | null | undefined): Failure {
  return (code ? FAILURES[code] : undefined) ?? UNKNOWN;
}

/**
 * An error for people to read, with its code behind it: the host keeps no other field in which a code would reach the
 * status, and an operator can look it up.
 */
export function withCode(message: string, code: string | null | undefined): string {
  const tail = code ? ` (${code})` : "";
  return [...message].slice(0, LAST_ERROR_CHARS - tail.length).join("") + tail;
}

/** The code behind such an error. */
export function codeIn(message: string): string | undefined {
  return /\((OPENIM_[A-Z_]+)\)$/.exec(message)?.[1];
}

/** The `code` of an error, if it has one. */
export function errorCode(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : undefined;
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
