// All options of the channel. The manifest's schema and UI hints, the tables of docs/configuration.md, the reader and the
// reload rules are made of this table: run `node scripts/generate.mjs` after a change. Pure.

import {
  codes,
  dotPaths,
  dotPathsByName,
  flag,
  integer,
  integers,
  number,
  objectOrText,
  oneOf,
  type OptionType,
  secret,
  skipOrCount,
  text,
  texts,
  textsByName,
  userIds,
} from "./option-types.js";

/** Where an option may be set, and what applies when it is not. */
export interface Place {
  /** What applies when the option is absent, in Markdown. Left out, the default, or "required". */
  absent?: string;
  /** Another help text than the option's own. */
  help?: string;
}

export interface Option<T = unknown> {
  type: OptionType<T>;
  /** The value where nothing is set. */
  default?: T;
  /** One or two sentences in Markdown: the schema's description, and the first words of the documentation. */
  help: string;
  /** More for the documentation of the widest place, in Markdown. */
  details?: string;
  /** Allowed in an account's block. `"channel"`: absent, the channel's value applies. */
  account?: Place | "channel";
  /** Allowed in the channel's block. */
  channel?: Place;
  /** Part of the login: at channel level it is ignored, with a warning. */
  isLogin?: true;
  /** Read by the client's login (`LoginOptions` in Rust). */
  isClientOption?: true;
  /** A change takes effect without restarting the account. */
  isLive?: true;
  /** Hidden in forms and left out of exports. */
  isSensitive?: true;
  /** The host resolves a secret reference here before an account starts. */
  isSecret?: true;
  label: string;
  placeholder?: string;
  isAdvanced?: true;
}

/** Options of `channels.multi-openim` and of `accounts.<name>` below it, in the order of the documentation. */
export const OPTIONS = {
  enabled: {
    type: flag,
    default: true,
    help: "Whether this account runs.",
    label: "Enabled",
    account: {},
    channel: { help: "Whether the channel runs." },
  },
  token: {
    type: secret,
    help: "OpenIM token of the user, or a reference to a secret of the host.",
    details: "See below.",
    label: "Token",
    account: { absent: "required" },
    isLogin: true,
    isClientOption: true,
    isLive: true,
    isSensitive: true,
    isSecret: true,
  },
  wsAddr: {
    type: text,
    help: "Address of the server's message gateway, `ws://…` or `wss://…`.",
    label: "WebSocket address",
    placeholder: "ws://im.example.com:10001",
    account: { absent: "required" },
    isLogin: true,
    isClientOption: true,
  },
  apiAddr: {
    type: text,
    help: "Address of the server's API, `http://…` or `https://…`.",
    label: "API address",
    placeholder: "http://im.example.com:10002",
    account: { absent: "required" },
    isLogin: true,
    isClientOption: true,
  },
  userID: {
    type: text,
    help: "User id of the login.",
    label: "User id",
    isAdvanced: true,
    account: { absent: "the token's `UserID` claim" },
    isLogin: true,
    isClientOption: true,
  },
  platformID: {
    type: integer({ minimum: 1 }),
    help: "Platform of the login.",
    details: "OpenIM allows one login per user and platform class: a second one kicks the first.",
    label: "Platform",
    isAdvanced: true,
    account: { absent: "the token's `PlatformID` claim, else 5 (web)" },
    isLogin: true,
    isClientOption: true,
  },
  ca: {
    type: text,
    help: "PEM file with the certificate of a CA of your own, trusted besides the system's.",
    details: "See below.",
    label: "CA file",
    isAdvanced: true,
    account: { absent: "none" },
    isClientOption: true,
  },
  clientCert: {
    type: text,
    help: "PEM file with the certificate this account shows to a server that asks for one; `clientKey` belongs to it.",
    label: "Client certificate file",
    isAdvanced: true,
    account: { absent: "none" },
    isClientOption: true,
  },
  clientKey: {
    type: text,
    help: "PEM file with the private key of `clientCert`.",
    label: "Client key file",
    isAdvanced: true,
    account: { absent: "none" },
    isClientOption: true,
  },
  proxy: {
    type: text,
    help: "Proxy for every connection of this account: `http://`, `https://`, `socks5://` or `socks5h://`, with `user:password@` if the proxy requires it; `direct` for none.",
    details: "See below.",
    label: "Proxy",
    placeholder: "http://proxy.example.com:3128",
    isAdvanced: true,
    isSensitive: true,
    account: { absent: "the environment's" },
    isClientOption: true,
  },
  mediaHosts: {
    type: texts,
    default: [],
    help: "Private places media may be downloaded from besides the server itself: host, host:port, .domain, address or network.",
    details: "See below.",
    label: "Private media hosts",
    isAdvanced: true,
    account: {},
    isClientOption: true,
  },
  compression: {
    type: oneOf("gzip", ""),
    default: "",
    help: "`gzip` compresses the frames of the socket.",
    details: "A decompressed frame may not be larger than an uncompressed one.",
    label: "Compression",
    isAdvanced: true,
    account: {},
    isClientOption: true,
  },
  requireMention: {
    type: flag,
    default: true,
    help: "In groups answer only when mentioned.",
    label: "Answer in groups only when mentioned",
    account: {},
    isLive: true,
  },
  inboundWhitelist: {
    type: userIds,
    default: [],
    help: "If not empty: the user ids that may trigger the account, and nobody else, direct and in groups.",
    details: "See below.",
    label: "Only these users",
    account: {},
    isLive: true,
  },
  dmPolicy: {
    type: oneOf("pairing", "allowlist", "open", "disabled"),
    help: "Who may write directly: `pairing` (a stranger gets a code to be approved), `allowlist` (`allowFrom` only), `open`, or `disabled`.",
    details: "See below.",
    label: "Direct messages",
    account: "channel",
    channel: { absent: "`pairing`" },
    isLive: true,
  },
  allowFrom: {
    type: userIds,
    help: 'User ids that may write directly without pairing; `"*"` means everyone.',
    label: "May write directly",
    account: "channel",
    channel: { absent: "`[]`" },
    isLive: true,
  },
  groupPolicy: {
    type: oneOf("allowlist", "open", "disabled"),
    help: "Whose group messages may trigger: `allowlist` (`groupAllowFrom` only), `open`, or `disabled`.",
    details: "See below.",
    label: "Group messages",
    account: "channel",
    channel: { absent: "`channels.defaults.groupPolicy`, else `allowlist`" },
    isLive: true,
  },
  groupAllowFrom: {
    type: userIds,
    help: "User ids whose group messages may trigger.",
    label: "May trigger in groups",
    account: "channel",
    channel: { absent: '`allowFrom` without `"*"`' },
    isLive: true,
  },
  mediaMaxMb: {
    type: number({ exclusiveMinimum: 0, maximum: 1024 }),
    help: "Largest file in or out, in MB.",
    details: "The agent reads the name of a larger incoming file; the file is not downloaded.",
    label: "Largest file (MB)",
    isAdvanced: true,
    account: "channel",
    channel: { absent: "`agents.defaults.mediaMaxMb`, else `20`" },
  },
  contextVisibility: {
    type: oneOf("all", "allowlist", "allowlist_quote"),
    help: "Whose quoted and forwarded words the agent reads beside a message: everybody's (`all`), only those of people who may trigger (`allowlist`), or the latter and every quote (`allowlist_quote`).",
    label: "Quoted and forwarded words",
    isAdvanced: true,
    account: "channel",
    channel: { absent: '`channels.defaults.contextVisibility`, else `"all"`' },
  },
  textChunkLimit: {
    type: integer({ minimum: 100, maximum: 8000 }),
    // A server reads frames of 50 KB; 4,000 characters of three bytes each, escaped and packed, stay well below.
    default: 4000,
    help: "Characters of one message, 100 to 8000; longer texts are split at paragraphs, lines or words.",
    details: "Code blocks stay code blocks.",
    label: "Characters of one message",
    isAdvanced: true,
    account: "channel",
    channel: {},
  },
  firstStart: {
    type: skipOrCount,
    default: 0,
    help: "What the very first start of an account does with older messages: `skip` them, or take the newest so many of each conversation.",
    label: "Older messages at the first start",
    isAdvanced: true,
    account: "channel",
    channel: { absent: '`"skip"`' },
    isClientOption: true,
  },
  "offline.mode": {
    type: oneOf("answer", "context", "ignore"),
    default: "answer",
    help: "Messages that were sent while the account was offline for a minute or more: `answer` them, keep them as `context` for the next answer, or `ignore` them.",
    details: "Every start counts as offline; shorter interruptions never do.",
    label: "Messages from while offline",
    isAdvanced: true,
    account: "channel",
    channel: {},
    isClientOption: true,
  },
  "offline.maxAgeMinutes": {
    type: integer({ minimum: 1 }),
    default: 60,
    help: "Older messages from while the account was offline are skipped.",
    label: "Oldest message from while offline (minutes)",
    isAdvanced: true,
    account: "channel",
    channel: {},
    isClientOption: true,
  },
  "offline.maxPerConversation": {
    type: integer({ minimum: 1, maximum: 10_000 }),
    default: 200,
    help: "If more messages of one conversation were missed, only the newest so many count.",
    details: "The log reports the others.",
    label: "Most messages of one conversation from while offline",
    isAdvanced: true,
    account: "channel",
    channel: {},
    isClientOption: true,
  },
  disableFriendSdk: {
    type: flag,
    default: true,
    help: "Whether the native client refuses friend and black-list calls.",
    details: "The [calls](client.md#methods) then fail with `MULTI_OPENIM_FRIEND_API_DISABLED`.",
    label: "Refuse friend calls",
    isAdvanced: true,
    account: "channel",
    channel: {},
    isClientOption: true,
  },
  healthCheckIntervalMinutes: {
    type: number({ minimum: 1 }),
    default: 30,
    help: "How often the plugin checks its own connections, in minutes.",
    details: "At least 1. The host's own monitor has fixed intervals.",
    label: "Check of connections (minutes)",
    isAdvanced: true,
    channel: {},
  },
  "healthMonitor.enabled": {
    type: flag,
    help: "Whether the host's health monitor may restart an account that it finds unhealthy.",
    label: "Restarts by the host's health monitor",
    isAdvanced: true,
    account: "channel",
    channel: { absent: "`true`" },
  },
} as const satisfies Record<string, Option>;

/** Options of `tokenRefresh` in the channel's block; the addon reads them. */
export const TOKEN_REFRESH_OPTIONS = {
  mode: {
    type: oneOf("http", "hook", "off"),
    default: "hook",
    help: "`http` calls an endpoint, `hook` calls `globalThis.__multiOpenimTokenRefresher(accountId, reason)`, `off` leaves it to a person.",
    label: "How a new token is fetched",
    channel: {},
  },
  manualLoginMarkerPath: {
    type: text,
    help: "File that says a person must log in; the account id is put before its extension, one file per account.",
    label: "Marker file",
    isAdvanced: true,
    channel: { absent: "`manual-login.json` in `multi-openim` of the host's state directory (`~/.openclaw`)" },
  },
  "http.endpoint": {
    type: text,
    help: "Address to call. Template.",
    label: "Address of the refresh request",
    channel: { absent: "required for `http`" },
  },
  "http.method": {
    type: text,
    default: "POST",
    help: "HTTP method.",
    label: "Method of the refresh request",
    isAdvanced: true,
    channel: { absent: "`POST`" },
  },
  "http.headers": {
    type: textsByName,
    help: "Request headers. Values are templates.",
    label: "Headers of the refresh request",
    isAdvanced: true,
    isSensitive: true,
    channel: { absent: "none" },
  },
  "http.body": {
    type: objectOrText,
    help: "An object is sent as JSON with templates replaced in all its texts; a text is sent as it stands.",
    label: "Body of the refresh request",
    isAdvanced: true,
    isSensitive: true,
    channel: { absent: "none" },
  },
  "http.timeoutMs": {
    type: integer({ minimum: 1 }),
    default: 15_000,
    help: "Time limit of one request in milliseconds.",
    label: "Time limit of the refresh request (ms)",
    isAdvanced: true,
    channel: {},
  },
  "http.stateFile": {
    type: text,
    help: "JSON file keyed by account id, the source of `{state.<field>}`.",
    label: "State file",
    isAdvanced: true,
    channel: { absent: "none" },
  },
  "http.responseTokenPath": {
    type: dotPaths,
    help: "Dot path, or a list of them, to the token in the answer; the first that is not empty wins.",
    label: "Token in the answer",
    channel: { absent: "required for `http`" },
  },
  "http.responseUserIdPath": {
    type: dotPaths,
    help: "Dot path, or a list of them, to the user id in the answer.",
    label: "User id in the answer",
    isAdvanced: true,
    channel: { absent: "none" },
  },
  "http.stateWriteBack": {
    type: dotPathsByName,
    help: "State field to dot path, or a list of them: what to keep of the answer in `stateFile`.",
    label: "Parts of the answer kept in the state file",
    isAdvanced: true,
    channel: { absent: "none" },
  },
  "http.clearOnSuccess": {
    type: texts,
    default: [],
    help: "Files to delete after a successful refresh. Template `{accountId}`.",
    label: "Files deleted after a refresh",
    isAdvanced: true,
    channel: {},
  },
  "http.permanentStatus": {
    type: integers,
    default: [],
    help: "HTTP status codes that refuse for good: the account ends and asks for a person.",
    label: "Final HTTP status codes",
    isAdvanced: true,
    channel: {},
  },
  "http.responseCodePath": {
    type: dotPaths,
    help: "Dot path, or a list of them, to a code in the answer.",
    label: "Code in the answer",
    isAdvanced: true,
    channel: { absent: "none" },
  },
  "http.permanentCodes": {
    type: codes,
    default: [],
    help: "Codes there that refuse for good. Any other failure is tried again.",
    label: "Final codes in the answer",
    isAdvanced: true,
    channel: {},
  },
} as const satisfies Record<string, Option>;

/** Objects that group options: their own help text. */
export const GROUPS = {
  accounts: { label: "Accounts", help: "The accounts by name. There is no default account." },
  offline: { help: "Messages that were sent while the account was offline for a minute or more." },
  healthMonitor: { help: "The host's own health monitor." },
  tokenRefresh: { help: "What to do when the server no longer accepts a token." },
  http: { help: "How to fetch a new token over HTTP. {accountId} and {state.<field>} are replaced in every template." },
} as const;

type Options = typeof OPTIONS;
export type OptionName = keyof Options;
/** The type of an option's value. */
export type OptionValue<K extends OptionName> = Options[K]["type"] extends OptionType<infer T> ? T : never;

const entries = Object.entries(OPTIONS) as [OptionName, Option][];

/** Names of the options for which this holds, in the order of the table. */
export function optionNames(holds: (option: Option) => boolean): OptionName[] {
  return entries.filter(([, option]) => holds(option)).map(([name]) => name);
}
