/** Files that are read again when they have changed, so that nobody must restart for a new user. */

import { readFileSync, statSync } from "node:fs";
import { messageOf, usageError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";

/** Far more than a thousand users. */
const FILE_BYTES_MAX = 1024 * 1024;

export class WatchedFile<T> {
  readonly #option: string;
  readonly #paths: readonly string[];
  readonly #parse: (...texts: string[]) => T;
  readonly #log: Log;
  #seen: string;
  #value: T;

  /**
   * `option`: names the files in messages. `parse`: gets the text of each.
   * @throws SalesboardError when a file cannot be read, or `parse` throws
   */
  constructor(of: {
    option: string;
    paths: readonly string[];
    parse: (...texts: string[]) => T;
    log: Log;
  }) {
    this.#option = of.option;
    this.#paths = of.paths;
    this.#parse = of.parse;
    this.#log = of.log;
    try {
      this.#seen = this.#look();
      this.#value = this.#read();
    } catch (error) {
      throw usageError(
        `Cannot use ${this.#option} ${this.#paths.join(", ")}: ${messageOf(error)}.`,
      );
    }
  }

  /** What the files said when they were last right. */
  get value(): T {
    return this.#value;
  }

  /**
   * Reads the files if they have changed: true = there is another value. What is wrong changes
   * nothing, and is logged once.
   */
  check(): boolean {
    const files = this.#paths.join(", ");
    let seen = "missing";
    try {
      seen = this.#look();
      if (seen === this.#seen) return false;
      this.#value = this.#read();
      this.#seen = seen;
      this.#log.info("A file was read again, because it has changed.", { files });
      return true;
    } catch (error) {
      if (seen === this.#seen) return false;
      const reason = messageOf(error);
      const message = "A changed file cannot be used; its earlier content still applies.";
      this.#log.warning(message, { files, reason });
    }
    this.#seen = seen;
    return false;
  }

  /** Differs when the files do. A file that replaces another has a number of its own. */
  #look(): string {
    return this.#paths
      .map((path) => {
        const { ino, size, mtimeMs, ctimeMs } = statSync(path);
        if (size > FILE_BYTES_MAX) throw new Error(`it has more than ${FILE_BYTES_MAX} bytes`);
        return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
      })
      .join();
  }

  #read(): T {
    return this.#parse(...this.#paths.map((path) => readFileSync(path, "utf8")));
  }
}
