/**
 * Sums up one dimension of a partition again from the input, each line as the judge reads it, and
 * compares the values and their days with the topic of the dimension.
 */

import type { Sums } from "../domain/sums.ts";
import { Totals } from "../domain/totals.ts";
import type { ClaimedInput, Difference, RestoredDimension } from "./compare.ts";
import { totalsDifferences } from "./compare.ts";
import { DaysRecount } from "./recount-days.ts";

const encoder = new TextEncoder();

export class DimensionRecount {
  readonly #span: ClaimedInput;
  readonly #of: RestoredDimension;
  readonly #days: DaysRecount | undefined;
  readonly #recomputed = new Totals();
  /** The input offset that the topic reaches, exclusive. A running aggregator may be ahead. */
  readonly to: number;

  constructor(span: ClaimedInput, of: RestoredDimension) {
    this.#span = span;
    this.#of = of;
    this.#days = DaysRecount.of({ ...span, restored: of.restored });
    this.to = of.restored.bookkeeping?.inputOffset ?? 0;
  }

  /** Values that the input has. */
  get names(): string[] {
    const { products } = this.#recomputed;
    return Array.from({ length: products.count }, (_, id) => products.name(id));
  }

  /** How many days of values the topic holds that are compared. */
  get days(): number {
    return this.#days?.count ?? 0;
  }

  /** Adds one line in `second` since 1970, of the record at `offset`. */
  add(offset: number, line: { second: number; value: string; sums: Sums }): void {
    if (offset >= this.to) return;
    const { second, value, sums } = line;
    this.#days?.add(second, value, sums);
    this.#recomputed.applyLarge(this.#recomputed.products.findOrAdd(encoder.encode(value)), sums);
  }

  /** Call it once, after the last line. */
  differences(): Difference[] {
    const { partition, restored: output } = this.#span;
    const { totals, bookkeeping, problem } = this.#of.restored;
    this.#recomputed.seal();
    const differences = totalsDifferences(this.#span, totals, this.#recomputed);
    const differ = (recomputed: string, found: string) => {
      differences.push({ partition, product: null, recomputed, found });
    };
    if (problem) differ("totals", problem);
    if (!bookkeeping && output.bookkeeping) differ("bookkeeping", "nothing");
    for (const name of ["sales", "returns"] as const) {
      const [held, noted] = [totals[name], bookkeeping?.[name] ?? totals[name]];
      if (noted !== held) differ(`${held} ${name} in the totals`, `${noted} ${name}`);
    }
    differences.push(...(this.#days?.differences() ?? []));
    return differences.map((difference) => ({ ...difference, by: this.#of.name }));
  }
}
