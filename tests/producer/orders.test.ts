import { describe, expect, test } from "bun:test";
import { outcomesOf } from "../../src/inspect/sample/outcomes.ts";
import { OrderGenerator, type OrderRecord } from "../../src/producer/orders.ts";
import { judgedOrders, orderJudge } from "../support/orders.ts";

const clock = () => {
  let at = Date.parse("2026-03-01T08:00:00Z");
  return () => {
    at += 250;
    return new Date(at);
  };
};

function orders(seed: number, count: number, currency = "USD"): OrderRecord[] {
  const generator = new OrderGenerator(seed, { currency, now: clock() });
  return Array.from({ length: count }, () => generator.next());
}

describe("OrderGenerator", () => {
  test("repeats its records for the same seed, and for no other", () => {
    expect(orders(42, 500)).toEqual(orders(42, 500));
    expect(orders(42, 500)).not.toEqual(orders(43, 500));
  });

  test("only the times of the records are those of the clock", () => {
    const later = new OrderGenerator(42, { currency: "USD", now: () => new Date(0) });
    const timeless = ({ text }: OrderRecord) => text.replace(/\d{4}-[\d:.T-]+Z/g, "");
    const texts = Array.from({ length: 500 }, () => timeless(later.next()));
    // A broken record can end inside of its time.
    const isWhole = (text: string) => text.endsWith("}");
    expect(texts.filter(isWhole)).toEqual(orders(42, 500).map(timeless).filter(isWhole));
  });

  test.each(["USD", "EUR", "CAD"])("makes records of all kinds, in %s", (currency) => {
    const records = orders(1, 5_000, currency);
    const { counted, filtered, deadLetters, reasons, returns, lines, untimed } = outcomesOf(
      orderJudge({ currency }),
      judgedOrders(records),
    );
    expect(counted).toBeGreaterThan(4_000);
    expect(lines).toBeGreaterThan(counted * 1.2);
    expect(returns).toBeGreaterThan(100);
    expect(filtered).toBeGreaterThan(200);
    expect(deadLetters).toBeGreaterThan(10);
    expect(deadLetters).toBeLessThan(100);
    expect(untimed).toBe(0);
    expect(reasons.map(({ text }) => text.split(":")[0]).toSorted()).toEqual([
      "amount",
      "currency",
      "product",
      "the value is not JSON",
    ]);
  });

  test("a refund takes back a line of an order before, once", () => {
    const bodies = orders(3, 3_000).flatMap(({ text }) => {
      return text.endsWith("}") ? [JSON.parse(text)] : [];
    });
    const byNumber = new Map(
      bodies.filter(({ type }) => type === "order").map((order) => [order.order_number, order]),
    );
    const refunds = bodies.filter(({ type }) => type === "refund");
    expect(refunds.length).toBeGreaterThan(50);
    for (const { order_number, lines, total, placed_at } of refunds) {
      const order = byNumber.get(order_number);
      expect(order.payment.status).toBe("paid");
      expect(order.lines).toContainEqual(lines[0]);
      expect(total).toBe(lines[0].total);
      expect(placed_at > order.placed_at).toBe(true);
    }
    expect(new Set(refunds.map((refund) => refund.order_number)).size).toBe(refunds.length);
  });

  // The embedded broker keeps 2 MB of a partition: of more products it would lose totals.
  test("sells six products in each store, and no product in two", () => {
    const products = new Map<number, Set<string>>();
    for (const { store, text } of orders(5, 5_000)) {
      const found = [...text.matchAll(/"title":"([^"]+)"/g)].map(([, title = ""]) => title);
      products.set(store, new Set([...(products.get(store) ?? []), ...found]));
    }
    expect([...products.values()].map((names) => names.size)).toEqual([6, 6, 6, 6]);
    expect(new Set([...products.values()].flatMap((names) => [...names])).size).toBe(24);
  });
});
