//! Types for `index.d.ts` alone: arguments that `loose.rs` reads member by member, and what `js/unpack.js` makes.
#![expect(dead_code, reason = "stated for TypeScript; nothing in Rust makes or reads them")]

use napi::bindgen_prelude::Null;
use napi_derive::napi;

use crate::message_types::Message;

/// Settings of a client.
#[napi(object, object_to_js = false)]
pub struct ClientOptions {
    /// Whether the promise of a batch settles its messages (`batch`, the default) or `ack` and `nack` do (`manual`).
    #[napi(ts_type = "'batch' | 'manual'")]
    pub ack_mode: Option<String>,
    /// Called with lines for the operator's log; nothing is ever printed.
    #[napi(ts_type = "(lines: LogLine[]) => void | Promise<void>")]
    pub on_log: Option<Null>,
}

/// What `login` takes. `userID` and `platformID` come from the token where they are left out.
#[napi(object, object_to_js = false)]
pub struct LoginParams {
    #[napi(js_name = "userID")]
    pub user_id: Option<String>,
    pub token: String,
    /// `ws://host:10001` or `wss://…`
    pub ws_addr: String,
    /// `http://host:10002` or `https://…`
    pub api_addr: String,
    /// 5, Web, where neither this nor the token says otherwise.
    #[napi(js_name = "platformID")]
    pub platform_id: Option<i32>,
    /// The account's name in errors and logs; the user's id where it is left out.
    pub account_id: Option<String>,
    #[napi(ts_type = "'gzip' | ''")]
    pub compression: Option<String>,
    /// A PEM file with roots to trust besides the system's and those of `NODE_EXTRA_CA_CERTS`.
    pub ca: Option<String>,
    /// A PEM file with the account's own certificate, for servers that ask for one. Needs `clientKey`.
    pub client_cert: Option<String>,
    /// A PEM file with the key of that certificate, without a password. Needs `clientCert`.
    pub client_key: Option<String>,
    /// A proxy for everything: `http://`, `https://`, `socks5://` or `socks5h://`; `""` or `direct` for none. Where it is
    /// left out, `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` decide.
    pub proxy: Option<String>,
    /// Private places that media may be fetched from besides the server itself.
    pub media_hosts: Option<Vec<String>>,
    /// Where to keep what was delivered over restarts; in memory where it is left out.
    pub state_dir: Option<String>,
    /// Messages of each conversation that count on the very first login; none where it is left out.
    #[napi(ts_type = "'skip' | number")]
    pub first_start: Option<Null>,
    /// What becomes of messages that were sent while the account was away; all are handed over where it is left out.
    #[napi(
        ts_type = "{ mode?: 'answer' | 'context' | 'ignore', maxAgeMinutes?: number, maxPerConversation?: number }"
    )]
    pub offline: Option<Null>,
    /// Whether calls about friends and the black list are refused; they are unless this is `false`.
    pub disable_friend_sdk: Option<bool>,
    /// When the promise resolves.
    #[napi(ts_type = "'online' | 'started'")]
    pub until: Option<String>,
    /// How to get a new token, as in the channel's configuration; `docs/tokens.md` has every field.
    #[napi(ts_type = "unknown")]
    pub token_refresh: Option<Null>,
    /// Instead of `globalThis.__multiOpenimTokenRefresher`, in mode `hook`.
    #[napi(
        ts_type = "(accountId: string, reason: string) => { token: string, userID?: string } | null | Promise<{ token: string, userID?: string } | null>"
    )]
    pub token_refresher: Option<Null>,
    /// Is told about each new token once it is stored. A failure is a warning.
    #[napi(ts_type = "(news: NewToken) => void | Promise<void>")]
    pub on_token: Option<Null>,
}

/// What `sendMessage` takes: exactly one of `recvID` and `groupID`.
#[napi(object, object_to_js = false)]
pub struct SendParams {
    #[napi(js_name = "recvID")]
    pub recv_id: Option<String>,
    #[napi(js_name = "groupID")]
    pub group_id: Option<String>,
    #[napi(ts_type = "Partial<Message>")]
    pub message: Null,
    /// What sleeping devices show of it; members that are left out are empty.
    #[napi(
        ts_type = "{ title?: string, desc?: string, ex?: string, iOSPushSound?: string, iOSBadgeCount?: boolean, signalInfo?: string }"
    )]
    pub offline_push_info: Option<Null>,
    /// Only for who is connected now: it is stored nowhere and gets no place in the conversation.
    pub is_online_only: Option<bool>,
    /// Resolve only once the message was seen in its conversation: the server's acknowledgement alone does not promise
    /// that it is stored. Costs a moment.
    pub until_stored: Option<bool>,
    /// Of the upload of a message's file, a few times a second.
    #[napi(ts_type = "(progress: { sent: number, total: number }) => void")]
    pub on_progress: Option<Null>,
    /// Cancels the upload of a message's file; a message on its way is not called back.
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Null>,
}

/// Something that happened to the client besides messages.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct ClientEvent {
    #[napi(
        ts_type = "'OnConnecting' | 'OnConnectSuccess' | 'OnConnectFailed' | 'OnDisconnected' | 'OnKickedOffline' | 'OnUserTokenExpired' | 'OnUserTokenInvalid' | 'OnUserTokenRefreshed' | 'OnSyncServerStart' | 'OnSyncServerFinish' | 'OnDeadLetter' | 'OnStopped' | 'OnNewRecvMessageRevoked' | 'OnRecvC2CReadReceipt' | 'OnConversationUserInputStatusChanged' | 'OnConversationChanged' | 'OnRecvCustomBusinessMessage' | 'OnRecvUnknownMessage' | 'OnUserStatusChanged' | 'OnSelfInfoUpdated' | 'OnFriendApplicationAdded' | 'OnFriendApplicationAccepted' | 'OnFriendApplicationRejected' | 'OnFriendAdded' | 'OnFriendDeleted' | 'OnFriendInfoChanged' | 'OnBlackAdded' | 'OnBlackDeleted' | 'OnJoinedGroupAdded' | 'OnJoinedGroupDeleted' | 'OnGroupDismissed' | 'OnGroupInfoChanged' | 'OnGroupMemberAdded' | 'OnGroupMemberDeleted' | 'OnGroupMemberInfoChanged' | 'OnGroupApplicationAdded' | 'OnGroupApplicationAccepted' | 'OnGroupApplicationRejected'"
    )]
    pub event: String,
    /// The server's own code, 0 where no server spoke.
    pub err_code: i32,
    pub err_msg: String,
    /// In the shape of OpenIM's JS client. What it tells was claimed by somebody: ask the server before acting on it.
    #[napi(ts_type = "any")]
    pub data: Null,
}

/// What listeners get.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct ListenerEvent {
    #[napi(
        ts_type = "ClientEvent['event'] | 'OnRecvNewMessages' | 'OnRecvNewMessage' | 'onRecvOfflineNewMessages' | 'onRecvOfflineNewMessage'"
    )]
    pub event: String,
    /// Messages for the events of messages; the rest is as in `ClientEvent`.
    #[napi(ts_type = "any")]
    pub data: Null,
    pub err_code: i32,
    pub err_msg: String,
    /// Always empty; bots written for OpenIM's JS client may read it.
    #[napi(js_name = "operationID")]
    pub operation_id: String,
}

/// Messages and events, each in order.
#[napi(object, object_from_js = false)]
pub struct Batch {
    pub messages: Vec<Message>,
    pub events: Vec<ClientEvent>,
}

/// A line for the operator's log; holds nothing secret.
#[napi(object, object_from_js = false)]
pub struct LogLine {
    #[napi(ts_type = "'warn' | 'error'")]
    pub level: String,
    pub account_id: String,
    pub message: String,
}

/// What `createChannelPlugin` takes.
#[napi(object, object_to_js = false)]
pub struct ChannelPluginContext {
    /// The resolved block `channels["multi-openim"]`.
    #[napi(ts_type = "unknown")]
    pub channel: Null,
    #[napi(ts_type = "Partial<Record<'debug' | 'info' | 'warn' | 'error', (message: string) => void>>")]
    pub logger: Null,
    /// Gets every message; the promise settles it unless `state.ack` or `state.nack` did before.
    #[napi(ts_type = "(ctx: any, state: InboundState, message: Message) => void | Promise<void>")]
    pub dispatch_inbound: Option<Null>,
    /// The host's state directory: what was delivered is kept there over restarts, in memory where it is left out.
    pub state_dir: Option<String>,
    /// The host's whole configuration.
    #[napi(ts_type = "unknown")]
    pub cfg: Option<Null>,
    /// Is told about each new token, to put it into the host's configuration. A failure is a warning: the token is kept in
    /// `stateDir` in any case.
    #[napi(ts_type = "(news: NewToken) => void | Promise<void>")]
    pub on_token: Option<Null>,
}

/// A token that is about to be used.
#[napi(object, object_from_js = false)]
pub struct NewToken {
    pub account_id: String,
    pub token: String,
    #[napi(js_name = "userID")]
    pub user_id: String,
}

/// What a `RefreshManager` is made of.
#[napi(object, object_to_js = false)]
pub struct RefreshManagerConfig {
    pub token: String,
    /// The account's name in requests, files, logs and callbacks; `client` where it is left out.
    pub account_id: Option<String>,
    /// From the token where they are left out.
    #[napi(js_name = "userID")]
    pub user_id: Option<String>,
    #[napi(js_name = "platformID")]
    pub platform_id: Option<i32>,
    /// As in the channel's configuration; `docs/tokens.md` has every field.
    #[napi(ts_type = "unknown")]
    pub token_refresh: Option<Null>,
    /// Where the newest token is kept over restarts; in memory where it is left out.
    pub state_dir: Option<String>,
    /// What `guardState` of an earlier manager returned.
    pub guard: Option<String>,
    /// Whose token it is, where one name is used with several servers.
    pub api_addr: Option<String>,
    pub ca: Option<String>,
    pub client_cert: Option<String>,
    pub client_key: Option<String>,
    pub proxy: Option<String>,
}

/// What a `RefreshManager` calls. What they throw is a failure of their own step and nothing else.
#[napi(object, object_to_js = false)]
pub struct RefreshManagerCallbacks {
    /// Instead of `globalThis.__multiOpenimTokenRefresher`, in mode `hook`.
    #[napi(
        ts_type = "(accountId: string, reason: string) => { token: string, userID?: string } | null | Promise<{ token: string, userID?: string } | null>"
    )]
    pub refresher: Option<Null>,
    /// Stores a new token before it is used. While it fails, the old one is kept in use and storing is tried again.
    #[napi(
        ts_type = "(news: { accountId: string, token: string, userID: string | null, fields: Record<string, unknown> }) => void | Promise<void>"
    )]
    pub persist: Option<Null>,
    /// Is told about a new token once it is stored. A failure is a warning.
    #[napi(ts_type = "(news: NewToken) => void | Promise<void>")]
    pub on_token: Option<Null>,
    /// A new token is in use: a connection with the old one has to be made anew.
    #[napi(ts_type = "() => void | Promise<void>")]
    pub reconnect: Option<Null>,
    /// Nobody will give a token until a person has done something. Awaited before `refresh` resolves.
    #[napi(ts_type = "(reason: string) => void | Promise<void>")]
    pub on_permanent_failure: Option<Null>,
    #[napi(ts_type = "(lines: LogLine[]) => void | Promise<void>")]
    pub on_log: Option<Null>,
}

/// The account a message came in by.
#[napi(object, object_from_js = false)]
pub struct InboundState {
    pub account_id: String,
    /// The account's own user id.
    pub self_id: String,
    #[napi(ts_type = "ResolvedAccount")]
    pub account: Null,
    #[napi(ts_type = "(message: Message) => void")]
    pub ack: Null,
    #[napi(ts_type = "(message: Message) => void")]
    pub nack: Null,
    #[napi(ts_type = "(to: string, text: string) => Promise<SendTextResult>")]
    pub send_text: Null,
    #[napi(
        ts_type = "(to: string, file: FileByPath & { kind?: 'image' | 'voice' | 'video' | 'file', text?: string }) => Promise<SendTextResult>"
    )]
    pub send_media: Null,
    /// Fetches what a message points at; see `OpenImClient.download`.
    #[napi(ts_type = "(url: string, options?: DownloadOptions) => Promise<DownloadResult>")]
    pub download: Null,
}

/// One account of the configuration. The token can be asked for and is in no listing.
#[napi(object, object_from_js = false)]
pub struct ResolvedAccount {
    pub account_id: String,
    pub enabled: bool,
    pub configured: bool,
    #[napi(js_name = "userID", ts_type = "string | null")]
    pub user_id: Option<Null>,
    #[napi(js_name = "platformID", ts_type = "number | null")]
    pub platform_id: Option<Null>,
    pub ws_addr: Option<String>,
    pub api_addr: Option<String>,
    pub require_mention: Option<bool>,
    pub inbound_whitelist: Option<Vec<String>>,
    pub disable_friend_sdk: Option<bool>,
    #[napi(ts_type = "unknown", readonly)]
    pub token: Option<Null>,
}

/// The result of `sendText` and `sendMedia`: a refusal is a value, never an exception.
#[napi(object, object_from_js = false)]
pub struct SendTextResult {
    pub ok: bool,
    pub provider: Option<String>,
    pub message_id: Option<String>,
    /// The message with the words after a file.
    pub text_message_id: Option<String>,
    pub server_message_id: Option<String>,
    pub conversation_id: Option<String>,
    /// Its `code` is the result's.
    #[napi(ts_type = "Error & { code?: string }")]
    pub error: Option<Null>,
    pub code: Option<String>,
    pub retryable: Option<bool>,
    pub maybe_delivered: Option<bool>,
}

/// The channel as a host sees it.
#[napi(object, object_from_js = false)]
pub struct ChannelDescriptor {
    pub id: String,
    #[napi(
        ts_type = "{ id: string, label: string, selectionLabel: string, docsPath: string, blurb: string, aliases: string[] }"
    )]
    pub meta: Null,
    #[napi(ts_type = "{ chatTypes: ('direct' | 'group')[] }")]
    pub capabilities: Null,
    #[napi(
        ts_type = "{ listAccountIds(cfg?: unknown): string[], resolveAccount(cfg: unknown, accountId?: string | null): ResolvedAccount, isEnabled(account: any): boolean, isConfigured(account: any): boolean, describeAccount(account: any): { accountId: string, enabled: boolean, configured: boolean } }"
    )]
    pub config: Null,
    #[napi(
        ts_type = "{ startAccount(ctx: any): Promise<void>, stopAccount(ctx: any): Promise<void>, healthCheckIntervalMinutes: number }"
    )]
    pub gateway: Null,
    #[napi(
        ts_type = "{ deliveryMode: 'direct', resolveTarget(params: { to?: string }): { ok: true, to: string } | { ok: false, error: Error }, sendText(params: { to: string, text: string, accountId?: string | null, clientMsgID?: string }): Promise<SendTextResult>, sendMedia(params: FileByPath & { to: string, kind?: 'image' | 'voice' | 'video' | 'file', text?: string, accountId?: string | null, signal?: AbortSignal }): Promise<SendTextResult> }"
    )]
    pub outbound: Null,
    #[napi(
        ts_type = "{ setInboundDispatcher(dispatch: ChannelPluginContext['dispatchInbound'] | null): void, getConnectedClient(accountId?: string | null): OpenImClient | null, hasConnectedAccountClient(accountId?: string | null): boolean, connectedClientCount(): number, listConnectedAccountIds(): string[], startAccountClient(ctx: any, account: any): Promise<OpenImClient>, stopAccountClient(accountId?: string | null): Promise<boolean>, stopAllClients(): Promise<void>, _internal_resetClients(): Promise<void>, snapshotAccountStatus(accountId: string): { accountId: string, enabled: boolean, configured: true, running: boolean, connected: boolean, lastConnectedAt?: number, lastError?: string } }"
    )]
    pub clients: Null,
    #[napi(
        ts_type = "{ refresh(accountId: string, reason?: string | null): Promise<RefreshResult>, offer(accountId: string, token: string): Promise<OfferResult> }"
    )]
    pub tokens: Null,
}
