// What each error code means to the host: whether it is final, what kind of issue it is, and what the operator does. Pure:
// the addon's script uses it as well.

import type { ChannelStatusIssue } from "openclaw/plugin-sdk/channel-contract";

import { CHANNEL_ID } from "../names.js";
import { ERROR_CODES, type ErrorCode } from "../native/error-codes.generated.js";

/** There is no addon for this machine, or it is of another version. */
export const NATIVE_MISSING = "OPENIM_NATIVE_MISSING";

interface Failure {
  kind: ChannelStatusIssue["kind"];
  /** Nothing but an operator can help: no restart is worth trying. */
  isFinal: boolean;
  fix?: string;
}

type Remedy = Pick<Failure, "kind" | "fix">;

/** Codes about which the host can say more than that something failed at run time. */
const REMEDIES: Partial<Record<ErrorCode, Remedy>> = {
  OPENIM_CONFIG: {
    kind: "config",
    fix: `Check token, wsAddr, apiAddr and userID under channels.${CHANNEL_ID}.accounts.<name>.`,
  },
  OPENIM_TOKEN_INVALID: { kind: "auth", fix: "Put a new token into the account's configuration." },
  OPENIM_TOKEN_EXPIRED: { kind: "auth", fix: "Put a new token into the account's configuration." },
  OPENIM_KICKED: {
    kind: "auth",
    fix: "Stop the other client or give it another platformID, then put a new token into the account's configuration.",
  },
  OPENIM_DENIED: { kind: "permissions", fix: "Check the user's rights on the OpenIM server." },
  OPENIM_ALREADY_RUNNING: {
    kind: "runtime",
    fix: "Stop the other gateway, or the other account with the same login.",
  },
  OPENIM_OFFLINE: { kind: "runtime", fix: "Check that wsAddr and apiAddr are reachable from here." },
};

function isErrorCode(code: string | null | undefined): code is ErrorCode {
  return code != null && Object.hasOwn(ERROR_CODES, code);
}

/** Whether an account that ended with this code runs again once it has another token. */
export function awaitsToken(code: string | null | undefined): boolean {
  return isErrorCode(code) && ERROR_CODES[code].final;
}

/** Whether a send that failed with this code may have reached the server nevertheless. */
export function isUncertain(code: string | null | undefined): boolean {
  return isErrorCode(code) && ERROR_CODES[code].uncertain;
}

const LAST_ERROR_CHARS = 500;

export function failureOf(code: string | null | undefined): Failure {
  if (code === NATIVE_MISSING) return { kind: "runtime", isFinal: true };
  if (!isErrorCode(code)) return { kind: "runtime", isFinal: false };
  return { kind: "runtime", ...REMEDIES[code], isFinal: ERROR_CODES[code].final };
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
