/** A time of day of its own for one process, which a test sets while the process runs. */

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("stepped-clock.c", import.meta.url));

export class SteppedClock {
  /** Of the process; not of one that a sanitizer watches, which has to be loaded first. */
  readonly env: Record<string, string>;
  readonly #folder = mkdtempSync(`${tmpdir()}/salesboard-clock-`);
  readonly #file: number;
  #aheadMs = 0;

  /** @throws Error with what the compiler says */
  constructor() {
    const library = join(this.#folder, "stepped-clock.so");
    const cc = Bun.spawnSync(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", library, source]);
    if (!cc.success) throw new Error(`Cannot compile ${source}: ${cc.stderr}`);
    const offset = join(this.#folder, "offset");
    writeFileSync(offset, new Uint8Array(8));
    this.#file = openSync(offset, "r+");
    this.env = { LD_PRELOAD: library, STEPPED_CLOCK: offset };
  }

  /** Epoch milliseconds, as the process sees them. */
  get nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  /** Sets the time of day by so much, at once. */
  step(ms: number): void {
    this.#aheadMs += ms;
    const nanoseconds = new BigInt64Array([BigInt(this.#aheadMs) * 1_000_000n]);
    writeSync(this.#file, new Uint8Array(nanoseconds.buffer), 0, 8, 0);
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
