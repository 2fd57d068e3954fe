// Small helpers for values and callbacks of the host. Pure.

export type Callable = (...args: never[]) => unknown;

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export function isCallable(value: unknown): value is Callable {
  return typeof value === "function";
}

const ERROR_CHARS = 500;

/** The message of an error, or the value as text; never throws. */
export function errorWords(error: unknown): string {
  try {
    return String((isObject(error) && error["message"]) || error).slice(0, ERROR_CHARS);
  } catch {
    return "an error that cannot be printed";
  }
}

/** The `code` of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = isObject(error) ? error["code"] : undefined;
  return typeof code === "string" ? code : undefined;
}

/** An error with a code, as the whole addon throws them. */
export function codedError(code: string | undefined, message: string, cause?: unknown): Error & { code?: string } {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code });
}

/** Calls a callback of the host; neither a throw nor a rejection of it reaches the caller. */
export function callQuietly(call: () => unknown): void {
  try {
    const result = call();
    if (isObject(result) && isCallable(result["then"])) Promise.resolve(result).catch(() => {});
  } catch {
    // The host's own failure.
  }
}
