// Notices when an account's token in the configuration has become another: an operator typed one, or a secret was renewed.
//
// The host restarts nothing for a token (see `reload` in channel.ts), so that a refreshed one costs no connection. It has
// no event for such a change either; reading the configuration it holds in memory costs next to nothing.

import { accountBlock } from "./account.js";
import { readOwn } from "./options.js";

/** How often the configuration is looked at. */
const LOOK_MS = 1_000;

export interface TokenWatch {
  /** The token in use; only another one is news. */
  use(token: string | undefined): void;
  /** Resolves at the next token that is not the one in use, or with nothing when the watch is over. */
  next(): Promise<string | undefined>;
  close(): void;
}

/** The account's token as the configuration holds it now, if it is one. */
export function configuredToken(cfg: unknown, accountId: string): string | undefined {
  return readOwn("token", accountBlock(cfg, accountId) ?? {});
}

/** `read` gives the token of the moment; `changed` hears of every other one while nobody waits in `next`. */
export function watchToken(read: () => string | undefined, changed: (token: string) => void): TokenWatch {
  let used = read();
  let waiting: ((token: string | undefined) => void) | undefined;
  const look = (): void => {
    const token = read();
    if (token === undefined || token === used) return;
    used = token;
    if (!waiting) return changed(token);
    waiting(token);
    waiting = undefined;
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return {
    use: (token) => {
      used = token;
    },
    next: () =>
      new Promise((resolve) => {
        waiting = resolve;
        look();
      }),
    close: () => {
      clearInterval(timer);
      waiting?.(undefined);
    },
  };
}
