// Sends one text or file through the account it is meant for, whichever evaluation of the plugin runs that account.

import type { ChannelDescriptor, OpenImClient, SendTextResult } from "multi-openim-channel";
import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";

import { storedAccountId } from "../config/account.js";
import type { MediaKind } from "../media-kinds.js";
import { CHANNEL_ID } from "../names.js";
import { loadedNative } from "../native/native.js";

export interface Sent {
  messageId: string;
  serverMessageId?: string;
  conversationId?: string;
}

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
  params: To & { path: string; kind?: MediaKind; name?: string | undefined },
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

/** The message may have reached the server, and the client could not find out. */
export class UncertainSendError extends Error {
  override readonly name = "UncertainSendError";
}

/** The client of a running account, for what is fetched in its name. */
export function connectedClient(params: Pick<To, "cfg" | "accountId">): OpenImClient {
  const { owner, accountId } = runningAccount(params);
  const client = owner.clients.getConnectedClient(accountId);
  if (!client) throw notDispatched(new Error(notConnected(accountId)), true);
  return client;
}

/** `absent`: the account does not run, because it is being restarted or was stopped. */
export type Reachability = "connected" | "offline" | "absent";

/** Whether an account can send at the moment. Throws for an account that the configuration does not have. */
export function reachability(params: Pick<To, "cfg" | "accountId">): Reachability {
  const accountId = configuredAccountId(params);
  const owner = loadedNative()?.running.get(accountId);
  if (!owner) return "absent";
  return owner.clients.getConnectedClient(accountId) ? "connected" : "offline";
}

/** The account by its name in the configuration, and the descriptor that runs it. No other account replaces it. */
function runningAccount(params: Pick<To, "cfg" | "accountId">): { owner: ChannelDescriptor; accountId: string } {
  const accountId = configuredAccountId(params);
  const owner = loadedNative()?.running.get(accountId);
  if (!owner) throw notDispatched(new Error(notConnected(accountId)), true);
  return { owner, accountId };
}

function configuredAccountId({ cfg, accountId: asked }: Pick<To, "cfg" | "accountId">): string {
  const accountId = storedAccountId(cfg, asked);
  if (accountId === undefined) throw notDispatched(new Error(noSuchAccount(asked)), false);
  return accountId;
}

function sent(result: SendTextResult): Sent {
  if (!result.ok || result.messageId === undefined) throw refusal(result);
  return {
    messageId: result.messageId,
    ...(result.serverMessageId ? { serverMessageId: result.serverMessageId } : {}),
    ...(result.conversationId ? { conversationId: result.conversationId } : {}),
  };
}

function refusal({ error, retryable, maybeDelivered }: SendTextResult): Error {
  const cause = error ?? new Error("the message was not sent");
  return maybeDelivered ? new UncertainSendError(cause.message, { cause }) : notDispatched(cause, retryable ?? true);
}

/** The host may safely try again later, or give up at once when no retry can help. */
function notDispatched(cause: Error, retryable: boolean): PlatformMessageNotDispatchedError {
  return new PlatformMessageNotDispatchedError(cause.message, { cause, retryable });
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
