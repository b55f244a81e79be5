/** The demo of orders: counted by a mapping that nobody has to give. */

import { afterEach, expect, test } from "bun:test";
import { formatAmount } from "../../src/domain/money.ts";
import { outcomesOf } from "../../src/inspect/sample/outcomes.ts";
import { OrderGenerator } from "../../src/producer/orders.ts";
import { Runs, totalsWhen } from "../support/board.ts";
import { judgedOrders, orderJudge } from "../support/orders.ts";

const runs = new Runs();
afterEach(() => runs.end());

test("--demo orders shows exactly what the same orders are worth", async () => {
  const generator = new OrderGenerator(11, { currency: "USD", now: () => new Date() });
  const records = Array.from({ length: 3_000 }, () => generator.next());
  const expected = outcomesOf(orderJudge(), judgedOrders(records));
  const paced = ["--count", "3000", "--rate", "0", "--seed", "11"];
  const run = runs.start(["--demo", "orders", ...paced, "--port", "0"]);
  const judged = expected.filtered + expected.deadLetters;
  const { total, products, filtered, deadLetters } = await totalsWhen(
    run,
    ({ total, filtered, deadLetters }) =>
      total.sales + total.returns === expected.lines && filtered + deadLetters === judged,
  );
  expect({ total, filtered, deadLetters }).toMatchObject({
    total: { totalPrice: formatAmount(expected.amount), returns: expected.returns },
    filtered: expected.filtered,
    deadLetters: expected.deadLetters,
  });
  expect(products).toHaveLength(24);
  expect(await run.stop()).toBe(0);
}, 180_000);
