/**
 * Sums up the days again from the input and compares them with the topic. It checks the days that
 * are kept at the end, and of those the ones that are complete. The first day kept only rises, so
 * no sale of these days was ever out of reach.
 */

import { dayNumber, dayText, firstDayKept } from "../domain/day.ts";
import { isAtLeast, isSame, linesIn, NO_SUMS, plus, type Sums } from "../domain/sums.ts";
import { LocalDays } from "../mapping/exact/local-days.ts";
import { daysBroken } from "../state/days-note.ts";
import { type ClaimedInput, type Difference, lacksInput, totalText } from "./compare.ts";

const encoder = new TextEncoder();
/** Of a line whose time is unknown, and of days that are all complete. */
const BEFORE_ALL = -1;

export class DaysRecount {
  readonly #span: ClaimedInput;
  readonly #days: LocalDays;
  readonly #latest: number;
  /** The first day that is kept and complete. */
  readonly #first: number;
  readonly #found: ReadonlyMap<string, Sums>;
  readonly #counted = new Map<string, Sums>();
  /** How many days of products the topic holds that are compared. */
  readonly count: number;

  private constructor(span: ClaimedInput, of: { zone: string; latest: number; since: number }) {
    this.#span = span;
    this.#days = new LocalDays(of.zone);
    this.#latest = of.latest;
    this.#first = Math.max(firstDayKept(of.latest), of.since + 1);
    const kept = [...span.restored.totals.days.kept(of.latest)];
    const compared = kept.filter(({ day }) => day >= this.#first);
    this.#found = new Map(compared.map(({ id, day, sums }) => [`${id}/${day}`, sums]));
    this.count = compared.length;
  }

  /** Undefined if the partition keeps no days. */
  static of(span: ClaimedInput): DaysRecount | undefined {
    const note = span.restored.bookkeeping?.days;
    const latest = dayNumber(note?.latest ?? "");
    if (!note || latest === undefined) return undefined;
    const since = dayNumber(note.since ?? "") ?? BEFORE_ALL;
    return new DaysRecount(span, { zone: note.zone, latest, since });
  }

  /** Adds one line of the totals, in `second` since 1970. */
  add(second: number, product: string, sums: Sums): void {
    const day = second < 0 ? BEFORE_ALL : this.#days.dayOf(second);
    if (day < this.#first || day > this.#latest) return;
    const id = this.#span.restored.totals.products.findOrAdd(encoder.encode(product));
    const key = `${id}/${day}`;
    this.#counted.set(key, plus(this.#counted.get(key) ?? NO_SUMS, sums));
  }

  differences(): Difference[] {
    const { partition, restored, history } = this.#span;
    const lacks = lacksInput(this.#span);
    const { totals, bookkeeping } = restored;
    const differences: Difference[] = [];
    const broken = daysBroken(bookkeeping?.days, totals);
    if (broken) {
      const texts = { recomputed: "each sale in one day or outside", found: broken };
      differences.push({ partition, product: null, ...texts });
    }
    const ahead = BigInt(history?.bookkeeping?.ahead ?? 0);
    // If sales can be missing on both sides, no day can be checked.
    if (ahead > 0n && lacks) return differences;
    let lacking = 0n;
    for (const key of new Set([...this.#found.keys(), ...this.#counted.keys()])) {
      const must = this.#counted.get(key) ?? NO_SUMS;
      const is = this.#found.get(key) ?? NO_SUMS;
      if (lacks ? isAtLeast(is, must) : isSame(is, must)) continue;
      // A sale that was ahead of the clock when it was counted is in no day.
      const lines = linesIn(must) - linesIn(is);
      if (lines > 0n && isAtLeast(must, is) && lacking + lines <= ahead) {
        lacking += lines;
        continue;
      }
      const [id, day] = key.split("/").map(Number) as [number, number];
      const texts = { recomputed: totalText(must), found: totalText(is) };
      const product = totals.products.name(id);
      differences.push({ partition, day: dayText(day), product, ...texts });
    }
    return differences;
  }
}
