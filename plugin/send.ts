// Sends one text through the account it is meant for, whichever evaluation of the plugin runs that account.

import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";

import type { NativeSendResult } from "./addon.js";
import { storedAccountId } from "./config.js";
import { CHANNEL_ID } from "./names.js";
import { loadedNative } from "./native.js";

export interface Sent {
  messageId: string;
  serverMessageId?: string;
  conversationId?: string;
}

/** Refusals after which the server may nevertheless have the message. All others come before anything was written. */
const UNCERTAIN = new Set([
  "OPENIM_TIMEOUT",
  "OPENIM_CANCELLED",
  "OPENIM_CLOSED",
  "OPENIM_INTERNAL",
  "OPENIM_PROTOCOL",
]);

export async function sendText(params: {
  cfg: unknown;
  to: string;
  text: string;
  accountId: string | null | undefined;
}): Promise<Sent> {
  const accountId = storedAccountId(params.cfg, params.accountId);
  if (accountId === undefined) throw notDispatched(noSuchAccount(params.accountId), false);
  const owner = loadedNative()?.running.get(accountId);
  if (!owner) throw notDispatched(`${CHANNEL_ID} account "${accountId}" is not connected`, true);
  const result = await owner.outbound.sendText({ to: params.to, text: params.text, accountId });
  if (!result.ok) throw refusal(result);
  return {
    messageId: result.messageId,
    ...(result.serverMessageId ? { serverMessageId: result.serverMessageId } : {}),
    ...(result.conversationId ? { conversationId: result.conversationId } : {}),
  };
}

function refusal(result: Extract<NativeSendResult, { ok: false }>): Error {
  const uncertain = result.maybeDelivered ?? (result.code ? UNCERTAIN.has(result.code) : false);
  if (!uncertain) return notDispatched(result.error, result.retryable ?? true);
  return Object.assign(new Error(result.error), { code: result.code ?? undefined });
}

/** The host may safely try again later, or give up at once when no retry can help. */
function notDispatched(message: string, retryable: boolean): PlatformMessageNotDispatchedError {
  return new PlatformMessageNotDispatchedError(message, { cause: new Error(message), retryable });
}

function noSuchAccount(accountId: string | null | undefined): string {
  const id = accountId?.trim();
  // "default" is what the host says when nobody named an account.
  if (!id || id === "default") return "accountId is required (no default fallback)";
  return `${CHANNEL_ID} account "${id}" is not connected`;
}
