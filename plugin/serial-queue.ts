// A queue per key: work of one key runs one after another, work of different keys runs side by side. Pure.

const tails = new Map<string, Promise<unknown>>();

/** Runs `work` once all earlier work under this key has ended, whether it failed or not. */
export function runInOrder<T>(key: string, work: () => Promise<T>): Promise<T> {
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
