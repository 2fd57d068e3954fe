// The gateway adapter: runs an account until the host aborts it, and ends within the host's patience.

import type { ChannelDescriptor } from "multi-openim-channel";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import { type Account, resolveAccount, unconfiguredReason } from "../config/account.js";
import { recordHomeServer } from "../config/home-server.js";
import { configuredToken, type TokenWatch, watchToken } from "../config/token-watch.js";
import { currentConfig, type GatewayContext } from "../host.js";
import { CHANNEL_ID, LIFECYCLE_TAG, TOKEN_TAG } from "../names.js";
import { descriptor, type DispatchInbound, type Logger, madeDescriptor } from "../native/descriptor.js";
import { native } from "../native/native.js";
import type { AccountStatus } from "../status/account-status.js";
import { awaitsToken, errorCode, errorText, failureOf } from "../status/failures.js";
import { blockedSnapshot, toSnapshot } from "../status/snapshot.js";
import { configWarnings, warnOnce } from "../status/warnings.js";

/** The host starts a replacement 5 s after the abort, whether or not the old run has ended. */
const STOP_MS = 4_500;

interface Run {
  ctx: GatewayContext;
  receive: typeof import("../inbound/inbound.js").receive;
}

const runs = new Map<string, Run>();

/** Hands a message to the run of its account. Rejects when there is none: the message then comes again. */
const dispatchInbound: DispatchInbound = async (_ctx, state, message) => {
  const run = runs.get(state.accountId);
  if (!run) throw new Error(`${CHANNEL_ID} account "${state.accountId}" is not running here`);
  await run.receive(run.ctx, state, message);
};

/** The descriptor outlives single runs, so it logs through the newest one. */
let log: GatewayContext["log"];
const logger: Logger = {
  debug: (message) => log?.debug?.(message),
  info: (message) => log?.info(message),
  warn: (message) => log?.warn(message),
  error: (message) => log?.error(message),
};

async function startAccount(ctx: GatewayContext): Promise<void> {
  let owner: ChannelDescriptor;
  try {
    owner = descriptor(logger, dispatchInbound);
  } catch (error) {
    block(ctx, error);
    return;
  }
  log = ctx.log ?? log;
  recordHomeServer(ctx.cfg, (words) => ctx.log?.warn(`${LIFECYCLE_TAG} ${words}`));
  warnOnce(ctx.log, configWarnings(ctx.cfg));
  const { running } = native();
  // Imported only here: the host's reply machinery is large, and a command that lists accounts does not need it.
  const { receive } = await import("../inbound/inbound.js");
  const run = { ctx, receive };
  runs.set(ctx.accountId, run);
  running.set(ctx.accountId, owner);
  const tokens = watchToken(
    () => configuredToken(currentConfig(ctx), ctx.accountId),
    (token) => void offer(owner, ctx, token),
  );
  const onAbort = (): void => tokens.close();
  ctx.abortSignal.addEventListener("abort", onAbort, { once: true });
  try {
    await runWithTokens(owner, ctx, tokens);
  } finally {
    tokens.close();
    ctx.abortSignal.removeEventListener("abort", onAbort);
    // A replacement may have taken over already.
    if (runs.get(ctx.accountId) === run) {
      runs.delete(ctx.accountId);
      if (running.get(ctx.accountId) === owner) running.delete(ctx.accountId);
    }
  }
}

/**
 * Runs the account, and again for every token that comes after one the server rejected. The host would restart an account
 * for any other change of its configuration, but not for that one (see config/reload.ts).
 */
async function runWithTokens(owner: ChannelDescriptor, ctx: GatewayContext, tokens: TokenWatch): Promise<void> {
  let cfg: unknown = ctx.cfg;
  while (!ctx.abortSignal.aborted) {
    const account = resolveAccount(cfg, ctx.accountId);
    tokens.use(configuredToken(cfg, ctx.accountId));
    if (account.missing.includes("token")) {
      block(ctx, Object.assign(new Error(unconfiguredReason(account)), { code: "OPENIM_CONFIG" }));
    } else if (!(await endedForItsToken(owner, ctx, cfg))) {
      return;
    }
    if ((await tokens.next()) === undefined) return;
    cfg = currentConfig(ctx);
  }
}

/** One run, to its end. False when a new token would change nothing; rejects when the host should try again. */
async function endedForItsToken(owner: ChannelDescriptor, ctx: GatewayContext, cfg: unknown): Promise<boolean> {
  let last: AccountStatus | undefined;
  const work = owner.gateway.startAccount({
    cfg,
    accountId: ctx.accountId,
    abortSignal: ctx.abortSignal,
    log: ctx.log,
    setStatus: (status: AccountStatus) => {
      last = status;
      ctx.setStatus(toSnapshot(ctx.getStatus(), status));
    },
  });
  try {
    await settledAfterAbort(work, ctx.abortSignal);
    return last?.terminalDisconnect === true && awaitsToken(last.lastErrorCode);
  } catch (error) {
    if (ctx.abortSignal.aborted) return false;
    const code = errorCode(error);
    if (!failureOf(code).isFinal) throw error;
    block(ctx, error);
    return awaitsToken(code);
  }
}

/** Offers a token from the configuration to an account that runs. */
async function offer(owner: ChannelDescriptor, ctx: GatewayContext, token: string): Promise<void> {
  const where = `${TOKEN_TAG} account=${ctx.accountId}`;
  try {
    const { outcome, reason } = await owner.tokens.offer(ctx.accountId, token);
    if (outcome === "taken") ctx.log?.info(`${where} token of the configuration taken`);
    if (outcome === "older") ctx.log?.info(`${where} token of the configuration not taken: the one in use is newer`);
    if (outcome === "refused") ctx.log?.warn(`${where} token of the configuration not taken: ${reason ?? ""}`);
  } catch (error) {
    ctx.log?.warn(`${where} token of the configuration not taken: ${errorText(error)}`);
  }
}

async function stopAccount(ctx: GatewayContext): Promise<void> {
  // The host aborts a run before it asks, asks also for accounts that never ran, and may ask again when the next run
  // of the account is already there: only an aborted run is meant.
  if (!runs.get(ctx.accountId)?.ctx.abortSignal.aborted) return;
  const work = madeDescriptor()?.gateway.stopAccount({ accountId: ctx.accountId });
  await settledAfterAbort(work, AbortSignal.abort());
}

export const gatewayAdapter: NonNullable<ChannelPlugin<Account>["gateway"]> = { startAccount, stopAccount };

/** Reports an end that no restart can mend, so that the host does not try. */
function block(ctx: GatewayContext, error: unknown): void {
  const message = errorText(error);
  ctx.log?.error(`${LIFECYCLE_TAG} account=${ctx.accountId} ${message}`);
  ctx.setStatus(blockedSnapshot(ctx.getStatus(), message, errorCode(error) ?? "OPENIM_INTERNAL"));
}

/** Waits for the work, but not longer than the host waits once it has aborted. */
async function settledAfterAbort(work: Promise<unknown> | undefined, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => {
    timer = setTimeout(resolve, STOP_MS);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
