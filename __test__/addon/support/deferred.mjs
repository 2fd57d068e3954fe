// A promise that is settled from outside; Node 20 has no `Promise.withResolvers`.

export function deferred() {
  let resolve;
  let reject;
  const promise = new Promise((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject };
}
