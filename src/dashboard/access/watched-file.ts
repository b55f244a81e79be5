/** A file that is read again when it has changed, so that nobody must restart for a new user. */

import { readFileSync, statSync } from "node:fs";
import { messageOf, usageError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";

/** Far more than a thousand users. */
const FILE_BYTES_MAX = 1024 * 1024;

export class WatchedFile<T> {
  readonly #option: string;
  readonly #path: string;
  readonly #parse: (text: string) => T;
  readonly #log: Log;
  #seen: string;
  #value: T;

  /**
   * `option`: names the file in messages.
   * @throws SalesboardError when the file cannot be read, or `parse` throws
   */
  constructor(of: { option: string; path: string; parse: (text: string) => T; log: Log }) {
    this.#option = of.option;
    this.#path = of.path;
    this.#parse = of.parse;
    this.#log = of.log;
    try {
      this.#seen = this.#look();
      this.#value = this.#read();
    } catch (error) {
      throw usageError(`Cannot use ${this.#option} ${this.#path}: ${messageOf(error)}.`);
    }
  }

  /** What the file said when it was last right. */
  get value(): T {
    return this.#value;
  }

  /** Reads the file if it has changed. One that is wrong changes nothing, and is logged once. */
  check(): void {
    let seen = "missing";
    try {
      seen = this.#look();
      if (seen === this.#seen) return;
      this.#value = this.#read();
      this.#log.info("A file was read again, because it has changed.", { file: this.#path });
    } catch (error) {
      if (seen === this.#seen) return;
      const reason = messageOf(error);
      this.#log.warning("A changed file cannot be used; what it said before is still obeyed.", {
        file: this.#path,
        reason,
      });
    }
    this.#seen = seen;
  }

  /** Differs when the file does. A file that replaces another has a number of its own. */
  #look(): string {
    const { ino, size, mtimeMs, ctimeMs } = statSync(this.#path);
    if (size > FILE_BYTES_MAX) throw new Error(`it has more than ${FILE_BYTES_MAX} bytes`);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  }

  #read(): T {
    return this.#parse(readFileSync(this.#path, "utf8"));
  }
}
