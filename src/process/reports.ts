/** What the roles of a process reported last: each value until the role reports another. */

import type { Role } from "../config/config.ts";
import type { Stats } from "../role.ts";

export class Reports {
  readonly #latest = new Map<Role, Stats>();

  /** One entry for each role that has reported, with all that it ever reported. */
  get latest(): ReadonlyMap<Role, Stats> {
    return this.#latest;
  }

  take(role: Role, stats: Stats): void {
    const before = this.#latest.get(role);
    const merged: Stats = { ...before, ...stats };
    const figures = { ...before?.figures, ...stats.figures };
    this.#latest.set(role, stats.figures ? { ...merged, figures } : merged);
  }
}
