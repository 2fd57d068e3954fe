// Generated from src/js/embedded.ts by scripts/generate.mjs: do not edit.
(function () {
"use strict";
var embedded = (() => {
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __export = (target, all) => {
    for (var name in all)
      __defProp(target, name, { get: all[name], enumerable: true });
  };
  var __copyProps = (to, from, except, desc) => {
    if (from && typeof from === "object" || typeof from === "function") {
      for (let key of __getOwnPropNames(from))
        if (!__hasOwnProp.call(to, key) && key !== except)
          __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
    }
    return to;
  };
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

  // src/js/embedded.ts
  var embedded_exports = {};
  __export(embedded_exports, {
    beginTransfer: () => beginTransfer,
    createAsker: () => createAsker,
    createDescriptor: () => createDescriptor,
    parseTarget: () => parseTarget2
  });

  // src/js/values.ts
  function isObject(value) {
    return value !== null && typeof value === "object" && !Array.isArray(value);
  }
  function isCallable(value) {
    return typeof value === "function";
  }
  var ERROR_CHARS = 500;
  function errorWords(error) {
    try {
      return String(isObject(error) && error["message"] || error).slice(0, ERROR_CHARS);
    } catch {
      return "an error that cannot be printed";
    }
  }
  function codeOf(error) {
    const code = isObject(error) ? error["code"] : void 0;
    return typeof code === "string" ? code : void 0;
  }
  function codedError(code, message, cause) {
    return Object.assign(new Error(message, cause === void 0 ? void 0 : { cause }), { code });
  }
  function callQuietly(call) {
    try {
      const result = call();
      if (isObject(result) && isCallable(result["then"])) Promise.resolve(result).catch(() => {
      });
    } catch {
    }
  }

  // src/js/ask.ts
  var HOOK = "__multiOpenimTokenRefresher";
  function readRefreshed(result) {
    if (result === null || result === void 0) return { none: true };
    if (!isObject(result) || typeof result["token"] !== "string") return { garbage: true };
    const userID = result["userID"];
    return { token: result["token"], userID: userID === void 0 || userID === null ? null : String(userID) };
  }
  async function refresh({ refresher }, accountId, reason) {
    const ask2 = refresher ?? globalThis[HOOK];
    if (!isCallable(ask2)) return { absent: true };
    return readRefreshed(await ask2(accountId, reason));
  }
  function ask(callbacks, question, args) {
    switch (question) {
      case "refresh":
        return refresh(callbacks, String(args[0]), String(args[1]));
      case "token":
        return callbacks.onToken?.(args[0]);
      case "persist":
        return callbacks.persist?.(args[0]);
      case "permanent":
        return callbacks.onPermanentFailure?.(String(args[0]));
      case "reconnect":
        return callbacks.reconnect?.();
      case "log":
        return callbacks.onLog?.([args[0]]);
    }
  }
  function createAsker(callbacks, settle) {
    return (number2, question, args) => {
      if (number2 === 0) return;
      const answer = async () => JSON.stringify(await ask(callbacks, question, JSON.parse(args)) ?? null) ?? "null";
      answer().then(
        (text2) => settle(number2, true, text2),
        (error) => settle(number2, false, errorWords(error))
      );
    };
  }

  // plugin/names.ts
  var CHANNEL_ID = "multi-openim";
  var LABEL = "Multi-OpenIM";
  var ALIASES = ["multi-openim", "multi-openim-im", "mopenim"];
  var CONFIG_TAG = `[${CHANNEL_ID}:config]`;
  var LIFECYCLE_TAG = `[${CHANNEL_ID}:lifecycle]`;
  var INBOUND_TAG = `[${CHANNEL_ID}:inbound]`;
  var TOKEN_TAG = `[${CHANNEL_ID}:token]`;
  var META = {
    id: CHANNEL_ID,
    label: LABEL,
    selectionLabel: LABEL,
    docsPath: `/channels/${CHANNEL_ID}`,
    blurb: "OpenIM channel with several accounts, several servers and config-driven token refresh.",
    aliases: [...ALIASES]
  };
  var CAPABILITIES = { chatTypes: ["direct", "group"] };

  // plugin/config/option-types.ts
  function isBlock(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }
  function asBlock(value) {
    return isBlock(value) ? value : {};
  }
  function readText(value) {
    return typeof value === "string" && value.trim() ? value.trim() : void 0;
  }
  var flag = {
    schema: { type: "boolean" },
    read: (value) => typeof value === "boolean" ? value : void 0
  };
  var text = { schema: { type: "string" }, read: readText };
  var secret = {
    schema: {
      anyOf: [
        { type: "string" },
        {
          type: "object",
          additionalProperties: false,
          required: ["source", "provider", "id"],
          properties: {
            source: { enum: ["env", "file", "exec", "store"] },
            provider: { type: "string", pattern: "^[a-z][a-z0-9_-]{0,63}$" },
            id: { type: "string", minLength: 1, maxLength: 2048 }
          }
        }
      ]
    },
    read: readText
  };
  var userIds = {
    schema: { type: "array", items: { type: ["string", "integer"] } },
    read: (value) => {
      if (!Array.isArray(value)) return void 0;
      const ids = value.filter((item) => typeof item === "string" || typeof item === "number");
      return ids.map((item) => String(item).trim()).filter((id) => id.length > 0);
    }
  };
  function oneOf(...values) {
    return {
      schema: { enum: values },
      read: (value) => values.find((one) => one === value)
    };
  }
  function integer(bounds) {
    return number(bounds, { type: "integer" }, Number.isInteger);
  }
  function number(bounds, schema = { type: "number" }, isValid = Number.isFinite) {
    const { minimum = -Infinity, exclusiveMinimum = -Infinity } = bounds;
    return {
      schema: { ...schema, ...bounds },
      // An upper bound is the schema's business: a value above it is still meant as a large one.
      read: (value) => typeof value === "number" && isValid(value) && value >= minimum && value > exclusiveMinimum ? value : void 0
    };
  }
  var skipOrCount = {
    schema: { anyOf: [{ const: "skip" }, { type: "integer", minimum: 0, maximum: 1e3 }] },
    read: (value) => {
      if (value === void 0 || value === null) return void 0;
      return typeof value === "number" && value > 0 ? Math.trunc(value) : 0;
    }
  };
  function opaque(schema) {
    return { schema, read: (value) => value };
  }
  var paths = { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] };
  var texts = opaque({ type: "array", items: { type: "string" } });
  var integers = opaque({ type: "array", items: { type: "integer" } });
  var codes = opaque({ type: "array", items: { type: ["string", "integer"] } });
  var dotPaths = opaque(paths);
  var dotPathsByName = opaque({ type: "object", additionalProperties: paths });
  var textsByName = opaque({ type: "object", additionalProperties: { type: "string" } });
  var objectOrText = opaque({ anyOf: [{ type: "object" }, { type: "string" }] });

  // plugin/config/option-table.ts
  var OPTIONS = {
    enabled: {
      type: flag,
      default: true,
      help: "Whether this account runs.",
      label: "Enabled",
      account: {},
      channel: { help: "Whether the channel runs." }
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
      isSecret: true
    },
    wsAddr: {
      type: text,
      help: "Address of the server's message gateway, `ws://…` or `wss://…`.",
      label: "WebSocket address",
      placeholder: "wss://im.example.com:10001",
      account: { absent: "required" },
      isLogin: true,
      isClientOption: true
    },
    apiAddr: {
      type: text,
      help: "Address of the server's API, `http://…` or `https://…`.",
      label: "API address",
      placeholder: "https://im.example.com:10002",
      account: { absent: "required" },
      isLogin: true,
      isClientOption: true
    },
    userID: {
      type: text,
      help: "User id of the login.",
      label: "User id",
      isAdvanced: true,
      account: { absent: "the token's `UserID` claim" },
      isLogin: true,
      isClientOption: true
    },
    platformID: {
      type: integer({ minimum: 1 }),
      help: "Platform of the login.",
      details: "OpenIM allows one login per user and platform class: a second one kicks the first.",
      label: "Platform",
      isAdvanced: true,
      account: { absent: "the token's `PlatformID` claim, else 5 (web)" },
      isLogin: true,
      isClientOption: true
    },
    ca: {
      type: text,
      help: "PEM file with the certificate of a CA of your own, trusted besides the system's.",
      details: "See below.",
      label: "CA file",
      isAdvanced: true,
      account: { absent: "none" },
      isClientOption: true
    },
    clientCert: {
      type: text,
      help: "PEM file with the certificate this account shows to a server that asks for one; `clientKey` belongs to it.",
      label: "Client certificate file",
      isAdvanced: true,
      account: { absent: "none" },
      isClientOption: true
    },
    clientKey: {
      type: text,
      help: "PEM file with the private key of `clientCert`.",
      label: "Client key file",
      isAdvanced: true,
      account: { absent: "none" },
      isClientOption: true
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
      isClientOption: true
    },
    mediaSources: {
      type: oneOf("server", "any"),
      default: "server",
      help: "Where media of messages are downloaded from: the server with its storage and `mediaHosts` (`server`), or any public address (`any`).",
      details: "See below.",
      label: "Media sources",
      isAdvanced: true,
      account: {},
      isClientOption: true
    },
    mediaHosts: {
      type: texts,
      default: [],
      help: "Places media may be downloaded from besides the server itself, also private ones: host, host:port, .domain, address or network.",
      details: "See below.",
      label: "Media hosts",
      isAdvanced: true,
      account: {},
      isClientOption: true
    },
    compression: {
      type: oneOf("gzip", ""),
      default: "",
      help: "`gzip` compresses the frames of the socket.",
      details: "A decompressed frame may not be larger than an uncompressed one.",
      label: "Compression",
      isAdvanced: true,
      account: {},
      isClientOption: true
    },
    requireVerifiedSender: {
      type: oneOf("warn", "refuse"),
      default: "warn",
      help: "What to do if the server does not check who a message is from (OpenIM up to 3.8.3): `warn`, or `refuse` to use the server.",
      details: "On such a server any user can write as any other, so every rule about user ids is void.",
      label: "Servers that do not check senders",
      isAdvanced: true,
      account: {},
      isClientOption: true
    },
    logLevel: {
      type: oneOf("off", "error", "warn", "info", "debug"),
      default: "off",
      help: "How much of what the core does appears in the host's log, beside its warnings.",
      label: "Log level",
      isAdvanced: true,
      account: {},
      isClientOption: true
    },
    requireMention: {
      type: flag,
      default: true,
      help: "In groups answer only when mentioned.",
      label: "Answer in groups only when mentioned",
      account: {},
      isLive: true
    },
    respondToMentionAll: {
      type: flag,
      default: false,
      help: "In groups a mention of everybody (`@all`) counts as a mention of the bot.",
      label: "A mention of everybody counts",
      isAdvanced: true,
      account: "channel",
      channel: {},
      isLive: true
    },
    inboundWhitelist: {
      type: userIds,
      default: [],
      help: "If not empty: the user ids that may trigger the account, and nobody else, direct and in groups.",
      details: "See below.",
      label: "Only these users",
      account: {},
      isLive: true
    },
    dmPolicy: {
      type: oneOf("pairing", "allowlist", "open", "disabled"),
      help: "Who may write directly: `pairing` (a stranger gets a code to be approved), `allowlist` (`allowFrom` only), `open`, or `disabled`.",
      details: "See below.",
      label: "Direct messages",
      account: "channel",
      channel: { absent: "`pairing`" },
      isLive: true
    },
    allowFrom: {
      type: userIds,
      help: 'User ids that may write directly without pairing; `"*"` means everyone.',
      label: "May write directly",
      account: "channel",
      channel: { absent: "`[]`" },
      isLive: true
    },
    groupPolicy: {
      type: oneOf("allowlist", "open", "disabled"),
      help: "Whose group messages may trigger: `allowlist` (`groupAllowFrom` only), `open`, or `disabled`.",
      details: "See below.",
      label: "Group messages",
      account: "channel",
      channel: { absent: "`channels.defaults.groupPolicy`, else `allowlist`" },
      isLive: true
    },
    groupAllowFrom: {
      type: userIds,
      help: "User ids whose group messages may trigger.",
      label: "May trigger in groups",
      account: "channel",
      channel: { absent: '`allowFrom` without `"*"`' },
      isLive: true
    },
    mediaMaxMb: {
      type: number({ exclusiveMinimum: 0, maximum: 1024 }),
      help: "Largest file in or out, in MB.",
      details: "The agent reads the name of a larger incoming file; the file is not downloaded.",
      label: "Largest file (MB)",
      isAdvanced: true,
      account: "channel",
      channel: { absent: "`agents.defaults.mediaMaxMb`, else `20`" }
    },
    contextVisibility: {
      type: oneOf("all", "allowlist", "allowlist_quote"),
      help: "Whose quoted and forwarded words the agent reads beside a message: everybody's (`all`), only those of people who may trigger (`allowlist`), or the latter and every quote (`allowlist_quote`).",
      label: "Quoted and forwarded words",
      isAdvanced: true,
      account: "channel",
      channel: { absent: '`channels.defaults.contextVisibility`, else `"all"`' }
    },
    textChunkLimit: {
      type: integer({ minimum: 100, maximum: 8e3 }),
      // A server reads frames of 50 KB; 4,000 characters of three bytes each, escaped and packed, stay well below.
      default: 4e3,
      help: "Characters of one message, 100 to 8000; longer texts are split at paragraphs, lines or words.",
      details: "Code blocks stay code blocks.",
      label: "Characters of one message",
      isAdvanced: true,
      account: "channel",
      channel: {}
    },
    firstStart: {
      type: skipOrCount,
      default: 0,
      help: "What the very first start of an account does with older messages: `skip` them, or take the newest so many of each conversation.",
      label: "Older messages at the first start",
      isAdvanced: true,
      account: "channel",
      channel: { absent: '`"skip"`' },
      isClientOption: true
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
      isClientOption: true
    },
    "offline.maxAgeMinutes": {
      type: integer({ minimum: 1 }),
      default: 60,
      help: "Older messages from while the account was offline are skipped.",
      label: "Oldest message from while offline (minutes)",
      isAdvanced: true,
      account: "channel",
      channel: {},
      isClientOption: true
    },
    "offline.maxPerConversation": {
      type: integer({ minimum: 1, maximum: 1e4 }),
      default: 200,
      help: "If more messages of one conversation were missed, only the newest so many count.",
      details: "The log reports the others.",
      label: "Most messages of one conversation from while offline",
      isAdvanced: true,
      account: "channel",
      channel: {},
      isClientOption: true
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
      isClientOption: true
    },
    healthCheckIntervalMinutes: {
      type: number({ minimum: 1 }),
      default: 30,
      help: "How often the plugin checks its own connections, in minutes.",
      details: "At least 1. The host's own monitor has fixed intervals.",
      label: "Check of connections (minutes)",
      isAdvanced: true,
      channel: {}
    },
    "healthMonitor.enabled": {
      type: flag,
      help: "Whether the host's health monitor may restart an account that it finds unhealthy.",
      label: "Restarts by the host's health monitor",
      isAdvanced: true,
      account: "channel",
      channel: { absent: "`true`" }
    }
  };
  var entries = Object.entries(OPTIONS);
  function optionNames(holds) {
    return entries.filter(([, option]) => holds(option)).map(([name]) => name);
  }

  // plugin/config/options.ts
  function accountBlocks(channel) {
    const accounts = Object.entries(asBlock(channel["accounts"]));
    return new Map(accounts.flatMap(([id, block]) => id.trim() && isBlock(block) ? [[id, block]] : []));
  }
  function readOwn(name, block) {
    const value = name.split(".").reduce((at, key) => asBlock(at)[key], block);
    return OPTIONS[name].type.read(value);
  }
  function readOption(name, account, channel) {
    const option = OPTIONS[name];
    const inherited = option.account === "channel" ? readOwn(name, channel) : void 0;
    return readOwn(name, account) ?? inherited ?? option.default;
  }
  function readChannelOption(name, channel) {
    const option = OPTIONS[name];
    return readOwn(name, channel) ?? option.default;
  }

  // plugin/config/token-claims.ts
  function readTokenClaims(token) {
    const payload = token.split(".")[1];
    if (!payload) return {};
    let claims;
    try {
      claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    } catch {
      return {};
    }
    if (typeof claims !== "object" || claims === null) return {};
    const { UserID, PlatformID } = claims;
    return {
      ...typeof UserID === "string" && UserID.trim() ? { userID: UserID.trim() } : {},
      ...typeof PlatformID === "number" && Number.isInteger(PlatformID) ? { platformID: PlatformID } : {}
    };
  }

  // plugin/config/account-options.ts
  var DEFAULT_PLATFORM = 5;
  var REQUIRED = ["token", "wsAddr", "apiAddr"];
  function readAccountOptions(account, channel) {
    const claims = readTokenClaims(readOwn("token", account) ?? "");
    const userID = readOwn("userID", account) ?? claims.userID;
    return {
      enabled: readChannelOption("enabled", channel) && readOption("enabled", account, channel),
      missing: [...REQUIRED.filter((option) => !readOwn(option, account)), ...userID ? [] : ["userID"]],
      tokenStatus: tokenStatus(account["token"]),
      userID,
      platformID: readOwn("platformID", account) ?? claims.platformID ?? DEFAULT_PLATFORM,
      requireMention: readOption("requireMention", account, channel),
      respondToMentionAll: readOption("respondToMentionAll", account, channel),
      inboundWhitelist: readOption("inboundWhitelist", account, channel),
      disableFriendSdk: readOption("disableFriendSdk", account, channel),
      firstStart: readOption("firstStart", account, channel),
      offline: {
        mode: readOption("offline.mode", account, channel),
        maxAgeMinutes: readOption("offline.maxAgeMinutes", account, channel),
        maxPerConversation: readOption("offline.maxPerConversation", account, channel)
      },
      mediaMaxMb: readOption("mediaMaxMb", account, channel)
    };
  }
  function tokenStatus(token) {
    if (typeof token === "string" && token.trim()) return "available";
    return isBlock(token) ? "configured_unavailable" : "missing";
  }

  // plugin/config/channel-problems.ts
  var ACCOUNT_ONLY_OPTIONS = optionNames(({ isLogin }) => isLogin === true);
  function channelProblems(channel) {
    const misplaced = ACCOUNT_ONLY_OPTIONS.filter((option) => channel[option] !== void 0);
    const accounts = isBlock(channel["accounts"]) ? Object.entries(channel["accounts"]) : [];
    const broken = accounts.filter(([id, block]) => !id.trim() || !isBlock(block)).map(([id]) => id);
    return [
      ...misplaced.length > 0 ? [`${misplaced.join(", ")} at channel level is ignored: there is no default account; move it to accounts.<name>`] : [],
      ...broken.map((id) => `account "${id}" is skipped: it must be an object under a name`)
    ];
  }

  // src/js/account-config.ts
  function createAccountConfig(native, ctx) {
    function channelOf(cfg) {
      if (isObject(cfg) && isObject(cfg["channels"])) return asBlock(cfg["channels"][CHANNEL_ID]);
      if (isObject(cfg) && isObject(cfg["accounts"])) return cfg;
      return asBlock(ctx.channel ?? asBlock(asBlock(ctx.cfg)["channels"])[CHANNEL_ID]);
    }
    function read(cfg) {
      const channel = channelOf(cfg);
      try {
        JSON.stringify(channel);
        return { channel };
      } catch (error) {
        const [reason] = errorWords(error).split("\n");
        return { channel: {}, unreadable: `channels.${CHANNEL_ID} cannot be read (${reason}); write it as plain JSON` };
      }
    }
    function accountIn(channel, accountId) {
      const block = typeof accountId === "string" ? accountBlocks(channel).get(accountId) : void 0;
      if (typeof accountId !== "string" || !block) return void 0;
      return { accountId, block, options: readAccountOptions(block, channel), login: checkLogin(accountId, block) };
    }
    function checkLogin(accountId, block) {
      return JSON.parse(native.checkLogin(accountId, JSON.stringify(block)));
    }
    function find(cfg, accountId) {
      return accountIn(read(cfg).channel, accountId);
    }
    function listAccountIds(cfg) {
      return [...accountBlocks(read(cfg).channel).keys()];
    }
    function resolveAccount(cfg, accountId) {
      const account = find(cfg, accountId);
      if (!account) return { accountId: accountId ?? null, enabled: false, configured: false };
      const { block, options, login } = account;
      const resolved = {
        accountId: account.accountId,
        enabled: options.enabled,
        configured: login.problem === void 0,
        userID: login.problem === void 0 ? login.userID : null,
        platformID: login.problem === void 0 ? login.platformID : null,
        wsAddr: block["wsAddr"] ?? null,
        apiAddr: block["apiAddr"] ?? null,
        requireMention: options.requireMention,
        inboundWhitelist: options.inboundWhitelist,
        disableFriendSdk: options.disableFriendSdk,
        firstStart: options.firstStart,
        offline: options.offline
      };
      return Object.defineProperty(resolved, "token", { value: block["token"] });
    }
    function isEnabled(account) {
      return isObject(account) && account["enabled"] !== false;
    }
    function isConfigured(account) {
      if (!isObject(account)) return false;
      const known = account["configured"];
      return typeof known === "boolean" ? known : checkLogin("", account).problem === void 0;
    }
    function describeAccount(account) {
      return {
        accountId: account?.accountId ?? null,
        enabled: isEnabled(account),
        configured: isConfigured(account)
      };
    }
    function problems() {
      const { channel, unreadable } = read(void 0);
      if (unreadable !== void 0) return [unreadable];
      const accounts = [...accountBlocks(channel).keys()].flatMap((id) => accountIn(channel, id) ?? []);
      const broken = accounts.flatMap(({ options, login }) => options.enabled && login.problem || []);
      return [...channelProblems(channel), ...broken];
    }
    return {
      adapter: { listAccountIds, resolveAccount, isEnabled, isConfigured, describeAccount },
      find,
      problems,
      tokenRefresh: (cfg) => read(cfg).channel["tokenRefresh"],
      healthCheckIntervalMinutes: () => readChannelOption("healthCheckIntervalMinutes", read(void 0).channel)
    };
  }

  // plugin/native/error-codes.generated.ts
  var ERROR_CODES = {
    OPENIM_CONFIG: { retryable: false, final: true, uncertain: false },
    OPENIM_TARGET: { retryable: false, final: false, uncertain: false },
    OPENIM_TOKEN_INVALID: { retryable: false, final: true, uncertain: false },
    OPENIM_TOKEN_EXPIRED: { retryable: false, final: true, uncertain: false },
    OPENIM_KICKED: { retryable: false, final: true, uncertain: false },
    OPENIM_DENIED: { retryable: false, final: false, uncertain: false },
    OPENIM_RATE_LIMITED: { retryable: true, final: false, uncertain: false },
    OPENIM_OFFLINE: { retryable: true, final: false, uncertain: false },
    OPENIM_TIMEOUT: { retryable: true, final: false, uncertain: true },
    OPENIM_CANCELLED: { retryable: false, final: false, uncertain: true },
    OPENIM_BACKPRESSURE: { retryable: true, final: false, uncertain: false },
    OPENIM_TOO_LARGE: { retryable: false, final: false, uncertain: false },
    OPENIM_UPLOAD: { retryable: false, final: false, uncertain: false },
    OPENIM_DOWNLOAD: { retryable: false, final: false, uncertain: false },
    OPENIM_PROTOCOL: { retryable: false, final: false, uncertain: true },
    OPENIM_CLOSED: { retryable: false, final: false, uncertain: true },
    OPENIM_ALREADY_RUNNING: { retryable: false, final: false, uncertain: false },
    OPENIM_SERVER: { retryable: true, final: false, uncertain: false },
    MULTI_OPENIM_FRIEND_API_DISABLED: { retryable: false, final: false, uncertain: false },
    OPENIM_INTERNAL: { retryable: false, final: false, uncertain: true }
  };

  // plugin/status/failures.ts
  var NATIVE_MISSING = "OPENIM_NATIVE_MISSING";
  var REMEDIES = {
    OPENIM_CONFIG: {
      kind: "config",
      fix: `Check token, wsAddr, apiAddr and userID under channels.${CHANNEL_ID}.accounts.<name>.`
    },
    OPENIM_TOKEN_INVALID: { kind: "auth", fix: "Put a new token into the account's configuration." },
    OPENIM_TOKEN_EXPIRED: { kind: "auth", fix: "Put a new token into the account's configuration." },
    OPENIM_KICKED: {
      kind: "auth",
      fix: "Stop the other client or give it another platformID, then put a new token into the account's configuration."
    },
    OPENIM_DENIED: { kind: "permissions", fix: "Check the user's rights on the OpenIM server." },
    OPENIM_ALREADY_RUNNING: {
      kind: "runtime",
      fix: "Stop the other gateway, or the other account with the same login."
    },
    OPENIM_OFFLINE: { kind: "runtime", fix: "Check that wsAddr and apiAddr are reachable from here." }
  };
  function isErrorCode(code) {
    return code != null && Object.hasOwn(ERROR_CODES, code);
  }
  function isUncertain(code) {
    return isErrorCode(code) && ERROR_CODES[code].uncertain;
  }
  function failureOf(code) {
    if (code === NATIVE_MISSING) return { kind: "runtime", isFinal: true };
    if (!isErrorCode(code)) return { kind: "runtime", isFinal: false };
    return { kind: "runtime", ...REMEDIES[code], isFinal: ERROR_CODES[code].final };
  }

  // plugin/status/account-status.ts
  function accountStatus(accountId, client) {
    const { lastDisconnectedAt: at, connected } = client;
    const lastError = connected ? null : client.lastError;
    return {
      ...client,
      accountId,
      enabled: true,
      configured: true,
      running: true,
      lifecycle: lifecycleOf(client),
      lastError,
      reconnectAttempts: client.attempt,
      lastDisconnect: at == null ? null : { at, ...lastError ? { error: lastError } : {} },
      terminalDisconnect: false
    };
  }
  function endedStatus(accountId, client) {
    const status = accountStatus(accountId, { ...client, connected: false });
    return { ...status, running: false, lifecycle: "blocked", terminalDisconnect: true };
  }
  function lifecycleOf({ connected, state, lastErrorCode, lastConnectedAt }) {
    if (connected) return "ready";
    switch (state) {
      case "stopped":
        return "stopped";
      case "failed":
        return failureOf(lastErrorCode).isFinal ? "blocked" : "recovering";
      case "backoff":
      case "recovering":
        return "recovering";
      default:
        return lastConnectedAt ? "recovering" : "starting";
    }
  }

  // src/js/account-run.ts
  var STATUS_EVERY_MS = 3e4;
  var STATUS_AFTER_TRAFFIC_MS = 1e3;
  var END_STATES = /* @__PURE__ */ new Set(["failed", "stopped"]);
  var CONNECTION_EVENT = /^On(Connect|Disconnected|SyncServer|KickedOffline|UserToken|Stopped|DeadLetter)/;
  function setStatus(host, status) {
    callQuietly(() => host?.setStatus?.({ ...host.getStatus?.(), ...status }));
  }
  var AccountRun = class {
    constructor(id, host, account, services) {
      this.id = id;
      this.host = host;
      this.services = services;
      const { promise, resolve } = deferred();
      this.ended = promise;
      this.#end = resolve;
      this.client = services.native.newClient();
      services.native.listen(
        this.client,
        (batch) => this.#onBatch(batch),
        (lines) => lines.forEach(({ level, message }) => this.#log(level, `${INBOUND_TAG} account=${id} ${message}`))
      );
      this.#state = {
        accountId: id,
        selfId: account.userID,
        account,
        ack: (message) => this.#settle(message, "ack"),
        nack: (message) => this.#settle(message, "nack"),
        sendText: (...args) => services.sendText(id, ...args),
        sendMedia: (...args) => services.sendMedia(id, ...args),
        download: (...args) => this.client.download(...args)
      };
      this.#heartbeat = setInterval(() => this.#beat(), STATUS_EVERY_MS);
      this.#heartbeat.unref();
    }
    id;
    host;
    services;
    client;
    /** Resolves when the account has ended, by itself or by a stop. */
    ended;
    #end;
    #state;
    /** Messages that are not settled yet, by their delivery number. */
    #open = /* @__PURE__ */ new Map();
    #settled = /* @__PURE__ */ new WeakSet();
    #heartbeat;
    #publishing;
    #isClosed = false;
    #isInOutage = false;
    #stopping;
    get isConnected() {
      return this.client.status().connected;
    }
    status() {
      return accountStatus(this.id, this.client.status());
    }
    publish() {
      if (!this.#isClosed) setStatus(this.host, this.status());
    }
    publishSoon() {
      if (this.#isClosed || this.#publishing !== void 0) return;
      this.#publishing = setTimeout(() => {
        this.#publishing = void 0;
        this.publish();
      }, STATUS_AFTER_TRAFFIC_MS);
      this.#publishing.unref();
    }
    /** From here on nothing is published. */
    close() {
      this.#isClosed = true;
      clearInterval(this.#heartbeat);
      clearTimeout(this.#publishing);
    }
    /** Logs out; all callers share one promise. */
    stop() {
      this.#stopping ??= (async () => {
        this.close();
        await this.client.logout();
        this.#end();
      })();
      return this.#stopping;
    }
    #beat() {
      this.publish();
      if (END_STATES.has(this.client.status().state)) this.#end();
    }
    #log(level, message) {
      this.services.log(this.host, level, message);
    }
    #onBatch({ messages, events }) {
      for (const event of events) {
        try {
          this.#onEvent(event);
        } catch (error) {
          this.#log(
            "warn",
            `${LIFECYCLE_TAG} account=${this.id} event ${event.event} was not handled: ${errorWords(error)}`
          );
        }
      }
      for (const message of messages) this.#dispatch(message);
      if (events.some(({ event }) => CONNECTION_EVENT.test(event))) this.publish();
      else this.publishSoon();
    }
    #onEvent({ event, errMsg, data }) {
      const account = `account=${this.id}`;
      switch (event) {
        case "OnConnectSuccess":
          if (this.#isInOutage) this.#log("info", `${LIFECYCLE_TAG} ${account} connected again`);
          this.#isInOutage = false;
          break;
        case "OnDisconnected":
        case "OnConnectFailed":
          if (!this.#isInOutage) this.#log("warn", `${LIFECYCLE_TAG} ${account} not connected: ${errMsg}`);
          this.#isInOutage = true;
          break;
        case "OnUserTokenRefreshed":
          this.#log("info", `${LIFECYCLE_TAG} ${account} token refreshed${goodUntil(data)}`);
          break;
        case "OnDeadLetter": {
          const { clientMsgID, conversationID } = data;
          const what = `message ${clientMsgID} of ${conversationID} was refused too often and is put aside`;
          this.#log("error", `${INBOUND_TAG} ${account} ${what}`);
          break;
        }
        case "OnStopped":
          this.#end();
          break;
      }
    }
    #dispatch(message) {
      const { delivery } = message;
      this.#open.set(delivery, message);
      const refuse = (error) => {
        if (this.#open.get(delivery) !== message) return;
        const what = `message ${message.clientMsgID} comes again: ${errorWords(error)}`;
        this.#log("warn", `${INBOUND_TAG} account=${this.id} ${what}`);
        this.#settle(message, "nack");
      };
      const dispatch = this.services.dispatcher();
      if (dispatch === null) return refuse("no inbound dispatcher is set");
      try {
        Promise.resolve(dispatch(this.host, this.#state, message)).then(() => this.#settle(message, "ack"), refuse);
      } catch (error) {
        refuse(error);
      }
    }
    /** Settles a message once; a later word about this delivery, or about an older one of the message, is ignored. */
    #settle(message, how) {
      const current = this.#open.get(message?.delivery);
      if (current === void 0 || this.#settled.has(message)) return;
      this.#settled.add(current);
      this.#open.delete(current.delivery);
      this.client[how]([current.delivery]);
    }
  };
  function goodUntil({ expiresAt = 0 }) {
    const date = new Date(expiresAt);
    return expiresAt && !Number.isNaN(date.getTime()) ? `, good until ${date.toISOString()}` : "";
  }
  function deferred() {
    let resolve = () => {
    };
    const promise = new Promise((done) => resolve = done);
    return { promise, resolve };
  }

  // src/js/accounts.ts
  var Accounts = class {
    constructor(ctx, config, services) {
      this.ctx = ctx;
      this.config = config;
      this.services = services;
    }
    ctx;
    config;
    services;
    #runs = /* @__PURE__ */ new Map();
    get(accountId) {
      return typeof accountId === "string" ? this.#runs.get(accountId) : void 0;
    }
    ids() {
      return [...this.#runs.keys()];
    }
    /** The host's `startAccount`: pending until the host aborts or the account ends. */
    async run(host) {
      const id = host.accountId;
      const account = this.config.find(host.cfg, id);
      if (!account?.options.enabled || account.login.problem !== void 0) {
        if (account?.options.enabled) this.services.log(host, "warn", `${CONFIG_TAG} ${account.login.problem}`);
        throw codedError("OPENIM_CONFIG", `${CHANNEL_ID} account "${id}" is not configured or disabled`);
      }
      if (host.abortSignal?.aborted) return;
      const { accountId } = account;
      setStatus(host, { accountId, enabled: true, configured: true, lastError: null });
      const run = await this.#startForHost(host, accountId);
      if (run === null) return;
      run.publish();
      this.services.log(host, "info", `${LIFECYCLE_TAG} account=${accountId} running`);
      let last;
      try {
        await Promise.race([aborted(host.abortSignal), run.ended]);
        last = run.status();
      } finally {
        await this.#stopRun(run);
        this.services.log(host, "info", `${LIFECYCLE_TAG} account=${accountId} stopped`);
      }
      if (!host.abortSignal?.aborted) this.#conclude(run, last);
    }
    /** Starts an account and returns while it connects. */
    async start(host, account) {
      const id = account.accountId;
      const run = new AccountRun(id, host, account, this.services);
      this.#runs.set(id, run);
      try {
        const configured = this.config.find(host.cfg, id);
        const { firstStart, offline, disableFriendSdk } = configured?.options ?? {};
        const { onToken } = this.ctx;
        await run.client.login({
          ...configured?.block,
          accountId: id,
          until: "started",
          stateDir: this.ctx.stateDir,
          firstStart,
          offline,
          disableFriendSdk,
          tokenRefresh: this.config.tokenRefresh(host.cfg),
          onToken: isCallable(onToken) ? (news) => onToken(news) : void 0
        });
        return run;
      } catch (error) {
        this.#forget(run);
        throw error;
      }
    }
    /** Says whether there was anything to stop. */
    async stop(accountId) {
      const run = this.get(accountId);
      if (!run) return false;
      await this.#stopRun(run);
      return true;
    }
    async stopAll() {
      await Promise.all([...this.#runs.values()].map((run) => this.#stopRun(run)));
    }
    async #stopRun(run) {
      this.#forget(run);
      await run.stop();
    }
    #forget(run) {
      run.close();
      if (this.#runs.get(run.id) === run) this.#runs.delete(run.id);
    }
    /** Starts the account, or returns null when the host has changed its mind meanwhile. */
    async #startForHost(host, accountId) {
      const cancel = () => callQuietly(() => this.#runs.get(accountId)?.client.logout());
      host.abortSignal?.addEventListener("abort", cancel, { once: true });
      try {
        const older = this.#runs.get(accountId);
        if (older) await this.#stopRun(older);
        if (host.abortSignal?.aborted) return null;
        return await this.start(host, this.config.adapter.resolveAccount(host.cfg, accountId));
      } catch (error) {
        if (host.abortSignal?.aborted) return null;
        const reason = errorWords(error);
        const code = codeOf(error);
        setStatus(host, { accountId, connected: false, lastError: reason, lastErrorCode: code ?? null });
        throw codedError(code, `${CHANNEL_ID} account "${accountId}" failed to connect: ${reason}`, error);
      } finally {
        host.abortSignal?.removeEventListener("abort", cancel);
      }
    }
    /** The account has ended although the host did not ask for it. */
    #conclude(run, last) {
      const final = endedStatus(run.id, run.client.status());
      const code = last.lastErrorCode ?? void 0;
      if (failureOf(code).isFinal) {
        const reason = `${LIFECYCLE_TAG} account=${run.id} ended for good: ${last.lastError}`;
        this.services.log(run.host, "error", reason);
        return setStatus(run.host, final);
      }
      if (last.state === "failed") throw codedError(code, last.lastError ?? "the account failed");
      const lastError = `${CHANNEL_ID} account "${run.id}" was taken over by a newer start`;
      return setStatus(run.host, { ...final, lastError });
    }
  };
  function aborted(signal) {
    if (!signal) return new Promise(() => {
    });
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }

  // plugin/config/targets.ts
  function parseTarget(raw) {
    return parseBareTarget(withoutChannelPrefix(raw.trim()));
  }
  function parseBareTarget(raw) {
    const match = /^\s*(user|group)\s*:(.*)$/is.exec(raw);
    const [, kind, rest] = match ?? [];
    const id = rest?.trim();
    if (!kind || !id || new RegExp("\\p{Cc}", "u").test(id)) return null;
    return { kind: kind.toLowerCase(), id };
  }
  function formatTarget(target) {
    return `${target.kind}:${target.id}`;
  }
  function withoutChannelPrefix(text2) {
    const lower = text2.toLowerCase();
    const alias = ALIASES.find((name) => lower.startsWith(`${name}:`));
    return alias ? text2.slice(alias.length + 1).trim() : text2;
  }

  // src/js/outbound.ts
  var MAKERS = {
    image: "createImageMessageByPath",
    voice: "createSoundMessageByPath",
    video: "createVideoMessageByPath",
    file: "createFileMessageByPath"
  };
  var readTarget = (to) => typeof to === "string" ? parseTarget(to) : null;
  function refusal(code, message, more = {}) {
    return {
      ok: false,
      error: codedError(code, message),
      ...code === void 0 ? {} : { code },
      retryable: false,
      maybeDelivered: false,
      ...more
    };
  }
  function createOutbound(accounts) {
    async function send({ to, accountId, signal }, make) {
      const target = readTarget(to);
      if (target === null) return refusal("OPENIM_TARGET", "invalid target, expected user:<id> or group:<id>");
      if (!accountId) return refusal("OPENIM_CONFIG", "accountId is required (no default fallback)");
      const notConnected = `${CHANNEL_ID} account "${accountId}" is not connected`;
      const run = accounts.get(accountId);
      if (!run) return refusal("OPENIM_OFFLINE", notConnected, { retryable: true });
      try {
        const message = await make(run.client);
        const recipient = target.kind === "group" ? { groupID: target.id } : { recvID: target.id };
        const sent = await run.client.sendMessage({
          ...recipient,
          message,
          untilStored: true,
          ...signal ? { signal } : {}
        });
        run.publishSoon();
        return {
          ok: true,
          provider: CHANNEL_ID,
          messageId: sent.clientMsgID,
          serverMessageId: sent.serverMsgID,
          conversationId: sent.conversationID
        };
      } catch (error) {
        return failed(error, notConnected);
      }
    }
    function sendText({ text: text2, clientMsgID, ...destination }) {
      return send(destination, async (client) => {
        const message = client.createTextMessage(text2);
        return clientMsgID ? { ...message, clientMsgID } : message;
      });
    }
    async function sendMedia({ to, accountId, signal, kind, text: text2, ...file }) {
      if (kind !== void 0 && !Object.hasOwn(MAKERS, kind)) {
        return refusal("OPENIM_CONFIG", "kind is one of image, voice, video and file");
      }
      const destination = { to, ...accountId == null ? {} : { accountId }, ...signal ? { signal } : {} };
      const sent = await send(destination, async (client) => {
        if (kind === void 0) return client.createMessageByPath(file);
        return client[MAKERS[kind]](file).catch((error) => {
          if (codeOf(error) !== "OPENIM_CONFIG") throw error;
          return client.createFileMessageByPath(file);
        });
      });
      if (!sent.ok || typeof text2 !== "string" || text2 === "") return sent;
      const words = await sendText({ ...destination, text: text2 });
      if (words.ok) return words.messageId === void 0 ? sent : { ...sent, textMessageId: words.messageId };
      const message = `the file was sent, the text after it was not: ${errorWords(words.error)}`;
      return refusal(words.code, message, { ...withoutError(sent), retryable: false, maybeDelivered: true });
    }
    return {
      deliveryMode: "direct",
      resolveTarget: ({ to }) => {
        const target = readTarget(to);
        return target === null ? { ok: false, error: new Error(`${CHANNEL_ID} requires --to <user:ID|group:ID>`) } : { ok: true, to: formatTarget(target) };
      },
      sendText,
      sendMedia
    };
  }
  function failed(error, notConnected) {
    const { op, retryable, maybeDelivered } = isObject(error) ? error : {};
    const code = codeOf(error);
    const isOffline = code === "OPENIM_OFFLINE" && op === "send";
    return refusal(code, isOffline ? notConnected : errorWords(error), {
      retryable,
      maybeDelivered: maybeDelivered ?? isUncertain(code)
    });
  }
  function withoutError({ ok: _, ...sent }) {
    return sent;
  }

  // src/js/descriptor.ts
  function createDescriptor(native, ctx) {
    const config = createAccountConfig(native, ctx);
    let dispatcher = asDispatch(ctx.dispatchInbound);
    const log = (host, level, message) => writeLog(() => host.log ?? ctx.logger, level, message);
    const accounts = new Accounts(ctx, config, {
      native,
      log,
      dispatcher: () => dispatcher,
      sendText: (accountId, to, text2) => outbound.sendText({ to, text: text2, accountId }),
      sendMedia: (accountId, to, file) => outbound.sendMedia({ ...file, to, accountId })
    });
    const outbound = createOutbound(accounts);
    for (const problem of config.problems()) writeLog(() => ctx.logger, "warn", `${CONFIG_TAG} ${problem}`);
    return {
      id: CHANNEL_ID,
      meta: { ...META, aliases: [...META.aliases] },
      capabilities: { chatTypes: [...CAPABILITIES.chatTypes] },
      config: config.adapter,
      gateway: {
        startAccount: (host) => accounts.run(host),
        stopAccount: async (host) => {
          await accounts.stop(host?.accountId);
        },
        healthCheckIntervalMinutes: config.healthCheckIntervalMinutes()
      },
      outbound,
      clients: createClients(accounts, config, (next) => {
        dispatcher = next;
      }),
      tokens: createTokens(accounts)
    };
  }
  function createClients(accounts, config, setDispatcher) {
    const connected = (accountId) => {
      const run = accounts.get(accountId);
      return run?.isConnected ? run.client : null;
    };
    const connectedIds = () => accounts.ids().filter((id) => connected(id) !== null);
    return {
      setInboundDispatcher: (next) => setDispatcher(asDispatch(next)),
      getConnectedClient: connected,
      hasConnectedAccountClient: (accountId) => connected(accountId) !== null,
      connectedClientCount: () => connectedIds().length,
      listConnectedAccountIds: connectedIds,
      startAccountClient: async (host, account) => {
        const id = account?.accountId ?? host?.accountId;
        const resolved = { ...config.adapter.resolveAccount(host?.cfg, id), ...account };
        const run = accounts.get(id) ?? await accounts.start(host ?? {}, resolved);
        return run.client;
      },
      stopAccountClient: (accountId) => accounts.stop(accountId),
      stopAllClients: () => accounts.stopAll(),
      snapshotAccountStatus: (accountId) => {
        const run = accounts.get(accountId);
        const status = run?.client.status();
        return {
          accountId,
          enabled: config.find(void 0, accountId)?.options.enabled ?? run !== void 0,
          configured: true,
          running: run !== void 0,
          connected: status?.connected ?? false,
          ...status?.lastConnectedAt ? { lastConnectedAt: status.lastConnectedAt } : {},
          ...status?.lastError ? { lastError: status.lastError } : {}
        };
      },
      _internal_resetClients: () => accounts.stopAll()
    };
  }
  function createTokens(accounts) {
    const notRunning = (accountId) => `${CHANNEL_ID} account "${accountId}" is not running`;
    return {
      refresh: async (accountId, reason) => accounts.get(accountId)?.client.refreshToken(reason) ?? {
        outcome: "skipped",
        reason: notRunning(accountId),
        retryAfterMs: null,
        expiresAt: null
      },
      offer: async (accountId, token) => accounts.get(accountId)?.client.offerToken(token) ?? {
        outcome: "refused",
        reason: `${notRunning(accountId)}; the token is read when it starts`
      }
    };
  }
  function asDispatch(value) {
    return isCallable(value) ? value : null;
  }
  function writeLog(logger, level, message) {
    callQuietly(() => logger()?.[level]?.(message));
  }

  // src/js/target.ts
  function parseTarget2(to) {
    return typeof to === "string" ? parseBareTarget(to) : null;
  }

  // src/js/transfer.ts
  function beginTransfer(options, cancel) {
    const { onProgress, signal } = readOptions(options);
    const abort = () => cancel();
    let isSettled = false;
    let lastSent = -1;
    function report(sent, total) {
      if (isSettled || onProgress === null || sent <= lastSent) return;
      lastSent = sent;
      callQuietly(() => onProgress({ sent, total }));
    }
    function settle(size) {
      if (typeof size === "number") report(size, size);
      isSettled = true;
      signal?.removeEventListener("abort", abort);
    }
    return {
      report,
      follow(promise) {
        if (signal?.aborted) cancel();
        else signal?.addEventListener("abort", abort, { once: true });
        promise.then((done) => settle(done?.size), settle);
      }
    };
  }
  function readOptions(options) {
    const { onProgress = null, signal = null } = options !== null && typeof options === "object" ? options : {};
    if (onProgress !== null && !isCallable(onProgress)) throw new TypeError("onProgress is a function");
    if (signal !== null && !(typeof signal === "object" && isCallable(signal.addEventListener)))
      throw new TypeError("signal is an AbortSignal");
    return { onProgress, signal };
  }
  return __toCommonJS(embedded_exports);
})();
return embedded;
})();
