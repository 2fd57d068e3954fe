// The accounts of one descriptor: which run, and the host's start and stop of each.

import type { ChannelPluginContext, ResolvedAccount } from "multi-openim-channel";

import { CHANNEL_ID, CONFIG_TAG, LIFECYCLE_TAG } from "../../plugin/names.js";
import { endedStatus } from "../../plugin/status/account-status.js";
import { failureOf } from "../../plugin/status/failures.js";
import type { AccountConfig } from "./account-config.js";
import { AccountRun, type RunServices, setStatus } from "./account-run.js";
import type { HostContext } from "./native.js";
import { callQuietly, codedError, codeOf, errorWords, isCallable } from "./values.js";

export class Accounts {
  readonly #runs = new Map<string, AccountRun>();

  constructor(
    private readonly ctx: ChannelPluginContext,
    private readonly config: AccountConfig,
    private readonly services: RunServices,
  ) {}

  get(accountId: unknown): AccountRun | undefined {
    return typeof accountId === "string" ? this.#runs.get(accountId) : undefined;
  }

  ids(): string[] {
    return [...this.#runs.keys()];
  }

  /** The host's `startAccount`: pending until the host aborts or the account ends. */
  async run(host: HostContext): Promise<void> {
    const id = host.accountId;
    const account = this.config.find(host.cfg, id);
    if (!account?.options.enabled || account.login.problem !== undefined) {
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
  async start(host: HostContext, account: ResolvedAccount): Promise<AccountRun> {
    const id = account.accountId;
    const run = new AccountRun(id, host, account, this.services);
    this.#runs.set(id, run);
    try {
      const configured = this.config.find(host.cfg, id);
      const { firstStart, offline, disableFriendSdk } = configured?.options ?? {};
      const { onToken } = this.ctx;
      await run.client.login({
        ...(configured?.block as { token: string; wsAddr: string; apiAddr: string }),
        accountId: id,
        until: "started",
        stateDir: this.ctx.stateDir,
        firstStart,
        offline,
        disableFriendSdk,
        tokenRefresh: this.config.tokenRefresh(host.cfg),
        onToken: isCallable(onToken) ? (news) => onToken(news) : undefined,
      } as Parameters<typeof run.client.login>[0]);
      return run;
    } catch (error) {
      this.#forget(run);
      throw error;
    }
  }

  /** Says whether there was anything to stop. */
  async stop(accountId: unknown): Promise<boolean> {
    const run = this.get(accountId);
    if (!run) return false;
    await this.#stopRun(run);
    return true;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => this.#stopRun(run)));
  }

  async #stopRun(run: AccountRun): Promise<void> {
    this.#forget(run);
    await run.stop();
  }

  #forget(run: AccountRun): void {
    run.close();
    if (this.#runs.get(run.id) === run) this.#runs.delete(run.id);
  }

  /** Starts the account, or returns null when the host has changed its mind meanwhile. */
  async #startForHost(host: HostContext, accountId: string): Promise<AccountRun | null> {
    const cancel = (): void => callQuietly(() => this.#runs.get(accountId)?.client.logout());
    host.abortSignal?.addEventListener("abort", cancel, { once: true });
    try {
      // A newer start wins; the older run may be about to end already.
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
  #conclude(run: AccountRun, last: ReturnType<AccountRun["status"]>): void {
    const final = endedStatus(run.id, run.client.status());
    const code = last.lastErrorCode ?? undefined;
    if (failureOf(code).isFinal) {
      const reason = `${LIFECYCLE_TAG} account=${run.id} ended for good: ${last.lastError}`;
      this.services.log(run.host, "error", reason);
      return setStatus(run.host, final);
    }
    if (last.state === "failed") throw codedError(code, last.lastError ?? "the account failed");
    // A newer start of the same account has taken its place. Starting again would take it back, and so on for ever.
    const lastError = `${CHANNEL_ID} account "${run.id}" was taken over by a newer start`;
    return setStatus(run.host, { ...final, lastError });
  }
}

/** Without a signal: never. */
function aborted(signal: AbortSignal | undefined): Promise<unknown> {
  if (!signal) return new Promise(() => {});
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
