import { expect, test } from "bun:test";
import { Agreement } from "../../../src/dashboard/follow/agreement.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { BOOKKEEPING_KEY } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";
import { TestClock } from "../../support/clock.ts";

/** `count`: the records of a partition that are counted. */
function start() {
  const [products, values, clock] = [new SalesView(), new SalesView(), new TestClock()];
  const count = (view: SalesView, partition: number, inputOffset: number) => {
    view.apply(partition, BOOKKEEPING_KEY, bookkeepingRecord({ inputOffset }));
  };
  const agreement = new Agreement("store", { products, values }, clock);
  /** Both topics are read to their ends, and the page of products is shown. */
  const show = () => {
    const status = { state: "live", partitions: 2, lag: 0, notices: [], asOf: undefined } as const;
    products.publish(status);
  };
  return { show, products, values, clock, count, problems: () => agreement.problems(2) };
}

// An aggregator without the rule goes on counting products alone: the board by store would stand
// still, and call itself live.
test("records that stay without a value are told, and where", () => {
  const { products, values, clock, count, problems } = start();
  for (const id of [0, 1]) for (const view of [products, values]) count(view, id, 5);
  expect(problems()).toEqual([]);
  count(products, 1, 9);
  expect(problems()).toEqual([]);
  clock.pass(11_000);
  expect(problems()).toEqual([
    "The totals by store lack records of partition 1 that the totals of products hold. Give every aggregator the same mapping.",
  ]);
  count(values, 1, 9);
  expect(problems()).toEqual([]);
});

test("a topic that nothing was written to lacks all", () => {
  const { products, clock, count, problems } = start();
  count(products, 0, 1);
  void problems();
  clock.pass(11_000);
  expect(problems().join()).toContain("partition 0 ");
});

test("a board that is read a little later, all the time, lacks nothing", () => {
  const { products, values, clock, count, problems } = start();
  for (let second = 1; second < 60; second++) {
    count(values, 0, second * 10 - 10);
    count(products, 0, second * 10);
    expect(problems()).toEqual([]);
    clock.pass(1_000);
  }
});

// `by store` was added to totals that existed. The aggregator refused them, but the board by store
// said for ten seconds that nothing was sold, and /readyz that it was ready.
test("a topic that nothing was ever written to is told at once, however late products are read", () => {
  const { products, values, show, count, problems } = start();
  expect(problems()).toEqual([]);
  count(products, 0, 9);
  show();
  expect(problems().join()).toContain("lack records of partition 0 ");
  count(values, 0, 9);
  expect(problems()).toEqual([]);
});

test("a topic that was made anew is told at once", () => {
  const { products, values, show, count, problems } = start();
  for (const view of [products, values]) count(view, 0, 9);
  show();
  expect(problems()).toEqual([]);
  values.restart(0);
  values.markCaughtUp(0);
  expect(problems().join()).toContain("lack records of partition 0 ");
});

test("the first sales of a new topic may be read a little later", () => {
  const { products, values, show, clock, count, problems } = start();
  show();
  expect(problems()).toEqual([]);
  count(products, 0, 9);
  expect(problems()).toEqual([]);
  clock.pass(9_000);
  count(values, 0, 9);
  expect(problems()).toEqual([]);
});
