// Questions to callbacks of the user: each is answered exactly once, whatever the callback does. src/refresh/ask.rs asks
// and waits.

import { errorWords, isCallable, isObject } from "./values.js";

/** Where a token refresher for all accounts may be put. */
const HOOK = "__multiOpenimTokenRefresher";

/** The callbacks of one login or one `RefreshManager`. */
interface Callbacks {
  refresher?: (accountId: string, reason: string) => unknown;
  onToken?: (news: unknown) => unknown;
  persist?: (news: unknown) => unknown;
  onPermanentFailure?: (reason: string) => unknown;
  reconnect?: () => unknown;
  onLog?: (lines: unknown[]) => unknown;
}

type Question = "refresh" | "token" | "persist" | "permanent" | "reconnect" | "log";

/** What the refresher returned: a token, nothing, or something unusable. */
type Refreshed = { token: string; userID: string | null } | { none: true } | { garbage: true } | { absent: true };

function readRefreshed(result: unknown): Refreshed {
  if (result === null || result === undefined) return { none: true };
  if (!isObject(result) || typeof result["token"] !== "string") return { garbage: true };
  const userID = result["userID"];
  return { token: result["token"], userID: userID === undefined || userID === null ? null : String(userID) };
}

async function refresh({ refresher }: Callbacks, accountId: string, reason: string): Promise<Refreshed> {
  const ask = refresher ?? (globalThis as Record<string, unknown>)[HOOK];
  if (!isCallable(ask)) return { absent: true };
  return readRefreshed(await (ask as NonNullable<Callbacks["refresher"]>)(accountId, reason));
}

/** `args` is what Rust sends along with the question. */
function ask(callbacks: Callbacks, question: Question, args: unknown[]): unknown {
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

/**
 * Returns the function that Rust calls with each question. It answers by `settle(number, ok, text)`: a JSON text, or the
 * words of what the callback threw. A question that comes after the end has the number 0 and is not asked.
 */
export function createAsker(callbacks: Callbacks, settle: (number: number, ok: boolean, text: string) => void) {
  return (number: number, question: Question, args: string): void => {
    if (number === 0) return;
    const answer = async (): Promise<string> =>
      JSON.stringify((await ask(callbacks, question, JSON.parse(args) as unknown[])) ?? null) ?? "null";
    answer().then(
      (text) => settle(number, true, text),
      (error: unknown) => settle(number, false, errorWords(error)),
    );
  };
}
