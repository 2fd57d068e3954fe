// A list of checks that are all made, also after one has failed; timed, and counted at the end in one plain line.
import { explain, say } from "./steps.mjs";
import { record, timesTable } from "./times.mjs";

export class Checks {
  passed = 0;
  failed = 0;
  /** @type {string[]} */
  #failures = [];
  /** @type {Record<string, number>} */
  #times = {};

  /**
   * Makes one check; `name` is its key in the table of budgets. What `work` returns may be `{ passed, failed }`; anything else
   * counts as one passed. Resolves with false when the check failed.
   */
  async check(name, title, work) {
    say(`\n── ${title}`);
    const began = performance.now();
    try {
      const counted = await work();
      this.passed += counted?.passed ?? 1;
      this.failed += counted?.failed ?? 0;
      if (counted?.failed > 0) this.#failures.push(title);
      return !(counted?.failed > 0);
    } catch (error) {
      this.passed += error.counted?.passed ?? 0;
      this.failed += Math.max(1, error.counted?.failed ?? 0);
      this.#failures.push(title);
      explain(error);
      return false;
    } finally {
      this.#times[name] = performance.now() - began;
      record(name, this.#times[name]);
    }
  }

  /** Prints the times and the verdict; resolves with the exit code. */
  finish() {
    say();
    for (const line of timesTable(this.#times)) say(line);
    say();
    for (const title of this.#failures) say(`✗ ${title}`);
    say(`${this.passed} passed, ${this.failed} failed`);
    return this.failed > 0 ? 1 : 0;
  }
}
