/** The seam of the campaign: what a fault is, and what is said of it in `tests/FAULTS.md`. */

import type { Arena } from "./arena.ts";

export interface Fault {
  /** The first column of the table, and the name of the test. */
  readonly name: string;
  /** One sentence: how it is injected. */
  readonly injection: string;
  /** One sentence: what must be seen besides `verify` saying equal. `run` checks it. */
  readonly expected: string;
  /**
   * Injects the fault while sales flow, checks that it really happened, and waits until the group
   * goes on. The campaign itself ends the arena and verifies the totals.
   */
  run(arena: Arena): Promise<void>;
}
