// What has to be undone at the end, newest first, also when somebody presses Ctrl-C.
import { endCommands } from "./processes.mjs";
import { say } from "./steps.mjs";

export class Cleanup {
  /** @type {{ what: string, undo: () => unknown }[]} */
  #tasks = [];
  /** @type {Promise<void> | undefined} */
  #running;
  #finished = false;
  /** Whether somebody asked this process to end; what fails from then on fails because of that. */
  interrupted = false;

  /** Remembers how to undo something that was just started; when everything is undone already, this is undone at once. */
  add(what, undo) {
    this.#tasks.push({ what, undo });
    if (this.#finished) this.#running = this.#undoAll();
  }

  /** Undoes everything once; a part that fails is named and does not keep the others from being undone. */
  run() {
    this.#running ??= this.#undoAll();
    return this.#running;
  }

  async #undoAll() {
    for (let task = this.#tasks.pop(); task; task = this.#tasks.pop()) {
      const { what, undo } = task;
      try {
        await undo();
      } catch (error) {
        say(`  could not clean up ${what}: ${error.message}`);
        process.exitCode = 1;
      }
    }
    this.#finished = true;
  }

  /** Ends this process in good order when it is asked to end. */
  onSignals() {
    const codes = /** @type {const} */ ({ SIGINT: 130, SIGTERM: 143 });
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
      process.once(signal, () => {
        this.interrupted = true;
        endCommands();
        say(`\n${signal === "SIGINT" ? "Stopping" : "Asked to stop; stopping"} everything …`);
        void this.run().finally(() => process.exit(codes[signal]));
      });
    }
  }
}
