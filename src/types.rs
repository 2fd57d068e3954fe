//! Types for `index.d.ts` alone: arguments that `loose.rs` reads member by member, and what `js/unpack.js` makes.
#![expect(dead_code, reason = "stated for TypeScript; nothing in Rust makes or reads them")]

use napi::bindgen_prelude::Null;
use napi_derive::napi;

use crate::dto::Message;

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
    /// When the promise resolves.
    #[napi(ts_type = "'online' | 'started'")]
    pub until: Option<String>,
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
    /// Resolve only once the message was seen in its conversation: the server's acknowledgement alone does not promise
    /// that it is stored. Costs a moment.
    pub until_stored: Option<bool>,
}

/// Something that happened to the client besides messages.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct ClientEvent {
    #[napi(
        ts_type = "'OnConnecting' | 'OnConnectSuccess' | 'OnConnectFailed' | 'OnDisconnected' | 'OnKickedOffline' | 'OnUserTokenExpired' | 'OnUserTokenInvalid' | 'OnSyncServerStart' | 'OnSyncServerFinish' | 'OnDeadLetter' | 'OnStopped'"
    )]
    pub event: String,
    /// The server's own code, 0 where no server spoke.
    pub err_code: i32,
    pub err_msg: String,
    #[napi(ts_type = "Record<string, unknown> | null")]
    pub data: Null,
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

/// The result of `sendText`: a refusal is a value, never an exception.
#[napi(object, object_from_js = false)]
pub struct SendTextResult {
    pub ok: bool,
    pub provider: Option<String>,
    pub message_id: Option<String>,
    pub server_message_id: Option<String>,
    pub conversation_id: Option<String>,
    pub error: Option<String>,
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
        ts_type = "{ deliveryMode: 'direct', resolveTarget(params: { to?: string }): { ok: true, to: string } | { ok: false, error: Error }, sendText(params: { to: string, text: string, accountId?: string | null }): Promise<SendTextResult> }"
    )]
    pub outbound: Null,
    #[napi(
        ts_type = "{ setInboundDispatcher(dispatch: ChannelPluginContext['dispatchInbound'] | null): void, getConnectedClient(accountId?: string | null): OpenImClient | null, hasConnectedAccountClient(accountId?: string | null): boolean, connectedClientCount(): number, listConnectedAccountIds(): string[], startAccountClient(ctx: any, account: any): Promise<OpenImClient>, stopAccountClient(accountId?: string | null): Promise<boolean>, stopAllClients(): Promise<void>, snapshotAccountStatus(accountId: string): { accountId: string, enabled: boolean, configured: true, running: boolean, connected: boolean, lastConnectedAt?: number, lastError?: string } }"
    )]
    pub clients: Null,
}
