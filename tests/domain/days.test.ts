import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { DAYS_KEPT, isDayKept } from "../../src/domain/day.ts";
import { OUTSIDE } from "../../src/domain/days.ts";
import { plus, type Sums } from "../../src/domain/sums.ts";
import { Totals } from "../../src/domain/totals.ts";

const TODAY = 1_000;
const terms = { zone: "UTC", today: TODAY, isTimed: true };

function totalsWith(products: readonly string[]): Totals {
  const totals = new Totals();
  for (const name of products) totals.products.findOrAdd(new TextEncoder().encode(name));
  totals.days.terms = terms;
  return totals;
}

/** One line of a product on a day, of as many units as money. */
function sell(totals: Totals, id: number, day: number, units = 1n): void {
  const line = { quantity: units, revenue: units, sales: 1n, returns: 0n };
  totals.applyLarge(id, line);
  totals.days.apply(day, id, line);
}

function commit(totals: Totals): void {
  totals.seal();
  totals.commit();
}

/** "0 on 1000: 3 sales of 7", sorted. */
function shown(totals: Totals): string[] {
  const latest = totals.days.state?.latest ?? OUTSIDE;
  return [...totals.days.kept(latest)]
    .map(({ id, day, sums }) => `${id} on ${day}: ${sums.sales} sales of ${sums.quantity}`)
    .sort();
}

function changed(totals: Totals): string[] {
  return [...totals.days.changed].map(({ id, day, sums }) => `${id} on ${day}: ${sums.sales}`);
}

describe("the days of a partition", () => {
  test("the latest day of a product ends when the product sells on a later one", () => {
    const totals = totalsWith(["a", "b"]);
    sell(totals, 0, TODAY);
    sell(totals, 1, TODAY);
    commit(totals);
    expect(changed(totals)).toEqual([]);
    sell(totals, 0, TODAY + 1, 5n);
    commit(totals);
    expect(changed(totals)).toEqual(["0 on 1000: 1"]);
    expect(shown(totals)).toEqual([
      "0 on 1000: 1 sales of 1",
      "0 on 1001: 1 sales of 5",
      "1 on 1000: 1 sales of 1",
    ]);
    expect(totals.days.last(0)?.day).toBe(TODAY + 1);
    expect(totals.days.last(1)?.day).toBe(TODAY);
  });

  test("a late sale goes to its own day, and never moves a product's latest day back", () => {
    const totals = totalsWith(["a"]);
    sell(totals, 0, TODAY);
    commit(totals);
    sell(totals, 0, TODAY);
    sell(totals, 0, TODAY - 1);
    sell(totals, 0, TODAY - 1);
    commit(totals);
    expect(changed(totals)).toEqual(["0 on 999: 2"]);
    expect(shown(totals)).toEqual(["0 on 1000: 2 sales of 2", "0 on 999: 2 sales of 2"]);
    expect(totals.days.last(0)?.day).toBe(TODAY);
  });

  test("a sale without a day that is kept counts as outside", () => {
    const totals = totalsWith(["a"]);
    sell(totals, 0, OUTSIDE);
    sell(totals, 0, TODAY);
    sell(totals, 0, TODAY - DAYS_KEPT);
    sell(totals, 0, TODAY - DAYS_KEPT + 1);
    commit(totals);
    expect(totals.days.state).toMatchObject({ latest: TODAY, outsideSales: 2n });
    expect(shown(totals)).toEqual(["0 on 1000: 1 sales of 1", "0 on 939: 1 sales of 1"]);
  });

  test("days that are kept no longer count as outside, those of a total too", () => {
    const totals = totalsWith(["a", "b"]);
    sell(totals, 0, TODAY);
    sell(totals, 1, TODAY);
    commit(totals);
    sell(totals, 0, TODAY + 1);
    commit(totals);
    sell(totals, 0, TODAY + DAYS_KEPT);
    commit(totals);
    expect(totals.days.state?.outsideSales).toBe(2n);
    expect(shown(totals)).toEqual(["0 on 1001: 1 sales of 1", "0 on 1062: 1 sales of 1"]);
    // The product that was silent: its old day is no ended day that anybody keeps.
    sell(totals, 1, TODAY + DAYS_KEPT);
    commit(totals);
    expect(changed(totals)).toEqual([]);
    expect(totals.days.state?.outsideSales).toBe(2n);
  });

  test("begin with sales outside of them where sales were counted before", () => {
    const totals = totalsWith(["a"]);
    const sums = { quantity: 9, revenue: 9, sales: 7, returns: 2 };
    totals.restore(new TextEncoder().encode("a"), sums);
    sell(totals, 0, TODAY);
    commit(totals);
    const outside = { outsideSales: 7n, outsideReturns: 2n };
    expect(totals.days.state).toEqual({ zone: "UTC", latest: TODAY, since: TODAY, ...outside });
  });

  test("go on in another zone, and say since when", () => {
    const totals = totalsWith(["a"]);
    sell(totals, 0, TODAY);
    commit(totals);
    expect(totals.days.state?.since).toBeUndefined();
    totals.days.terms = { zone: "Europe/Berlin", today: TODAY + 1, isTimed: true };
    sell(totals, 0, TODAY);
    commit(totals);
    expect(totals.days.state).toMatchObject({ zone: "Europe/Berlin", since: TODAY + 1 });
    expect(shown(totals)).toEqual(["0 on 1000: 2 sales of 2"]);
  });

  test("take no sale while history is off, and say so when it is on again", () => {
    const totals = totalsWith(["a"]);
    sell(totals, 0, TODAY);
    commit(totals);
    totals.days.terms = { ...terms, today: TODAY + 3, isTimed: false };
    sell(totals, 0, OUTSIDE);
    commit(totals);
    totals.days.terms = { ...terms, today: TODAY + 4 };
    sell(totals, 0, TODAY + 4);
    commit(totals);
    expect(totals.days.state).toMatchObject({ since: TODAY + 3, outsideSales: 1n });
    expect(shown(totals)).toEqual(["0 on 1000: 1 sales of 1", "0 on 1004: 1 sales of 1"]);
  });

  test("are none where history was never on", () => {
    const totals = totalsWith(["a"]);
    totals.days.terms = { ...terms, isTimed: false };
    sell(totals, 0, OUTSIDE);
    commit(totals);
    expect(totals.days.state).toBeUndefined();
  });

  test("hold sums beyond the integers of a float", () => {
    const totals = totalsWith(["a"]);
    for (const day of [TODAY, TODAY - 1, TODAY, TODAY - 1]) sell(totals, 0, day, 2n ** 53n + 1n);
    commit(totals);
    const sums = [...totals.days.kept(TODAY)].map((day) => day.sums.revenue);
    expect(sums).toEqual([2n ** 54n + 2n, 2n ** 54n + 2n]);
  });
});

type Step =
  | { kind: "sell"; id: number; back: number; returns: boolean; units: bigint }
  | { kind: "midnight"; days: number }
  | { kind: "seal" | "commit" | "rollback" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("sell" as const),
      id: fc.nat(3),
      back: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.nat(3), fc.nat(130)),
      returns: fc.boolean(),
      units: fc.bigInt(-(2n ** 60n), 2n ** 60n),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("midnight" as const),
      days: fc.oneof(fc.constant(1), fc.constant(1), fc.nat(80)),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom("seal" as const, "commit", "rollback") }),
  },
);

/** What was sold, line by line. */
interface Line {
  id: number;
  day: number;
  sums: Sums;
}

const NONE = { quantity: 0n, revenue: 0n, sales: 0n, returns: 0n };

/** The sums of each product and day that is kept, from the lines alone; and the lines outside. */
function expected(lines: readonly Line[]): { days: Map<string, Sums>; outside: Sums } {
  const latest = Math.max(OUTSIDE, ...lines.map(({ day }) => day));
  const days = new Map<string, Sums>();
  let outside: Sums = NONE;
  for (const { id, day, sums } of lines) {
    const name = `${id} on ${day}`;
    if (isDayKept(day, latest)) days.set(name, plus(days.get(name) ?? NONE, sums));
    else outside = plus(outside, sums);
  }
  return { days, outside };
}

test("whatever is sealed, committed and rolled back, each line is in its day or outside", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const totals = totalsWith(["a", "b", "c", "d"]);
      let today = TODAY;
      let committed: Line[] = [];
      let sealed: Line[] | undefined;
      let open: Line[] = [];
      for (const step of steps) {
        if (step.kind === "midnight") {
          today += step.days;
          totals.days.terms = { ...terms, today };
        } else if (step.kind === "sell") {
          const [sales, returns] = step.returns ? [1n, 1n] : [2n, 0n];
          const sums = { quantity: step.units, revenue: -step.units * 3n, sales, returns };
          const line = { id: step.id, day: today - step.back, sums };
          totals.applyLarge(step.id, sums);
          totals.days.apply(line.day, step.id, sums);
          open.push(line);
        } else if (step.kind === "seal" && !sealed) {
          totals.seal();
          sealed = [...committed, ...open];
          open = [];
        } else if (step.kind === "commit") {
          totals.commit();
          committed = sealed ?? committed;
          sealed = undefined;
        } else if (step.kind === "rollback") {
          totals.rollback();
          [sealed, open] = [undefined, []];
        }
        const { days, outside } = expected(sealed ?? committed);
        const { state } = totals.days;
        if ((sealed ?? committed).length === 0) continue;
        expect(state?.outsideSales).toBe(outside.sales);
        expect(state?.outsideReturns).toBe(outside.returns);
        const held = [...totals.days.kept(state?.latest ?? OUTSIDE)];
        expect(new Map(held.map(({ id, day, sums }) => [`${id} on ${day}`, sums]))).toEqual(days);
      }
    }),
    { numRuns: 300 },
  );
});
