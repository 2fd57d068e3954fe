// A host of plain objects for tests of the glue: it admits everybody, and each test decides what becomes of a run.
import { PLUGIN_ID } from "../../../dist/names.js";
import { VERSION } from "../../../dist/version.js";

const SLOT = Symbol.for(`${PLUGIN_ID}.native.v${VERSION}`);

/**
 * `run` takes the place of the host's `inbound.run`. `connection` says whether the account is connected, `sent` has its own
 * messages as the server keeps them.
 */
export function fakeHost({ run = async () => ({}), connection = { isUp: true }, admission = "dispatch", sent = [] }) {
  const runs = [];
  const pairing = { codes: new Map() };
  const outbox = [];
  const log = [];
  const note = (level) => (message) => log.push(`${level} ${message}`);
  const client = {
    status: () => ({ userID: "bot" }),
    getOneConversation: async () => ({ conversationID: "si_alice_bot" }),
    getAdvancedHistoryMessageList: async () => ({ messageList: sent, isEnd: true }),
  };
  const send = async (params) => {
    if (!connection.isUp) return { ok: false, retryable: true, error: new Error("not connected") };
    outbox.push(params);
    return { ok: true, messageId: params.clientMsgID ?? "m" };
  };
  const owner = {
    clients: { getConnectedClient: () => (connection.isUp ? client : null) },
    outbound: { sendText: send },
  };
  globalThis[SLOT] = { running: new Map([["a", owner]]) };
  const channelRuntime = {
    routing: { resolveAgentRoute: () => ({ agentId: "main", accountId: "a", sessionKey: "s", mainSessionKey: "s" }) },
    text: {
      hasControlCommand: (text) => text.startsWith("/"),
      resolveTextChunkLimit: () => 1_000,
      resolveChunkMode: () => "length",
      chunkMarkdownTextWithMode: (text) => [text],
    },
    commands: { shouldHandleTextCommands: () => true },
    mentions: { buildMentionRegexes: () => [], matchesMentionWithExplicit: () => true },
    pairing: {
      upsertPairingRequest: async ({ id }) => {
        const created = !pairing.codes.has(id);
        if (created) pairing.codes.set(id, "CODE");
        return { code: "CODE", created };
      },
      buildPairingReply: ({ code }) => `your code is ${code}`,
    },
    inbound: {
      ingress: {
        resolve: async () => ({
          ingress: { admission, reasonCode: "" },
          commandAccess: { authorized: true },
          activationAccess: {},
          senderAccess: { effectiveAllowFrom: ["alice"] },
        }),
      },
      buildContext: async (context) => context,
      run: async (params) => {
        const input = await params.adapter.ingest(params.raw);
        runs.push({ id: input.id, text: input.textForAgent, params });
        return run(params, runs.length);
      },
    },
  };
  const stop = new AbortController();
  const ctx = (abortSignal = stop.signal) => ({
    cfg: { channels: { "multi-openim": { accounts: { a: { allowFrom: ["alice"] } } } } },
    accountId: "a",
    abortSignal,
    channelRuntime,
    log: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
  });
  return { ctx, stop, runs, outbox, log, connection, forget: () => delete globalThis[SLOT] };
}

export const STATE = { accountId: "a", selfId: "bot", download: async () => {} };

let count = 0;

/** A direct message of alice. */
export function directMessage(text, more = {}) {
  count += 1;
  return {
    clientMsgID: `m${count}-of-${process.pid}`,
    conversationID: "si_alice_bot",
    sendID: "alice",
    senderNickname: "Alice",
    groupID: "",
    sessionType: 1,
    contentType: 101,
    sendTime: Date.now(),
    text,
    media: [],
    atUserIDList: [],
    isAtSelf: false,
    redelivered: false,
    offline: false,
    quote: null,
    forwarded: null,
    ...more,
  };
}
