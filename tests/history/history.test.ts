import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NO_SUMS, plus, type Sums } from "../../src/domain/sums.ts";
import { History } from "../../src/history/history.ts";
import type { HistoryState } from "../../src/history/history-state.ts";
import {
  NO_HEAD,
  NO_TIME,
  placeOf,
  RING_NAMES,
  RINGS,
  type Ring,
  reachAt,
} from "../../src/history/rings.ts";
import { HISTORY_PRODUCTS_MAX, REST, type Slot } from "../../src/history/slot.ts";

interface Sale {
  second: number;
  id: number;
  quantity: number;
  revenue: bigint;
}

const NOW = 1_795_588_739;
/** What claims to be later is ahead of the clock. */
const SECOND_MAX = NOW + 10_000_000;

/** The history topic: the latest slot of each key, and the state noted beside them. */
class Topic {
  readonly slots = new Map<string, Slot>();
  state: HistoryState | undefined;

  write(history: History, { slots, erased }: ReturnType<History["seal"]>): void {
    for (const { ring, place } of erased) this.slots.delete(`${ring}/${place}`);
    for (const slot of slots) {
      this.slots.set(`${slot.ring}/${placeOf(slot.ring, slot.index)}`, slot);
    }
    this.state = history.state;
  }

  /** What a reader shows: the slots in reach, by their time, each product's sums as text. */
  read(): Record<string, string> {
    const reach = reachAt(this.state?.head ?? NO_HEAD);
    const slots = [...this.slots.values()].filter(({ ring, index }) => {
      return index >= reach[ring].first && index < reach[ring].end;
    });
    return { ...textsOf(slots), older: textOf(this.state?.older ?? NO_SUMS) };
  }
}

/** The sums of each product in each of the slots. */
function textsOf(slots: readonly Slot[]): Record<string, string> {
  const texts = slots.flatMap((slot) => {
    const what = `${slot.ring} ${slot.index} of`;
    return slot.ids().map((id) => [`${what} ${id}`, textOf(slot.sums(id))]);
  });
  return Object.fromEntries(texts);
}

/** The same without any cleverness: every sale is looked at again. */
function expectedOf(sales: readonly Sale[]): Record<string, string> {
  const reach = reachAt(headOf(sales));
  const sums = new Map<string, Sums>([["older", NO_SUMS]]);
  for (const sale of sales) {
    const isIn = (ring: Ring) => usable(sale) && indexIn(ring, sale) >= reach[ring].first;
    const ring = RING_NAMES.find(isIn);
    const key = ring ? `${ring} ${indexIn(ring, sale)} of ${sale.id}` : "older";
    const { quantity, revenue } = sale;
    const one = { quantity: BigInt(quantity), revenue, ...linesOf(sale) };
    sums.set(key, plus(sums.get(key) ?? NO_SUMS, one));
  }
  return Object.fromEntries([...sums].map(([key, each]) => [key, textOf(each)]));
}

const usable = ({ second }: Sale) => second >= 0 && second <= SECOND_MAX;
const headOf = (sales: readonly Sale[]) =>
  Math.max(NO_HEAD, ...sales.filter(usable).map(({ second }) => second));
const indexIn = (ring: Ring, { second }: Sale) => Math.floor(second / RINGS[ring].seconds);
const textOf = ({ quantity, revenue, sales, returns }: Sums) =>
  `${sales} sales, ${returns} returns, ${quantity} units, ${revenue}`;
const linesOf = ({ quantity }: Sale) =>
  quantity < 0 ? { sales: 0n, returns: 1n } : { sales: 1n, returns: 0n };

function add(history: History, sale: Sale): void {
  const { second, id, quantity, revenue } = sale;
  const amount = Number(revenue);
  if (quantity >= 0 && Number.isSafeInteger(amount)) {
    history.apply({ second, id, quantity, amount, sales: 1 }, SECOND_MAX);
  } else {
    const sums = { quantity: BigInt(quantity), revenue, ...linesOf(sale) };
    history.applyLarge({ second, id, ...sums }, SECOND_MAX);
  }
}

const sale = fc.record({
  type: fc.constant("sale" as const),
  // In time, a little late, hours or months late, without a time, and after a pause of any length.
  drift: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -1, max: 1 }) },
    { weight: 2, arbitrary: fc.integer({ min: -100, max: 100 }) },
    { weight: 2, arbitrary: fc.integer({ min: -4_000, max: 4_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: -200_000, max: 100_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -7_000_000, max: 3_000_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 2 * SECOND_MAX) },
  ),
  id: fc.nat(3),
  // Negative ones are returns.
  quantity: fc.integer({ min: -1e9, max: 1e9 }),
  revenue: fc.oneof(fc.bigInt(0n, 10n ** 27n), fc.bigInt(0n, 10n ** 6n)),
});
const step = fc.oneof(
  { weight: 8, arbitrary: sale },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom("seal" as const, "commit" as const, "rollback" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart" as const) }) },
);

/** One unit of product 0, sold in `second`. */
const one = (second: number) => ({ second, id: 0, quantity: 1, amount: 1, sales: 1 });

describe("History", () => {
  test("is the sum of the sales by time, whatever is sealed, committed, rolled back, restored", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80, size: "max" }),
        fc.boolean(),
        (steps, refreshes) => {
          let history = new History();
          const topic = new Topic();
          let [committed, sealed, open] = [[] as Sale[], [] as Sale[], [] as Sale[]];
          let pending: ReturnType<History["seal"]> | undefined;
          for (const next of steps) {
            if (next.type === "sale") {
              const { id, quantity, revenue } = next;
              // What was rolled back never happened, and the next may be earlier.
              const latest = headOf([...committed, ...sealed, ...open]);
              const from = latest === NO_HEAD ? NOW : latest;
              const second = Number.isFinite(next.drift) ? from + next.drift : NO_TIME;
              const sold = { second, id, quantity, revenue };
              add(history, sold);
              open.push(sold);
            } else if (next.type === "seal" && !pending) {
              pending = history.seal({ refreshes });
              [sealed, open] = [open, []];
            } else if (next.type === "commit" && pending) {
              // Only now, as the aggregator writes while it folds on.
              topic.write(history, pending);
              history.commit();
              committed = [...committed, ...sealed];
              [pending, sealed] = [undefined, []];
              expect(topic.read()).toEqual(expectedOf(committed));
            } else if (next.type === "rollback") {
              history.rollback();
              [pending, sealed, open] = [undefined, [], []];
            } else if (next.type === "restart") {
              for (const slot of topic.slots.values()) slot.seal();
              const state = topic.state;
              history = new History({ ...(state && { state }), slots: topic.slots.values() });
              [pending, sealed, open] = [undefined, [], []];
            }
            const { older, ...now } = expectedOf([...committed, ...sealed, ...open]);
            expect(textsOf(history.slots)).toEqual(now);
            const folded = [...committed, ...sealed];
            const returned = folded.filter(({ quantity }) => quantity < 0).length;
            const { sales, returns } = history.state;
            expect([sales, returns]).toEqual([folded.length - returned, returned]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("moves on what leaves a ring before another slot takes its place", () => {
    const near = [-25, -24, -1, 0, 1, 24, 25, 26, 60];
    const hours = fc.constantFrom(-1_441, -1_440, -1_439, ...near, 1_440);
    fc.assert(
      fc.property(fc.array(hours, { minLength: 3, maxLength: 6 }), (hours) => {
        const history = new History();
        const sales = hours.map((hour) => ({
          second: NOW + hour * 3_600,
          id: 0,
          quantity: 1,
          revenue: 1n,
        }));
        for (const sold of sales) add(history, sold);
        const { older, ...now } = expectedOf(sales);
        expect(textsOf(history.slots)).toEqual(now);
        history.seal();
        expect(textOf(history.state.older)).toBe(older as string);
      }),
      { numRuns: 1_000 },
    );
  });

  test("notes why sales are in no ring", () => {
    const history = new History();
    const row = { id: 0, quantity: 1, amount: 10, sales: 1 };
    history.apply({ ...row, second: NOW }, NOW);
    history.apply({ ...row, second: -1 }, NOW);
    history.apply({ ...row, second: NOW + 1, sales: 2 }, NOW);
    history.apply({ ...row, second: NOW - 61 * 86_400, sales: 3 }, NOW);
    history.seal();
    expect(history.state).toEqual({
      head: NOW,
      sales: 7,
      returns: 0,
      older: { quantity: 3n, revenue: 30n, sales: 6n, returns: 0n },
      untimed: 1,
      ahead: 2,
      late: 3,
      unrecorded: 0,
    });
  });

  test("refuses a second seal while the first is undecided", () => {
    const history = new History();
    history.seal();
    expect(() => history.seal()).toThrow("the last seal is undecided");
    history.rollback();
    history.seal();
  });

  test("gives the largest products slots of their own, and chooses anew as sales grow", () => {
    const history = new History();
    const products = HISTORY_PRODUCTS_MAX + 36;
    const ids = Array.from({ length: products }, (_, id) => id);
    const of = (sales: bigint, revenue: (id: number) => number) => {
      history.choose({ products, sales, revenue: (id) => BigInt(revenue(id)) });
    };
    let second = NOW;
    /** Of which products a sale that comes now is kept apart. */
    const apart = () => {
      second++;
      for (const id of ids) history.apply({ ...one(second), id }, SECOND_MAX);
      const slot = history.slots.find(({ index }) => index === second);
      return slot?.ids().filter((id) => id !== REST);
    };
    expect(apart()).toEqual(ids.slice(0, HISTORY_PRODUCTS_MAX));
    of(100n, (id) => id);
    expect(apart()).toEqual(ids.slice(-HISTORY_PRODUCTS_MAX));
    of(109n, (id) => 999 - id);
    expect(apart()).toEqual(ids.slice(-HISTORY_PRODUCTS_MAX));
    of(110n, (id) => 999 - id);
    expect(apart()).toEqual(ids.slice(0, HISTORY_PRODUCTS_MAX));
  });

  test("erases what must not count any more with the first commit, and not what is new there", () => {
    const erased = [
      { ring: "second" as const, place: placeOf("second", NOW) },
      { ring: "second" as const, place: placeOf("second", NOW - 1) },
    ];
    const history = new History({ erased });
    history.apply(one(NOW), SECOND_MAX);
    expect(history.seal().erased).toEqual(erased.slice(1));
    history.rollback();
    expect(history.seal().erased).toEqual(erased);
    history.commit();
    expect(history.seal().erased).toEqual([]);
  });

  // Which one came next hung on the number of all: while new ones came some were not written for so
  // long that they left a log that is cut, and who read it from its start missed their sales.
  test("rewrites every slot in turn where logs are cut, also while new ones come", () => {
    const history = new History();
    const writtenAt = new Map<number, number>();
    for (let i = 0; i < 800; i++) {
      history.apply(one(NOW + i), SECOND_MAX);
      const { slots } = history.seal({ refreshes: true });
      expect(slots.length).toBeLessThanOrEqual(3);
      for (const { index } of slots) writtenAt.set(index, i);
      history.commit();
      // One is new, and two of the others are written each time.
      expect(i - Math.min(...writtenAt.values())).toBeLessThan(0.7 * i + 2);
    }
  });

  test("takes 50 bytes a product and slot at most, and 12 MB a partition, with its rings full", () => {
    const history = new History();
    const slots = RING_NAMES.reduce((sum, ring) => sum + RINGS[ring].slots, 0);
    const hours = Array.from({ length: 1_500 }, (_, i) => NOW - (1_500 - i) * 3_600);
    const minutes = Array.from({ length: 1_700 }, (_, i) => NOW - (1_700 - i) * 60);
    const seconds = Array.from({ length: 1_000 }, (_, i) => NOW - (1_000 - i));
    for (const second of [...hours, ...minutes, ...seconds]) {
      for (let id = 0; id < 80; id++) history.apply({ ...one(second), id }, SECOND_MAX);
    }
    history.seal();
    expect(history.slots.length).toBeGreaterThan(slots - 120);
    expect(history.bytes).toBeLessThan(slots * HISTORY_PRODUCTS_MAX * 50);
    expect(history.bytes).toBeLessThan(12.5 * 1024 * 1024);
  });
});
