// What has to be undone at the end, newest first, also when somebody presses Ctrl-C.
import { say } from "./steps.mjs";

export class Cleanup {
  #tasks = [];
  #running;

  /** Remembers how to undo something that was just started. */
  add(what, undo) {
    this.#tasks.push({ what, undo });
  }

  /** Undoes everything once; a part that fails is named and does not keep the others from being undone. */
  run() {
    this.#running ??= (async () => {
      while (this.#tasks.length > 0) {
        const { what, undo } = this.#tasks.pop();
        try {
          await undo();
        } catch (error) {
          say(`  could not clean up ${what}: ${error.message}`);
          process.exitCode = 1;
        }
      }
    })();
    return this.#running;
  }

  /** Ends this process in good order when it is asked to end. */
  onSignals() {
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ]) {
      process.once(signal, () => {
        say(`\n${signal === "SIGINT" ? "Stopping" : "Asked to stop; stopping"} everything …`);
        void this.run().finally(() => process.exit(code));
      });
    }
  }
}
