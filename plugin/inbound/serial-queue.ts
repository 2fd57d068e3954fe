// Work of one key after the other, work of different keys side by side.

const tails = new Map<string, Promise<unknown>>();

/** Runs `work` when everything asked for earlier under this key has ended, however it ended. */
export function inOrder<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const result = before.then(work);
  const tail = result
    .catch(() => undefined)
    .then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
  tails.set(key, tail);
  return result;
}
