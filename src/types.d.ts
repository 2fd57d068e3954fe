/** The messages and events of a batch, each in order. */
export interface Batch {
  messages: Message[]
  events: ClientEvent[]
}

/** The event that a listener gets. */
export interface ListenerEvent {
  event: ClientEvent['event'] | 'OnRecvNewMessages' | 'OnRecvNewMessage' | 'onRecvOfflineNewMessages' | 'onRecvOfflineNewMessage'
  /** A message, or a list of messages, for the events that bring messages; for all others the data of `ClientEvent`. */
  data: any
  errCode: number
  errMsg: string
  /** Always empty. Bots written for OpenIM's JS client may read it. */
  operationID: string
}

/** A part of a conversation, oldest message first. */
export interface AdvancedGetMessageResult {
  /** Whether there is nothing beyond this part in the direction that was read. */
  isEnd: boolean
  /** Always 0: a failure is a rejection. */
  errCode: number
  errMsg: string
  messageList: Message[]
}

/** The argument of `sendMessage`: exactly one of `recvID` and `groupID`. */
export interface SendParams extends SendOptions {
  /** Called a few times a second while a file of the message is uploaded. */
  onProgress?: (progress: { sent: number, total: number }) => void
  /** Cancels the upload of a file of the message. A message that is already on its way is not called back. */
  signal?: AbortSignal
}

/** The argument of `uploadFile`. */
export interface UploadParams extends Omit<FileByPath, 'duration' | 'snapshotPath' | 'clientMsgID'> {
  /** Called a few times a second, and once more when the upload is complete. */
  onProgress?: (progress: { sent: number, total: number }) => void
  /** Cancels the upload. */
  signal?: AbortSignal
}

/** The options of `download`. */
export interface DownloadOptions extends DownloadLimits {
  /** Cancels the download. */
  signal?: AbortSignal
}

/** The argument of `createTextAtMessage`. */
export interface AtMsgParams {
  text: string
  /** 1 to 10 user ids; `AtAllTag` mentions everybody. */
  atUserIDList: string[]
  atUsersInfo?: AtUsersInfoItem[]
  /** A message to quote. */
  message?: Partial<Message> | string | null
}

/** The argument of `createQuoteMessage`. */
export interface QuoteMsgParams {
  text: string
  /** The message as an object, or as JSON text as in OpenIM's JS client. */
  message: Partial<Message> | string
}

/** The argument of `createImageMessageByURL`. */
export interface ImageMsgParams {
  sourcePicture: Partial<PicBaseInfo> & { url: string }
  bigPicture?: Partial<PicBaseInfo>
  snapshotPicture?: Partial<PicBaseInfo>
  /** A path on this machine. It is not sent. */
  sourcePath?: string
}

/** The argument of `createMergerMessage`. */
export interface MergerMsgParams {
  messageList: Array<Partial<Message>>
  title: string
  summaryList?: string[]
}

/** Gets a new token for an account, or `null` where there is none. */
export type TokenRefresher = (accountId: string, reason: string) => { token: string, userID?: string } | null | Promise<{ token: string, userID?: string } | null>

/** A token that is about to be used. */
export interface NewToken {
  accountId: string
  token: string
  userID: string
}

/** The callbacks of a `RefreshManager`. An exception in one is a failure of that step and nothing else. */
export interface RefreshManagerCallbacks {
  /** Called instead of `globalThis.__multiOpenimTokenRefresher` in mode `hook`. */
  refresher?: TokenRefresher
  /** Stores a new token before it is used. While it fails, the old token stays in use and storing is tried again. */
  persist?: (news: { accountId: string, token: string, userID: string | null, fields: Record<string, unknown> }) => void | Promise<void>
  /** Called with a new token once it is stored. A failure becomes a warning. */
  onToken?: (news: NewToken) => void | Promise<void>
  /** Called when a new token is in use: a connection with the old one has to be made again. */
  reconnect?: () => void | Promise<void>
  /** Called when no token can be had until a person has done something. Awaited before `refresh` resolves. */
  onPermanentFailure?: (reason: string) => void | Promise<void>
  /** Called with lines for the operator's log. */
  onLog?: (lines: LogLine[]) => void | Promise<void>
}

/** The context that `createChannelPlugin` takes. */
export interface ChannelPluginContext {
  /** The resolved block `channels["multi-openim"]`. */
  channel: unknown
  logger: Partial<Record<'debug' | 'info' | 'warn' | 'error', (message: string) => void>>
  /** Called with every message. Its promise acknowledges the message unless `state.ack` or `state.nack` did before. */
  dispatchInbound?: (ctx: any, state: InboundState, message: Message) => void | Promise<void>
  /** The host's state directory. It keeps what was delivered over restarts; in memory where it is left out. */
  stateDir?: string
  /** The host's whole configuration. */
  cfg?: unknown
  /**
   * Called with each new token, to put it into the host's configuration. A failure becomes a warning: the token is kept in
   * `stateDir` in any case.
   */
  onToken?: (news: NewToken) => void | Promise<void>
}

/** The account that received a message, with functions to answer it. */
export interface InboundState {
  accountId: string
  /** The account's own user id. */
  selfId: string
  account: ResolvedAccount
  ack: (message: Message) => void
  nack: (message: Message) => void
  sendText: (to: string, text: string) => Promise<SendTextResult>
  sendMedia: (to: string, file: FileByPath & { kind?: 'image' | 'voice' | 'video' | 'file', text?: string }) => Promise<SendTextResult>
  /** Fetches a file of a message; see `OpenImClient.download`. */
  download: (url: string, options?: DownloadOptions) => Promise<DownloadResult>
}

/** One account of the configuration. Its token can be read, but appears in no listing. */
export interface ResolvedAccount {
  accountId: string
  enabled: boolean
  configured: boolean
  userID?: string | null
  platformID?: number | null
  wsAddr?: string
  apiAddr?: string
  requireMention?: boolean
  inboundWhitelist?: string[]
  disableFriendSdk?: boolean
  readonly token?: unknown
}

/** The result of `sendText` and `sendMedia`: a refusal is a value, never an exception. */
export interface SendTextResult {
  ok: boolean
  provider?: string
  messageId?: string
  /** The id of the message with the text that follows a file. */
  textMessageId?: string
  serverMessageId?: string
  conversationId?: string
  /** Its `code` is the result's. */
  error?: Error & { code?: string }
  code?: string
  retryable?: boolean
  maybeDelivered?: boolean
}

/** The recipient of a message. */
export interface ParsedTarget {
  kind: 'user' | 'group'
  id: string
}

/** The channel as a host sees it. */
export interface ChannelDescriptor {
  id: string
  meta: { id: string, label: string, selectionLabel: string, docsPath: string, blurb: string, aliases: string[] }
  capabilities: { chatTypes: ('direct' | 'group')[] }
  config: {
    listAccountIds(cfg?: unknown): string[]
    resolveAccount(cfg: unknown, accountId?: string | null): ResolvedAccount
    isEnabled(account: any): boolean
    isConfigured(account: any): boolean
    describeAccount(account: any): { accountId: string, enabled: boolean, configured: boolean }
  }
  gateway: {
    startAccount(ctx: any): Promise<void>
    stopAccount(ctx: any): Promise<void>
    healthCheckIntervalMinutes: number
  }
  outbound: {
    deliveryMode: 'direct'
    resolveTarget(params: { to?: string }): { ok: true, to: string } | { ok: false, error: Error }
    sendText(params: { to: string, text: string, accountId?: string | null, clientMsgID?: string }): Promise<SendTextResult>
    sendMedia(params: FileByPath & { to: string, kind?: 'image' | 'voice' | 'video' | 'file', text?: string, accountId?: string | null, signal?: AbortSignal }): Promise<SendTextResult>
  }
  clients: {
    setInboundDispatcher(dispatch: ChannelPluginContext['dispatchInbound'] | null): void
    getConnectedClient(accountId?: string | null): OpenImClient | null
    hasConnectedAccountClient(accountId?: string | null): boolean
    connectedClientCount(): number
    listConnectedAccountIds(): string[]
    startAccountClient(ctx: any, account: any): Promise<OpenImClient>
    stopAccountClient(accountId?: string | null): Promise<boolean>
    stopAllClients(): Promise<void>
    _internal_resetClients(): Promise<void>
    snapshotAccountStatus(accountId: string): { accountId: string, enabled: boolean, configured: true, running: boolean, connected: boolean, lastConnectedAt?: number, lastError?: string }
  }
  tokens: {
    refresh(accountId: string, reason?: string | null): Promise<RefreshResult>
    offer(accountId: string, token: string): Promise<OfferResult>
  }
}

/** An error of the addon. A member that does not apply is `null`. */
export interface OpenImError extends Error {
  code: OpenImErrorCode
  /** The server's own code, where the server spoke. */
  errCode: number | null
  /** The server's own name for the error. */
  errMsg: string | null
  /** Whether the same call may succeed later without anybody changing anything. */
  retryable: boolean
  /** How long the server asks to wait. */
  retryAfterMs: number | null
  accountId: string | null
  /** The operation that failed. */
  op: string | null
  /** Whether the message may have reached the server: look for its `clientMsgID` before sending anything new. */
  maybeDelivered: boolean
}

