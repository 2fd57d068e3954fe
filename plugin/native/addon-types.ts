// What the native addon gives the plugin: types only, so that importing this file loads nothing.

import type { ChannelAccountSnapshot } from "openclaw/plugin-sdk/channel-contract";

/** A file that came with a message, where the sender says it lies. */
export interface NativeMedia {
  kind: "image" | "audio" | "video" | "file";
  url: string;
  name: string;
  /** As the sender says; 0 where nothing is known. */
  size: number;
  contentType: string;
  /** In seconds. */
  duration: number;
  width: number;
  height: number;
}

/** The message another one answers, as whoever answers tells it. */
export interface NativeQuote {
  clientMsgID: string;
  sendID: string;
  senderNickname: string;
  text: string;
  media: NativeMedia[];
}

/** Messages of elsewhere, passed on in one: as whoever passes them on tells them. */
export interface NativeForward {
  title: string;
  summary: string[];
  messages: { sendID: string; senderNickname: string; text: string; sendTime: number }[];
}

/** One received message. Everything in it but the ids was written by a stranger. */
export interface NativeMessage {
  clientMsgID: string;
  serverMsgID: string;
  conversationID: string;
  sendID: string;
  recvID: string;
  groupID: string;
  senderNickname: string;
  /** 1 direct, 3 group, 4 a notification account. */
  sessionType: number;
  contentType: number;
  sendTime: number;
  /** What a person would read; empty where there is nothing to read. */
  text: string;
  media: NativeMedia[];
  quote: NativeQuote | null;
  forwarded: NativeForward | null;
  atUserIDList: string[];
  isAtSelf: boolean;
  delivery: number;
  redelivered: boolean;
  offline: boolean;
}

/** What the descriptor knows about the account a message came in by. */
export interface NativeState {
  accountId: string;
  selfId: string;
  /** Fetches a file that came with a message, guarded and capped, to a private path that the caller removes. */
  download(url: string, limits: { maxBytes: number; timeoutMs: number; dir?: string }): Promise<NativeDownload>;
  ack(message: NativeMessage): void;
  nack(message: NativeMessage): void;
}

/** A message as history tells it. */
export type NativeHistoryMessage = Pick<NativeMessage, "clientMsgID" | "sendID" | "sendTime" | "text"> & {
  seq: number;
};

/** The client of a connected account, for what is read in its name. */
export interface NativeClient extends Pick<NativeState, "download"> {
  status(): { userID: string | null };
  getOneConversation(params: { sourceID: string; sessionType: number }): Promise<{ conversationID: string }>;
  /** The messages before a place, the newest where none is named; oldest first. */
  getAdvancedHistoryMessageList(query: {
    conversationID: string;
    count: number;
    startSeq?: number;
  }): Promise<{ messageList: NativeHistoryMessage[]; isEnd: boolean }>;
}

export interface NativeDownload {
  path: string;
  size: number;
  contentType?: string | null;
  name?: string | null;
}

/** What a sent file shows as. */
export type NativeMediaKind = "image" | "voice" | "video" | "file";

/** The result of a send: a refusal is a value, never an exception. */
export type NativeSendResult =
  | { ok: true; provider: string; messageId: string; serverMessageId?: string | null; conversationId?: string | null }
  | {
      ok: false;
      error: string;
      code?: string | null;
      retryable?: boolean | null;
      maybeDelivered?: boolean | null;
    };

/** What the native side publishes about an account; the host's own fields may be in it already. */
export type NativeStatus = Partial<ChannelAccountSnapshot> & {
  accountId: string;
  userID?: string | null;
  state?: string | null;
  connected?: boolean;
  reconnects?: number;
  attempt?: number;
  lastConnectedAt?: number | null;
  lastDisconnectedAt?: number | null;
  lastTransportActivityAt?: number | null;
  lastInboundAt?: number | null;
  lastOutboundAt?: number | null;
  lastError?: string | null;
  lastErrorCode?: string | null;
  /** What is known of the token; never the token. */
  token?: { marker?: string | null };
};

export interface NativeLogger {
  debug?(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The context of one start of one account, as the descriptor takes it. */
export interface NativeStartContext {
  cfg: unknown;
  accountId: string;
  account: unknown;
  abortSignal?: AbortSignal;
  log?: NativeLogger;
  getStatus(): unknown;
  setStatus(next: NativeStatus): void;
}

/** The original descriptor, as far as the plugin uses it. */
export interface NativeDescriptor {
  id: string;
  gateway: {
    startAccount(ctx: NativeStartContext): Promise<unknown>;
    stopAccount(ctx: NativeStartContext): Promise<unknown>;
  };
  clients: {
    /** The client of an account that is connected at the moment. */
    getConnectedClient(accountId: string): NativeClient | null;
  };
  tokens: {
    /** A token from outside for a running account. */
    offer(accountId: string, token: string): Promise<{ outcome: string; reason?: string | null }>;
    /** Fetches a new token as `tokenRefresh` says. */
    refresh(accountId: string, reason?: string): Promise<{ outcome: string; reason?: string | null }>;
  };
  outbound: {
    sendText(params: { to: string; text: string; accountId?: string; clientMsgID?: string }): Promise<NativeSendResult>;
    sendMedia(params: {
      to: string;
      path: string;
      kind?: NativeMediaKind;
      name?: string;
      accountId?: string;
      clientMsgID?: string;
    }): Promise<NativeSendResult>;
  };
}

export type DispatchInbound = (ctx: unknown, state: NativeState, message: NativeMessage) => Promise<void>;

/** The module exports of the addon, as far as the plugin uses them. */
export interface Addon {
  createChannelPlugin(ctx: {
    channel: unknown;
    cfg?: unknown;
    logger: NativeLogger;
    dispatchInbound?: DispatchInbound;
    /** Called with every refreshed token, before it is used. */
    onToken?: (news: { accountId: string; token: string; userID: string }) => Promise<void>;
    /** What was delivered is kept below it; in memory where it is left out. */
    stateDir?: string;
  }): NativeDescriptor;
  addonVersion(): string;
}
