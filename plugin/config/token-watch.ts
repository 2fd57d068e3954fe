// Notices a new token of an account in the configuration: an operator typed one, or a secret was renewed.
//
// The host restarts nothing for a token (see reload.ts), so that a refreshed one costs no connection. It has no event for such
// a change either; reading the configuration it holds in memory costs next to nothing.

import { accountBlock } from "./account.js";
import { readOwn } from "./options.js";

/** How often the configuration is looked at. */
const LOOK_MS = 1_000;

export interface TokenWatch {
  /** Sets the token in use; only another one is reported. */
  use(token: string | undefined): void;
  /** Resolves with the next token that is not in use, or with undefined when the watch is closed. */
  next(): Promise<string | undefined>;
  close(): void;
}

/** The account's token as the configuration holds it now, if it is one. */
export function configuredToken(cfg: unknown, accountId: string): string | undefined {
  return readOwn("token", accountBlock(cfg, accountId) ?? {});
}

/** `read` returns the configured token; `changed` is called with every new one while nobody waits in `next`. */
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
