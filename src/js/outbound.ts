// Sends of the descriptor: a refusal is a value, never an exception.

import type { FileByPath, Message, OpenImClient, SendTextResult } from "multi-openim-channel";

import { formatTarget, parseTarget } from "../../plugin/config/targets.js";
import type { MediaKind } from "../../plugin/media-kinds.js";
import { CHANNEL_ID } from "../../plugin/names.js";
import { isUncertain } from "../../plugin/status/failures.js";
import type { Accounts } from "./accounts.js";
import { codedError, codeOf, errorWords, isObject } from "./values.js";

interface Destination {
  to: string;
  accountId?: string | null;
  signal?: AbortSignal;
}

type TextParams = Destination & { text: string; clientMsgID?: string };
type MediaParams = Destination & FileByPath & { kind?: MediaKind; text?: string };

const MAKERS = {
  image: "createImageMessageByPath",
  voice: "createSoundMessageByPath",
  video: "createVideoMessageByPath",
  file: "createFileMessageByPath",
} as const;

const readTarget = (to: unknown) => (typeof to === "string" ? parseTarget(to) : null);

function refusal(code: string | undefined, message: string, more: Partial<SendTextResult> = {}): SendTextResult {
  return {
    ok: false,
    error: codedError(code, message),
    ...(code === undefined ? {} : { code }),
    retryable: false,
    maybeDelivered: false,
    ...more,
  };
}

export function createOutbound(accounts: Accounts) {
  /** `make` makes the message with the account's client. */
  async function send(
    { to, accountId, signal }: Destination,
    make: (client: OpenImClient) => Promise<Partial<Message>>,
  ): Promise<SendTextResult> {
    const target = readTarget(to);
    if (target === null) return refusal("OPENIM_TARGET", "invalid target, expected user:<id> or group:<id>");
    if (!accountId) return refusal("OPENIM_CONFIG", "accountId is required (no default fallback)");
    const notConnected = `${CHANNEL_ID} account "${accountId}" is not connected`;
    const run = accounts.get(accountId);
    if (!run) return refusal("OPENIM_OFFLINE", notConnected, { retryable: true });
    try {
      const message = await make(run.client);
      const recipient = target.kind === "group" ? { groupID: target.id } : { recvID: target.id };
      // An answer that vanishes on the server would leave a person waiting for nothing.
      const sent = await run.client.sendMessage({
        ...recipient,
        message,
        untilStored: true,
        ...(signal ? { signal } : {}),
      });
      run.publishSoon();
      return {
        ok: true,
        provider: CHANNEL_ID,
        messageId: sent.clientMsgID,
        serverMessageId: sent.serverMsgID,
        conversationId: sent.conversationID,
      };
    } catch (error) {
      return failed(error, notConnected);
    }
  }

  function sendText({ text, clientMsgID, ...destination }: TextParams): Promise<SendTextResult> {
    return send(destination, async (client) => {
      const message = client.createTextMessage(text);
      return clientMsgID ? { ...message, clientMsgID } : message;
    });
  }

  /** Sends a file as the kind its bytes are of, or as the one asked for; as a file when it is not of that kind. */
  async function sendMedia({ to, accountId, signal, kind, text, ...file }: MediaParams): Promise<SendTextResult> {
    if (kind !== undefined && !Object.hasOwn(MAKERS, kind)) {
      return refusal("OPENIM_CONFIG", "kind is one of image, voice, video and file");
    }
    const destination: Destination = { to, ...(accountId == null ? {} : { accountId }), ...(signal ? { signal } : {}) };
    const sent = await send(destination, async (client) => {
      if (kind === undefined) return client.createMessageByPath(file);
      return client[MAKERS[kind]](file).catch((error: unknown) => {
        if (codeOf(error) !== "OPENIM_CONFIG") throw error;
        return client.createFileMessageByPath(file);
      });
    });
    if (!sent.ok || typeof text !== "string" || text === "") return sent;
    // The text is a message of its own: OpenIM's files have no captions.
    const words = await sendText({ ...destination, text });
    if (words.ok) return words.messageId === undefined ? sent : { ...sent, textMessageId: words.messageId };
    // Sending both once more would show the file twice.
    const message = `the file was sent, the text after it was not: ${errorWords(words.error)}`;
    return refusal(words.code, message, { ...withoutError(sent), retryable: false, maybeDelivered: true });
  }

  return {
    deliveryMode: "direct" as const,
    resolveTarget: ({ to }: { to?: string }) => {
      const target = readTarget(to);
      return target === null
        ? { ok: false as const, error: new Error(`${CHANNEL_ID} requires --to <user:ID|group:ID>`) }
        : { ok: true as const, to: formatTarget(target) };
    },
    sendText,
    sendMedia,
  };
}

function failed(error: unknown, notConnected: string): SendTextResult {
  const { op, retryable, maybeDelivered } = (isObject(error) ? error : {}) as Record<string, never>;
  const code = codeOf(error);
  // An absent socket has the words of version 0.1; an unreachable storage has its own.
  const isOffline = code === "OPENIM_OFFLINE" && op === "send";
  return refusal(code, isOffline ? notConnected : errorWords(error), {
    retryable,
    maybeDelivered: maybeDelivered ?? isUncertain(code),
  });
}

function withoutError({ ok: _, ...sent }: SendTextResult): Partial<SendTextResult> {
  return sent;
}
