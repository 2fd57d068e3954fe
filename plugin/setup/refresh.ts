// `openclaw multi-openim refresh --account <id>`: asks the running gateway to fetch a new token for an account now.

import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";

import { storedAccountId } from "../config/account.js";
import { errorText } from "../status/failures.js";
import { CHANNEL_ID } from "../names.js";
import { loadedNative } from "../native/native.js";

const METHOD = `${CHANNEL_ID}.refresh`;
/** An endpoint has 15 s unless configured otherwise; a refresh may try it more than once. */
const CALL_MS = 60_000;

const COMMAND = {
  name: CHANNEL_ID,
  description: "OpenIM accounts: fetch a new token",
  hasSubcommands: true,
};

/** The command, known to the root help without anything of the plugin running. */
export function registerRefreshCommand(api: OpenClawPluginApi): void {
  api.registerCli(
    ({ program }) => {
      program
        .command(CHANNEL_ID)
        .description(COMMAND.description)
        .command("refresh")
        .description("Fetch a new token for an account, as tokenRefresh in the configuration says")
        .requiredOption("--account <id>", "the account, as named under channels.multi-openim.accounts")
        .option("--json", "print the outcome as JSON")
        .action(async ({ account, json }: { account: string; json?: boolean }) => {
          const { callGatewayFromCli } = await import("openclaw/plugin-sdk/gateway-runtime");
          const said = await callGatewayFromCli(
            METHOD,
            { timeout: String(CALL_MS), ...(json ? { json } : {}) },
            { accountId: account },
            { progress: !json },
          );
          // Under --json the host turns the console to stderr and leaves stdout to the document.
          if (json) process.stdout.write(`${JSON.stringify(said)}\n`);
          else console.log(`${account}: ${String(said["outcome"])}${reasonOf(said)}`);
          if (said["outcome"] !== "success") process.exitCode = 1;
        });
    },
    { descriptors: [COMMAND] },
  );
}

/** The gateway's side. */
export function registerRefreshMethod(api: OpenClawPluginApi): void {
  api.registerGatewayMethod(
    METHOD,
    async ({ params, respond }) => {
      const asked = typeof params["accountId"] === "string" ? params["accountId"] : undefined;
      const accountId = storedAccountId(api.runtime.config.current(), asked);
      const owner = accountId === undefined ? undefined : loadedNative()?.running.get(accountId);
      if (!accountId || !owner) {
        const message = asked ? `${CHANNEL_ID} account "${asked}" is not running` : "accountId is required";
        return respond(false, undefined, { code: "INVALID_REQUEST", message });
      }
      try {
        respond(true, { accountId, ...(await owner.tokens.refresh(accountId, "manual")) });
      } catch (error) {
        respond(false, undefined, { code: "UNAVAILABLE", message: errorText(error) });
      }
    },
    { scope: "operator.admin" },
  );
}

function reasonOf(said: Record<string, unknown>): string {
  return typeof said["reason"] === "string" ? `: ${said["reason"]}` : "";
}
