// The descriptor that `createChannelPlugin` returns: one per call, sharing nothing with another. Every callback of the host
// is called where a throw or a rejection is caught.

import type { ChannelDescriptor, ChannelPluginContext, OpenImClient, ResolvedAccount } from "multi-openim-channel";

import { CAPABILITIES, CHANNEL_ID, CONFIG_TAG, META } from "../../plugin/names.js";
import { createAccountConfig } from "./account-config.js";
import type { Dispatch, RunServices } from "./account-run.js";
import { Accounts } from "./accounts.js";
import type { HostContext, Logger, LogLevel, Native } from "./native.js";
import { createOutbound } from "./outbound.js";
import { callQuietly, isCallable } from "./values.js";

export function createDescriptor(native: Native, ctx: ChannelPluginContext): ChannelDescriptor {
  const config = createAccountConfig(native, ctx);
  let dispatcher = asDispatch(ctx.dispatchInbound);

  const log: RunServices["log"] = (host, level, message) => writeLog(() => host.log ?? ctx.logger, level, message);
  const accounts = new Accounts(ctx, config, {
    native,
    log,
    dispatcher: () => dispatcher,
    sendText: (accountId, to, text) => outbound.sendText({ to, text, accountId }),
    sendMedia: (accountId, to, file) => outbound.sendMedia({ ...file, to, accountId }),
  });
  const outbound = createOutbound(accounts);

  for (const problem of config.problems()) writeLog(() => ctx.logger, "warn", `${CONFIG_TAG} ${problem}`);

  return {
    id: CHANNEL_ID,
    meta: { ...META, aliases: [...META.aliases] },
    capabilities: { chatTypes: [...CAPABILITIES.chatTypes] },
    config: config.adapter,
    gateway: {
      startAccount: (host: HostContext) => accounts.run(host),
      stopAccount: async (host?: HostContext) => {
        await accounts.stop(host?.accountId);
      },
      healthCheckIntervalMinutes: config.healthCheckIntervalMinutes(),
    },
    outbound,
    clients: createClients(accounts, config, (next) => {
      dispatcher = next;
    }),
    tokens: createTokens(accounts),
  };
}

/** Lookups are strict: no other account stands in for one that is not named or not connected. */
function createClients(
  accounts: Accounts,
  config: ReturnType<typeof createAccountConfig>,
  setDispatcher: (dispatch: Dispatch | null) => void,
): ChannelDescriptor["clients"] {
  const connected = (accountId: unknown): OpenImClient | null => {
    const run = accounts.get(accountId);
    return run?.isConnected ? run.client : null;
  };
  const connectedIds = (): string[] => accounts.ids().filter((id) => connected(id) !== null);
  return {
    setInboundDispatcher: (next) => setDispatcher(asDispatch(next)),
    getConnectedClient: connected,
    hasConnectedAccountClient: (accountId) => connected(accountId) !== null,
    connectedClientCount: () => connectedIds().length,
    listConnectedAccountIds: connectedIds,
    startAccountClient: async (host?: HostContext, account?: Partial<ResolvedAccount>) => {
      const id = account?.accountId ?? host?.accountId;
      const resolved = { ...config.adapter.resolveAccount(host?.cfg, id), ...account };
      const run = accounts.get(id) ?? (await accounts.start(host ?? {}, resolved));
      return run.client;
    },
    stopAccountClient: (accountId) => accounts.stop(accountId),
    stopAllClients: () => accounts.stopAll(),
    snapshotAccountStatus: (accountId) => {
      const run = accounts.get(accountId);
      const status = run?.client.status();
      return {
        accountId,
        enabled: config.find(undefined, accountId)?.options.enabled ?? run !== undefined,
        configured: true,
        running: run !== undefined,
        connected: status?.connected ?? false,
        ...(status?.lastConnectedAt ? { lastConnectedAt: status.lastConnectedAt } : {}),
        ...(status?.lastError ? { lastError: status.lastError } : {}),
      };
    },
    _internal_resetClients: () => accounts.stopAll(),
  };
}

function createTokens(accounts: Accounts): ChannelDescriptor["tokens"] {
  const notRunning = (accountId: string): string => `${CHANNEL_ID} account "${accountId}" is not running`;
  return {
    refresh: async (accountId, reason) =>
      accounts.get(accountId)?.client.refreshToken(reason) ?? {
        outcome: "skipped",
        reason: notRunning(accountId),
        retryAfterMs: null,
        expiresAt: null,
      },
    offer: async (accountId, token) =>
      accounts.get(accountId)?.client.offerToken(token) ?? {
        outcome: "refused",
        reason: `${notRunning(accountId)}; the token is read when it starts`,
      },
  };
}

function asDispatch(value: unknown): Dispatch | null {
  return isCallable(value) ? (value as Dispatch) : null;
}

/** Even reading the logger or its method may throw. */
function writeLog(logger: () => Logger | undefined, level: LogLevel, message: string): void {
  callQuietly(() => logger()?.[level]?.(message));
}
