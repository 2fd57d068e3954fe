// Writes a refreshed token into the host's configuration, where the next start reads it. A reference stays a reference.

import { errorText } from "../status/failures.js";
import { accountBlock, accountPath } from "./account.js";
import { hostRuntime } from "../host.js";
import { TOKEN_TAG } from "../names.js";

/** The reason why a token is not written although the configuration is writable. */
class Kept extends Error {}

/**
 * Rejects if the token was not written. The account goes on with it and says so in the log, and the addon keeps it in its own
 * state.
 */
export async function writeToken(
  { accountId, token }: { accountId: string; token: string },
  log: { info(message: string): void },
): Promise<void> {
  const path = `${accountPath(accountId)}.token`;
  try {
    const runtime = hostRuntime();
    if (!runtime) throw new Kept("this process has no host to write it");
    await runtime.config.mutateConfigFile({
      // The host's own rules say that a token restarts nothing.
      afterWrite: { mode: "auto" },
      mutate: (draft) => {
        const block = accountBlock(draft, accountId);
        if (!block) throw new Kept("the account is no longer configured");
        const held = block["token"];
        if (typeof held !== "string" || /^\s*\$\{.*\}\s*$/.test(held)) {
          throw new Kept(
            "a reference stands there: put the new token where it points, or the next start has the old one",
          );
        }
        block["token"] = token;
      },
    });
    log.info(`${TOKEN_TAG} account=${accountId} new token written to ${path}`);
  } catch (error) {
    throw new Error(`not written to ${path}: ${errorText(error)}`, { cause: error });
  }
}
