// Sends one text or file through the account it is meant for, whichever evaluation of the plugin runs that account.

import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";

import type { NativeClient, NativeDescriptor, NativeMediaKind, NativeSendResult } from "../native/addon-types.js";
import { storedAccountId } from "../adapters/config.js";
import { CHANNEL_ID } from "../names.js";
import { loadedNative } from "../native/native.js";

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

interface To {
  cfg: unknown;
  to: string;
  accountId: string | null | undefined;
  /** The id the message is to have; left out, a new one. */
  clientMsgID?: string | undefined;
}

export async function sendText(params: To & { text: string }): Promise<Sent> {
  const { owner, accountId } = runningAccount(params);
  const { to, text, clientMsgID } = params;
  return sent(await owner.outbound.sendText({ to, text, accountId, ...(clientMsgID ? { clientMsgID } : {}) }));
}

export async function sendMedia(
  params: To & { path: string; kind?: NativeMediaKind; name?: string | undefined },
): Promise<Sent> {
  const { owner, accountId } = runningAccount(params);
  const { to, path, kind, name, clientMsgID } = params;
  return sent(
    await owner.outbound.sendMedia({
      to,
      path,
      accountId,
      ...(kind ? { kind } : {}),
      ...(name ? { name } : {}),
      ...(clientMsgID ? { clientMsgID } : {}),
    }),
  );
}

/** The client of a running account, for what is fetched in its name. */
export function connectedClient(params: Pick<To, "cfg" | "accountId">): NativeClient {
  const { owner, accountId } = runningAccount(params);
  const client = owner.clients.getConnectedClient(accountId);
  if (!client) throw notDispatched(notConnected(accountId), true);
  return client;
}

/** The account by its name in the configuration, and the descriptor that runs it. No other stands in for it. */
function runningAccount({ cfg, accountId: asked }: Pick<To, "cfg" | "accountId">): {
  owner: NativeDescriptor;
  accountId: string;
} {
  const accountId = storedAccountId(cfg, asked);
  if (accountId === undefined) throw notDispatched(noSuchAccount(asked), false);
  const owner = loadedNative()?.running.get(accountId);
  if (!owner) throw notDispatched(notConnected(accountId), true);
  return { owner, accountId };
}

function sent(result: NativeSendResult): Sent {
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
  return notConnected(id);
}

function notConnected(accountId: string): string {
  return `${CHANNEL_ID} account "${accountId}" is not connected`;
}
