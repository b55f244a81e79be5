/** What the roles of a process reported last: each value until its role reports another. */

import type { Role } from "../config/config.ts";
import type { Stats } from "../role.ts";

export class Reports {
  readonly #latest = new Map<string, readonly [Role, Stats]>();

  /** One entry for each worker that has reported, with all that it ever reported. */
  get latest(): readonly (readonly [Role, Stats])[] {
    return [...this.#latest.values()];
  }

  take(role: Role, stats: Stats): void {
    const worker = `${role} ${stats.topic ?? ""}`;
    const [, before] = this.#latest.get(worker) ?? [];
    const merged: Stats = { ...before, ...stats };
    const figures = { ...before?.figures, ...stats.figures };
    this.#latest.set(worker, [role, stats.figures ? { ...merged, figures } : merged]);
  }
}
