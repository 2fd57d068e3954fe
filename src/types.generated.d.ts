/* Generated from the sources of the addon by `npm run build -- --types`; do not edit. */
/* eslint-disable */

/** The `code` of an error; `docs/errors.md` says what each one means. */
export type OpenImErrorCode =
  | 'OPENIM_CONFIG'
  | 'OPENIM_TARGET'
  | 'OPENIM_TOKEN_INVALID'
  | 'OPENIM_TOKEN_EXPIRED'
  | 'OPENIM_KICKED'
  | 'OPENIM_DENIED'
  | 'OPENIM_RATE_LIMITED'
  | 'OPENIM_OFFLINE'
  | 'OPENIM_TIMEOUT'
  | 'OPENIM_CANCELLED'
  | 'OPENIM_BACKPRESSURE'
  | 'OPENIM_TOO_LARGE'
  | 'OPENIM_UPLOAD'
  | 'OPENIM_DOWNLOAD'
  | 'OPENIM_PROTOCOL'
  | 'OPENIM_CLOSED'
  | 'OPENIM_ALREADY_RUNNING'
  | 'OPENIM_SERVER'
  | 'MULTI_OPENIM_FRIEND_API_DISABLED'
  | 'OPENIM_INTERNAL'

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

/** The content of a text with marked parts. */
export interface AdvancedTextElem {
  text: string
  messageEntityList: MessageEntity[]
}

/** The content of a text that mentions users; `AtAllTag` in `atUserList` stands for everybody. */
export interface AtTextElem {
  text: string
  atUserList: string[]
  atUsersInfo: AtUsersInfoItem[]
  /** The quoted message as the sender tells it; nothing in it is verified. */
  quoteMessage: Partial<Message> | null
  isAtSelf: boolean
}

/** A mentioned user. The name was written by the sender. */
export interface AtUsersInfoItem {
  atUserID: string
  groupNickname: string
}

/** Somebody on the black list. */
export interface BlackUserItem {
  /** The user whose list this entry is in. */
  ownerUserID: string
  /** The user's id. */
  userID: string
  /** The name that the user chose. */
  nickname: string
  /** The address of the picture. */
  faceURL: string
  /** When the user was put on the list, Unix seconds. */
  createTime: number
  /** How the user was added, a number of the application. */
  addSource: number
  /** The user who made the entry. */
  operatorUserID: string
  /** Free text for applications. */
  ex: string
}

/** The content of a message with the card of a user. */
export interface CardElem {
  userID: string
  nickname: string
  faceURL: string
  ex: string
}

/** An event other than a message. */
export interface ClientEvent {
  event: 'OnConnecting' | 'OnConnectSuccess' | 'OnConnectFailed' | 'OnDisconnected' | 'OnKickedOffline' | 'OnUserTokenExpired' | 'OnUserTokenInvalid' | 'OnUserTokenRefreshed' | 'OnSyncServerStart' | 'OnSyncServerFinish' | 'OnDeadLetter' | 'OnStopped' | 'OnNewRecvMessageRevoked' | 'OnRecvC2CReadReceipt' | 'OnConversationUserInputStatusChanged' | 'OnConversationChanged' | 'OnRecvCustomBusinessMessage' | 'OnRecvUnknownMessage' | 'OnUserStatusChanged' | 'OnSelfInfoUpdated' | 'OnFriendApplicationAdded' | 'OnFriendApplicationAccepted' | 'OnFriendApplicationRejected' | 'OnFriendAdded' | 'OnFriendDeleted' | 'OnFriendInfoChanged' | 'OnBlackAdded' | 'OnBlackDeleted' | 'OnJoinedGroupAdded' | 'OnJoinedGroupDeleted' | 'OnGroupDismissed' | 'OnGroupInfoChanged' | 'OnGroupMemberAdded' | 'OnGroupMemberDeleted' | 'OnGroupMemberInfoChanged' | 'OnGroupApplicationAdded' | 'OnGroupApplicationAccepted' | 'OnGroupApplicationRejected'
  /** The server's own code; 0 where the server did not speak. */
  errCode: number
  errMsg: string
  /**
   * The event's data in the shape of OpenIM's JS client. It repeats what somebody claimed: ask the server before
   * acting on it.
   */
  data: any
}

/** Settings of a client. */
export interface ClientOptions {
  /**
   * `batch` (the default): the promise that `onBatch` returns acknowledges the messages of the batch. `manual`: `ack` and
   * `nack` do; a callback that throws or rejects refuses what it has not settled.
   */
  ackMode?: 'batch' | 'manual'
  /** Called with lines for the operator's log. The addon never prints anything. */
  onLog?: (lines: LogLine[]) => void | Promise<void>
}

/** A conversation as a list shows it. */
export interface ConversationItem {
  /** The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`. */
  conversationID: string
  /** 1 with a user, 3 in a group, 4 with a notification account. */
  conversationType: number
  /** The other user's id; empty in a group. */
  userID: string
  /** The group's id; empty in a direct chat. */
  groupID: string
  /** The name that a list shows. */
  showName: string
  /** The address of the picture. */
  faceURL: string
  /** 0 messages arrive, 1 no messages arrive, 2 messages arrive without a notification. */
  recvMsgOpt: number
  /** How many messages are unread. */
  unreadCount: number
  /** 0 nobody mentioned this user, 1 somebody did, 2 everybody was mentioned, 3 both. Servers leave it at 0. */
  groupAtType: number
  /** The newest message as JSON text; empty where there is none, or where the user has deleted it. */
  latestMsg: string
  /** When the newest message was sent, Unix milliseconds. */
  latestMsgSendTime: number
  /** Always empty: this client keeps no drafts. */
  draftText: string
  /** Always 0: this client keeps no drafts. */
  draftTextTime: number
  /** Seconds after which a private message is deleted once it is read. */
  burnDuration: number
  /** Seconds after which the server deletes messages. */
  msgDestructTime: number
  /** Whether it is pinned to the top of the list. */
  isPinned: boolean
  /** Whether messages are deleted after they are read. */
  isPrivateChat: boolean
  /** Whether the server deletes old messages. */
  isMsgDestruct: boolean
  /** JSON text that clients keep beside the conversation. */
  attachedInfo: string
  /** Free text for applications. */
  ex: string
}

/** The content of a message of an application; only that application knows what `data` means. */
export interface CustomElem {
  data: string
  extension: string
  description: string
}

/** The limits of a download. */
export interface DownloadLimits {
  /** A larger file is not kept; 100 MiB where it is left out. */
  maxBytes?: number
  /** Milliseconds for the download; 120,000 where it is left out. Waiting for other downloads does not count. */
  timeoutMs?: number
  /** The sender of the message with the file. One sender has only two downloads at once. */
  sender?: string
  /** Where the file may come from; as the account's `mediaSources` where it is left out. */
  sources?: 'server' | 'any'
  /** The directory that the file goes to; a private directory of the account where it is left out. */
  dir?: string
}

/** A downloaded file. The caller owns it and removes it. */
export interface DownloadResult {
  path: string
  size: number
  /** A MIME type by the file's bytes, never by the server's word. */
  contentType: string
  /** A harmless file name. */
  name: string
}

/** The content of a message with a sticker; the application knows it by its number or its data. */
export interface FaceElem {
  index: number
  data: string
}

/** A file that becomes a message. */
export interface FileByPath {
  path: string
  /** The name that people see; the file's own where it is left out. */
  name?: string
  /** A MIME type. Where it is left out, the bytes decide, then the name. */
  contentType?: string
  /** Seconds of a voice note or video, where the file does not say. */
  duration?: number
  /** A picture of a video's beginning. */
  snapshotPath?: string
  /** A larger file is refused; 2 GiB where it is left out. */
  maxBytes?: number
  /** `false` refuses a symbolic link in the last place of the path. */
  followLinks?: boolean
  /** The id of the message; a new one where it is left out. */
  clientMsgID?: string
}

/** The content of a file message. */
export interface FileElem {
  filePath: string
  uuid: string
  sourceUrl: string
  fileName: string
  fileSize: number
  fileType: string
}

/** One of several forwarded messages. */
export interface ForwardedMessage {
  /** Empty in place of an id that no user can have. */
  sendID: string
  senderNickname: string
  contentType: number
  /** At most 2,000 bytes. */
  text: string
  media: MessageMedia[]
  /** Unix milliseconds. */
  sendTime: number
}

/** A request to become friends. */
export interface FriendApplicationItem {
  /** The id of the user who asks. */
  fromUserID: string
  /** The name of the user who asks. */
  fromNickname: string
  /** The address of the picture of the user who asks. */
  fromFaceURL: string
  /** The id of the user who is asked. */
  toUserID: string
  /** The name of the user who is asked. */
  toNickname: string
  /** The address of the picture of the user who is asked. */
  toFaceURL: string
  /** 0 open, 1 accepted, -1 refused. */
  handleResult: number
  /** The words of the user who asks. */
  reqMsg: string
  /** When the request was made, Unix milliseconds. */
  createTime: number
  /** The user who answered. */
  handlerUserID: string
  /** The words of the answer. */
  handleMsg: string
  /** When the request was answered, Unix milliseconds; 0 while it is open. */
  handleTime: number
  /** Free text for applications. */
  ex: string
}

/** A friend. */
export interface FriendUserItem {
  /** The user whose list this entry is in. */
  ownerUserID: string
  /** The user's id. */
  userID: string
  /** The name that the user chose. */
  nickname: string
  /** The address of the picture. */
  faceURL: string
  /** The name that the owner of the list gave this user. */
  remark: string
  /** When they became friends, Unix seconds. */
  createTime: number
  /** How the user was added, a number of the application. */
  addSource: number
  /** The user who made the entry. */
  operatorUserID: string
  /** Free text for applications. */
  ex: string
  /** Whether it is pinned to the top of the list. */
  isPinned: boolean
}

/** Whether somebody is a friend: 1 or 0. */
export interface FriendshipInfo {
  /** The user's id. */
  userID: string
  /** 1 a friend, 0 not a friend. */
  result: number
}

/** A request to join a group. */
export interface GroupApplicationItem {
  /** The group's id. */
  groupID: string
  /** The group's name. */
  groupName: string
  /** The announcement that is shown to the members. */
  notification: string
  /** A text about the group. */
  introduction: string
  /** The address of the group's picture. */
  groupFaceURL: string
  /** When the group was made, Unix milliseconds. */
  createTime: number
  /** 0 in order, 1 banned, 2 dismissed, 3 muted. */
  status: number
  /** The id of the user who made the group. */
  creatorUserID: string
  /** 2 for a working group, the only type that servers make today. */
  groupType: number
  /** The id of the group's owner. */
  ownerUserID: string
  /** How many members the group has. */
  memberCount: number
  /** The id of the user who asks. */
  userID: string
  /** The name of the user who asks. */
  nickname: string
  /** The address of the picture of the user who asks. */
  userFaceURL: string
  /** 0 open, 1 accepted, -1 refused. */
  handleResult: number
  /** The words of the user who asks. */
  reqMsg: string
  /** The words of the answer. */
  handledMsg: string
  /** When the request was made, Unix milliseconds. */
  reqTime: number
  /** The user who answered. */
  handleUserID: string
  /** When the request was answered, Unix milliseconds; 0 while it is open. */
  handledTime: number
  /** Free text for applications. */
  ex: string
  /** 2 invited, 3 found by searching, 4 by QR code. */
  joinSource: number
  /** The user who invited the one who asks. */
  inviterUserID: string
}

/** A group. The name, the texts, the picture and `ex` were written by people in the group. */
export interface GroupItem {
  /** The group's id. */
  groupID: string
  /** The group's name. */
  groupName: string
  /** The announcement that is shown to the members. */
  notification: string
  /** A text about the group. */
  introduction: string
  /** The address of the group's picture. */
  faceURL: string
  /** The id of the owner. */
  ownerUserID: string
  /** When the group was made, Unix milliseconds. */
  createTime: number
  /** How many members the group has. */
  memberCount: number
  /** Free text for applications. */
  ex: string
  /** 0 in order, 1 banned, 2 dismissed, 3 muted. */
  status: number
  /** The id of the user who made the group. */
  creatorUserID: string
  /** 2 for a working group, the only type that servers make today. */
  groupType: number
  /** 0 users join without asking when a member invites them, 1 everybody has to ask, 2 nobody has to ask. */
  needVerification: number
  /** 0 members can see each other's data, 1 they cannot. */
  lookMemberInfo: number
  /** 0 members can ask each other to become friends, 1 they cannot. */
  applyMemberFriend: number
  /** When the announcement was changed, Unix milliseconds. */
  notificationUpdateTime: number
  /** The id of the user who changed the announcement. */
  notificationUserID: string
}

/** A member of a group. */
export interface GroupMemberItem {
  /** The group's id. */
  groupID: string
  /** The member's id. */
  userID: string
  /** 20 ordinary member, 60 admin, 100 owner. */
  roleLevel: number
  /** When the member joined, Unix milliseconds. */
  joinTime: number
  /** The member's name in the group. */
  nickname: string
  /** The address of the member's picture. */
  faceURL: string
  /** 0 or 1 for a person, 2 for an administrator of the server. The server spells it so. */
  appMangerLevel: number
  /** 2 invited, 3 found by searching, 4 by QR code. */
  joinSource: number
  /** The user who let the member in. */
  operatorUserID: string
  /** Free text for applications. */
  ex: string
  /** Until when the member is muted, Unix milliseconds; 0 when not muted. */
  muteEndTime: number
  /** The user who invited the member. */
  inviterUserID: string
}

/** The content of a message with a place. */
export interface LocationElem {
  description: string
  longitude: number
  latitude: number
}

/** A line for the operator's log. It holds nothing secret. */
export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error'
  /** The account that the line is about. */
  accountId: string
  message: string
}

/** The argument of `login`. `userID` and `platformID` come from the token where they are left out. */
export interface LoginParams {
  /** The user's id; taken from the token where it is left out. */
  userID?: string
  /** An OpenIM user token. */
  token: string
  /** `ws://host:10001` or `wss://…` */
  wsAddr: string
  /** `http://host:10002` or `https://…` */
  apiAddr: string
  /** 5 (Web) where neither this member nor the token says otherwise. */
  platformID?: number
  /**
   * What to do if the server does not check who a message is from, as OpenIM up to 3.8.3: `warn` (the default), or
   * `refuse` to use it; then the login fails.
   */
  requireVerifiedSender?: 'warn' | 'refuse'
  /** `gzip` compresses the frames of the socket. */
  compression?: 'gzip' | ''
  /** Where files come from: the server, its storage and `mediaHosts` (`server`, the default), or any public address. */
  mediaSources?: 'server' | 'any'
  /** Hosts that files may come from besides the server itself, also private ones. */
  mediaHosts?: string[]
  /** A PEM file with roots to trust besides the system's and those of `NODE_EXTRA_CA_CERTS`. */
  ca?: string
  /** A PEM file with the account's own certificate, for servers that ask for one. Needs `clientKey`. */
  clientCert?: string
  /** A PEM file with the key of that certificate, without a password. Needs `clientCert`. */
  clientKey?: string
  /**
   * A proxy for all connections: `http://`, `https://`, `socks5://` or `socks5h://`; `""` or `direct` for none. Where it is
   * left out, `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` decide.
   */
  proxy?: string
  /** The account's name in errors and logs; the user's id where it is left out. */
  accountId?: string
  /** The directory that keeps what was delivered over restarts; in memory where it is left out. */
  stateDir?: string
  /** How many messages of each conversation are delivered on the very first login; none where it is left out. */
  firstStart?: 'skip' | number
  /** What happens to messages that were sent while the account was away; all are delivered where it is left out. */
  offline?: { mode?: 'answer' | 'context' | 'ignore', maxAgeMinutes?: number, maxPerConversation?: number }
  /** Calls about friends and the black list are refused unless this is `false`. */
  disableFriendSdk?: boolean
  /** When the promise resolves. */
  until?: 'online' | 'started'
  /** How much of what the core does is passed to `onLog`; `off` where it is left out. */
  logLevel?: 'off' | 'error' | 'warn' | 'info' | 'debug'
  /** How to get a new token, as in the channel's configuration; `docs/tokens.md` has every field. */
  tokenRefresh?: unknown
  /** Called instead of `globalThis.__multiOpenimTokenRefresher` in mode `hook`. */
  tokenRefresher?: TokenRefresher
  /** Called with each new token once it is stored. A failure becomes a warning. */
  onToken?: (news: NewToken) => void | Promise<void>
}

/** The content of several messages that are forwarded together. */
export interface MergeElem {
  title: string
  abstractList: string[]
  /** The messages as the sender tells them; nothing in them is verified. */
  multiMessage: Array<Partial<Message>>
  messageEntityList: MessageEntity[]
}

/** A message, received or to be sent. Everything in a received message but its ids was written by a stranger. */
export interface Message {
  /** The id that the sender gave the message. It stays the same when the message is sent again. */
  clientMsgID: string
  /** The id that the server gave the message; empty before it was sent. */
  serverMsgID: string
  /** The conversation: `si_<user>_<user>`, `sg_<group>` or `sn_<user>_<user>`. */
  conversationID: string
  /** The user id of the sender. */
  sendID: string
  /** The user id of the receiver; empty in a group. */
  recvID: string
  /** The group; empty in a direct conversation. */
  groupID: string
  /** The sender's name, as the sender chose it. */
  senderNickname: string
  /** The address of the sender's picture. */
  senderFaceUrl: string
  /** The platform that the sender wrote on: 1 iOS, 2 Android, 3 Windows, 4 macOS, 5 Web, 7 Linux. */
  senderPlatformID: number
  /** 1 direct, 3 group, 4 a notification account. The server takes 4 from anybody: it proves nothing about the sender. */
  sessionType: number
  /** 100 a user, 200 the server. */
  msgFrom: number
  /** The kind of the message; 101 is text. */
  contentType: number
  /** The content as it came: JSON text. */
  content: string
  /** The number of the message in its conversation; 0 before it was sent. */
  seq: number
  /** When the server took the message, Unix milliseconds. */
  sendTime: number
  /** When the sender made the message, Unix milliseconds. */
  createTime: number
  /** 1 not sent yet, 2 sent, 3 failed. */
  status: number
  /** Whether the message was read. */
  isRead: boolean
  /** What OpenIM clients attach to a message: JSON text. */
  attachedInfo: string
  /** Free text for applications. */
  ex: string
  /** The user ids that the message mentions; `AtAllTag` stands for everybody. */
  atUserIDList: string[]
  /**
   * The words of the sender; a label such as `[file a.pdf]` for kinds without words, and empty where there is nothing
   * to read. Quoted and forwarded words are not in it.
   */
  text: string
  /** The files of the message. */
  media: MessageMedia[]
  /** The message that this one answers. */
  quote: MessageQuote | null
  /** The messages that this one forwards. */
  forwarded: MessageForward | null
  /**
   * The content of a text message. At most one of the elements is set, the one of the message's kind. Of messages
   * inside it, an element holds two levels and at most 100; `content` has all.
   */
  textElem: TextElem | null
  pictureElem: PictureElem | null
  soundElem: SoundElem | null
  videoElem: VideoElem | null
  fileElem: FileElem | null
  atTextElem: AtTextElem | null
  mergeElem: MergeElem | null
  cardElem: CardElem | null
  locationElem: LocationElem | null
  customElem: CustomElem | null
  quoteElem: QuoteElem | null
  faceElem: FaceElem | null
  advancedTextElem: AdvancedTextElem | null
  markdownTextElem: TextElem | null
  notificationElem: NotificationElem | null
  /** Whether the message mentions this account, by name or with everybody. */
  isAtSelf: boolean
  /** The number of this delivery for `ack` and `nack`; 0 for a message of one's own and in history. */
  delivery: number
  /** Whether the message was delivered before and refused. */
  redelivered: boolean
  /** Whether the message was sent while this account was not connected. */
  offline: boolean
}

/** A marked part of a text. */
export interface MessageEntity {
  type: string
  offset: number
  length: number
  url: string
  ex: string
}

/** Forwarded messages, at most 50, as the sender tells them. */
export interface MessageForward {
  title: string
  /** The lines that stand for the messages in a list. */
  summary: string[]
  messages: ForwardedMessage[]
}

/**
 * A file of a message. Everything in it was written by the sender: the address must be checked and the type sniffed. A
 * number is 0 and a text is empty where the sender says nothing.
 */
export interface MessageMedia {
  /** What it is. */
  kind: 'image' | 'audio' | 'video' | 'file'
  /** The address of the file. */
  url: string
  /** The name of the file, never a path. */
  name: string
  /** Bytes. */
  size: number
  /** A MIME type. */
  contentType: string
  /** Seconds. */
  duration: number
  /** Pixels. */
  width: number
  /** Pixels. */
  height: number
  /** The address of a small picture of the file. */
  snapshotUrl: string
}

/** The quoted message, as the sender of the answer tells it. */
export interface MessageQuote {
  /** A fingerprint in place of an id that is not a plain one. */
  clientMsgID: string
  /** Empty in place of an id that no user can have. */
  sendID: string
  senderNickname: string
  /** The kind of the quoted message; 2101 where it was revoked. */
  contentType: number
  /** At most 2,000 bytes. */
  text: string
  media: MessageMedia[]
}

/** The content of a notification. */
export interface NotificationElem {
  /** JSON text. */
  detail: string
}

/** The notification that sleeping devices show. Members that are left out are empty. */
export interface OfflinePushInfo {
  title?: string
  desc?: string
  ex?: string
  iOSPushSound?: string
  iOSBadgeCount?: boolean
  /** Not sent. Bots written for OpenIM's JS client may set it. */
  signalInfo?: string
}

/** One size of a picture. */
export interface PicBaseInfo {
  uuid: string
  type: string
  size: number
  width: number
  height: number
  url: string
}

/** The content of a picture message: the picture in up to three sizes. */
export interface PictureElem {
  sourcePath: string
  sourcePicture: PicBaseInfo
  bigPicture: PicBaseInfo
  snapshotPicture: PicBaseInfo
}

/** The content of an answer, with the message that it answers. */
export interface QuoteElem {
  text: string
  /** The quoted message as the sender of the answer tells it; nothing in it is verified. */
  quoteMessage: Partial<Message> | null
  messageEntityList: MessageEntity[]
}

/** The settings of a `RefreshManager`. */
export interface RefreshManagerConfig {
  /** An OpenIM user token. */
  token: string
  /** The account's name in requests, files, logs and callbacks; `client` where it is left out. */
  accountId?: string
  /** Taken from the token where it is left out. */
  userID?: string
  /** Taken from the token where it is left out. */
  platformID?: number
  /** As in the channel's configuration; `docs/tokens.md` has every field. */
  tokenRefresh?: unknown
  /** The directory that keeps the newest token over restarts; in memory where it is left out. */
  stateDir?: string
  /** The text that `guardState` of an earlier manager returned. */
  guard?: string
  /** The server that the token is for, where one account name is used with several servers. */
  apiAddr?: string
  /** A PEM file with roots to trust besides the system's and those of `NODE_EXTRA_CA_CERTS`. */
  ca?: string
  /** A PEM file with the account's own certificate, for servers that ask for one. Needs `clientKey`. */
  clientCert?: string
  /** A PEM file with the key of that certificate, without a password. Needs `clientCert`. */
  clientKey?: string
  /**
   * A proxy for all connections: `http://`, `https://`, `socks5://` or `socks5h://`; `""` or `direct` for none. Where it is
   * left out, `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` decide.
   */
  proxy?: string
}

/** A user. The name, the picture and `ex` were written by that user. */
export interface SelfUserInfo {
  /** The user's id. */
  userID: string
  /** The name that the user chose. */
  nickname: string
  /** The address of the user's picture. */
  faceURL: string
  /** Free text for applications. */
  ex: string
  /** When the user was registered, Unix milliseconds. */
  createTime: number
  /** 0 or 1 for a person, 2 for an administrator of the server. The server spells it so. */
  appMangerLevel: number
  /** 0 messages arrive, 1 no messages arrive, 2 messages arrive without a notification. */
  globalRecvMsgOpt: number
}

/** The argument of `sendMessage` without the functions in it. */
export interface SendOptions {
  /** The user that the message goes to. */
  recvID?: string
  /** The group that the message goes to. */
  groupID?: string
  message: Partial<Message>
  /** The notification that sleeping devices show. */
  offlinePushInfo?: OfflinePushInfo
  /** Delivers only to users who are connected now. The message is not stored and gets no place in the conversation. */
  isOnlineOnly?: boolean
  /**
   * Resolves only once the message was seen in its conversation: the server's acknowledgement alone does not promise
   * that the message is stored. Takes a moment longer.
   */
  untilStored?: boolean
}

/** The content of a voice message. */
export interface SoundElem {
  uuid: string
  soundPath: string
  sourceUrl: string
  dataSize: number
  /** Seconds. */
  duration: number
  /** A file ending ("mp3") or a MIME type. */
  soundType: string
}

/** The content of a text or markdown message. */
export interface TextElem {
  content: string
}

/** An uploaded file. */
export interface UploadResult {
  /** The address of the file. */
  url: string
  name: string
  size: number
  contentType: string
  /** The server's hash of the content: MD5 over the MD5s of its parts. */
  hash: string
  /** The server had the content already, and nothing was sent. */
  instant: boolean
}

/** Whether somebody is online (1) or not (0), and where. */
export interface UserOnlineState {
  /** The user's id. */
  userID: string
  /** 1 online, 0 offline. */
  status: number
  /** The platforms on which the user is online. */
  platformIDs: number[]
}

/** The content of a video message. */
export interface VideoElem {
  videoPath: string
  videoUUID: string
  videoUrl: string
  videoType: string
  videoSize: number
  /** Seconds. */
  duration: number
  snapshotPath: string
  snapshotUUID: string
  snapshotSize: number
  snapshotUrl: string
  snapshotWidth: number
  snapshotHeight: number
  snapshotType: string
}

export interface OpenImClient {
  /** Returns the account's own user, as the server has it now. */
  getSelfUserInfo(): Promise<SelfUserInfo>
  /** Changes the account's own user. Members that are left out stay as they are. */
  setSelfInfo(info: { nickname?: string, faceURL?: string, ex?: string, globalRecvMsgOpt?: number }): Promise<void>
  /** Returns users by their ids. Unknown ids are left out. */
  getUsersInfo(userIDs: string[]): Promise<SelfUserInfo[]>
  /**
   * Returns which of these users are online, and from now on tells when that changes by `OnUserStatusChanged`. At most 3,000
   * users.
   */
  subscribeUsersStatus(userIDs: string[]): Promise<UserOnlineState[]>
  /** Ends the subscription of `subscribeUsersStatus` for these users. */
  unsubscribeUsersStatus(userIDs: string[]): Promise<void>
  /** Returns the online status of all subscribed users that has been received so far. */
  getSubscribeUsersStatus(): Promise<UserOnlineState[]>
  /** Returns groups by their ids. Unknown ids are left out. */
  getSpecifiedGroupsInfo(groupIDs: string[]): Promise<GroupItem[]>
  /** Returns a part of the groups that the account is in. */
  getJoinedGroupListPage(part: { offset: number, count: number }): Promise<GroupItem[]>
  /** Creates a group. The account owns it unless `ownerUserID` names another user. */
  createGroup(params: { memberUserIDs: string[], adminUserIDs?: string[], ownerUserID?: string, groupInfo: Partial<GroupItem> }): Promise<GroupItem>
  /** Changes a group. Members that are left out stay as they are. */
  setGroupInfo(info: { groupID: string, groupName?: string, notification?: string, introduction?: string, faceURL?: string, ex?: string, needVerification?: number, lookMemberInfo?: number, applyMemberFriend?: number }): Promise<void>
  /** Mutes or unmutes the whole group. The owner and admins can always write. */
  changeGroupMute(params: { groupID: string, isMute: boolean }): Promise<void>
  /** Makes another member the owner of the group. */
  transferGroupOwner(params: { groupID: string, newOwnerUserID: string }): Promise<void>
  /** Dismisses a group that the account owns. */
  dismissGroup(groupID: string): Promise<void>
  /**
   * Returns a part of a group's members. A `filter` keeps those of this part that match: 1 owner, 2 admins, 3 ordinary members,
   * 4 admins and ordinary members, 5 owner and admins.
   */
  getGroupMemberList(params: { groupID: string, filter?: number, offset: number, count: number }): Promise<GroupMemberItem[]>
  /** Returns members of a group by their user ids. Users who are not members are left out. */
  getSpecifiedGroupMembersInfo(params: { groupID: string, userIDList: string[] }): Promise<GroupMemberItem[]>
  /** Returns those of the user ids that are members of the group. */
  getUsersInGroup(params: { groupID: string, userIDList: string[] }): Promise<string[]>
  /** Returns whether the account is a member of the group. */
  isJoinGroup(groupID: string): Promise<boolean>
  /**
   * Joins a group, or sends a join request if the group requires approval. `joinSource`: 2 invited, 3 found by searching
   * (the default), 4 by QR code.
   */
  joinGroup(params: { groupID: string, reqMsg?: string, joinSource?: number, ex?: string }): Promise<void>
  /** Leaves a group. */
  quitGroup(groupID: string): Promise<void>
  /** Adds users to a group. */
  inviteUserToGroup(params: { groupID: string, reason?: string, userIDList: string[] }): Promise<void>
  /** Removes members from a group. */
  kickGroupMember(params: { groupID: string, reason?: string, userIDList: string[] }): Promise<void>
  /** Mutes a member for `mutedSeconds`; 0 unmutes. */
  changeGroupMemberMute(params: { groupID: string, userID: string, mutedSeconds: number }): Promise<void>
  /** Changes a member of a group. `roleLevel`: 20 ordinary member, 60 admin. Members that are left out stay as they are. */
  setGroupMemberInfo(info: { groupID: string, userID: string, nickname?: string, faceURL?: string, roleLevel?: number, ex?: string }): Promise<void>
  /** Returns join requests for groups that the account owns or administers. */
  getGroupApplicationListAsRecipient(part: { offset: number, count: number }): Promise<GroupApplicationItem[]>
  /** Returns the account's own requests to join groups. */
  getGroupApplicationListAsApplicant(part: { offset: number, count: number }): Promise<GroupApplicationItem[]>
  /** Accepts a user's request to join the group. */
  acceptGroupApplication(params: { groupID: string, fromUserID: string, handleMsg?: string }): Promise<void>
  /** Rejects a user's request to join the group. */
  refuseGroupApplication(params: { groupID: string, fromUserID: string, handleMsg?: string }): Promise<void>
  /** Returns a part of the conversations: pinned ones first, then by their newest message. */
  getConversationListSplit(part: { offset: number, count: number }): Promise<ConversationItem[]>
  /**
   * Returns the conversation with a user (`sessionType` 1), in a group (3) or with a notification account (4), also one without
   * messages.
   */
  getOneConversation(params: { sourceID: string, sessionType: number }): Promise<ConversationItem>
  /** Returns how many messages are unread in all conversations that are not muted. */
  getTotalUnreadMsgCount(): Promise<number>
  /** Marks everything in a conversation as read and tells the other side. Succeeds also when nothing is unread. */
  markConversationMessageAsRead(conversationID: string): Promise<void>
  /** Changes the settings of a conversation. Members that are left out stay as they are. */
  setConversation(params: { conversationID: string, recvMsgOpt?: number, groupAtType?: number, burnDuration?: number, msgDestructTime?: number, isPinned?: boolean, isPrivateChat?: boolean, isMsgDestruct?: boolean, ex?: string }): Promise<void>
  /** Tells the other side that the account is typing (at most every 10 s), or that it has stopped (if it was typing). */
  changeInputStates(params: { conversationID: string, focus: boolean }): Promise<void>
  /** Returns the platforms that a user is typing on at the moment. */
  getInputStates(params: { conversationID: string, userID: string }): Promise<number[]>
  /**
   * Returns at most 500 messages before a message, oldest first; the newest ones where no message is named. With `startSeq`
   * the message need not be searched for. Deleted and revoked messages and notifications are left out.
   */
  getAdvancedHistoryMessageList(query: { conversationID: string, startClientMsgID?: string, startSeq?: number, count: number }): Promise<AdvancedGetMessageResult>
  /**
   * Returns at most 500 messages from a message on, oldest first, including that message; the oldest ones where no message is
   * named.
   */
  getAdvancedHistoryMessageListReverse(query: { conversationID: string, startClientMsgID?: string, startSeq?: number, count: number }): Promise<AdvancedGetMessageResult>
  /** Revokes a message for everybody. Without its `seq` it is searched for among the newest 1,000. */
  revokeMessage(message: { conversationID: string, clientMsgID: string, seq?: number }): Promise<void>
  /** Deletes a message for this account only. Without its `seq` it is searched for among the newest 1,000. */
  deleteMessage(message: { conversationID: string, clientMsgID: string, seq?: number }): Promise<void>
  /** Deletes all messages of a conversation for this account only. The conversation itself stays. */
  deleteConversationAndDeleteAllMsg(conversationID: string): Promise<void>
  /** Deletes all messages of all conversations for this account only. */
  deleteAllMsgFromLocalAndSvr(): Promise<void>
  /** Sends a request to become friends. */
  addFriend(params: { toUserID: string, reqMsg?: string, ex?: string }): Promise<void>
  /** The same as `addFriend`. */
  addFriendV2(params: { toUserID: string, reqMsg?: string, ex?: string }): Promise<void>
  /** The same as `addFriend`, under the name of older SDKs. */
  applyFriend(params: { toUserID: string, reqMsg?: string, ex?: string }): Promise<void>
  /** Accepts a request to become friends. `toUserID` is the user who asked. */
  acceptFriendApplication(params: { toUserID: string, handleMsg?: string }): Promise<void>
  /** Rejects a request to become friends. `toUserID` is the user who asked. */
  refuseFriendApplication(params: { toUserID: string, handleMsg?: string }): Promise<void>
  /** Ends a friendship. */
  deleteFriend(userID: string): Promise<void>
  /** Returns for each user whether it is a friend: 1 or 0. */
  checkFriend(userIDs: string[]): Promise<FriendshipInfo[]>
  /** Returns friends by their user ids. Users who are not friends are left out. */
  getSpecifiedFriendsInfo(userIDs: string[]): Promise<FriendUserItem[]>
  /** Returns a part of the friends. */
  getFriendListPage(part: { offset: number, count: number }): Promise<FriendUserItem[]>
  /** Returns all friends, at most 10,000, for code that does not page. */
  getFriendList(): Promise<FriendUserItem[]>
  /** Changes the entries of these friends. Members that are left out stay as they are. */
  updateFriends(params: { friendUserIDs: string[], remark?: string, isPinned?: boolean, ex?: string }): Promise<void>
  /** Gives a friend another name, as SDKs before `updateFriends` did. */
  setFriendRemark(params: { toUserID: string, remark: string }): Promise<void>
  /** Returns a part of the friend requests that the account received. */
  getFriendApplicationListAsRecipient(part: { offset: number, count: number }): Promise<FriendApplicationItem[]>
  /** Returns a part of the friend requests that the account sent. */
  getFriendApplicationListAsApplicant(part: { offset: number, count: number }): Promise<FriendApplicationItem[]>
  /** Returns the newest 1,000 friend requests that the account received, for code that does not page. */
  getFriendApplicationList(): Promise<FriendApplicationItem[]>
  /** The same as `getFriendApplicationList`. */
  getRecvFriendApplicationList(): Promise<FriendApplicationItem[]>
  /** Returns the newest 1,000 friend requests that the account sent, for code that does not page. */
  getSendFriendApplicationList(): Promise<FriendApplicationItem[]>
  /** Blocks a user: no messages from this user arrive any more. */
  addBlack(user: string | { toUserID: string, ex?: string }): Promise<void>
  /** Unblocks a user. */
  removeBlack(userID: string): Promise<void>
  /** Returns a part of the blocked users. */
  getBlackList(part: { offset: number, count: number }): Promise<BlackUserItem[]>
}
