/** When a page of the demo shows numbers: not while its past is counted. */

import { describe, expect, test } from "bun:test";
import { DemoPast } from "../../../src/dashboard/follow/demo-past.ts";
import { StatusSource } from "../../../src/dashboard/follow/status-source.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { momentAt, TestClock } from "../../support/clock.ts";
import { configOf } from "../../support/context.ts";

const live: Status = { state: "live", partitions: 2, lag: 0, notices: [], asOf: momentAt(1) };

function filling(...args: string[]) {
  const clock = new TestClock();
  /** By partition: how many records are counted. */
  const counted = [0, 0];
  const view = {
    partition: (id: number) => ({ bookkeeping: { inputOffset: counted[id] } }),
  } as unknown as SalesView;
  const past = new DemoPast({ config: configOf("run", "--partitions", "2", ...args), view, clock });
  const backlog = { stall: undefined, late: undefined, blindness: undefined, strangers: [] };
  const source = new StatusSource({ status: live, reasons: [] }, backlog, clock, { past });
  return { clock, counted, source };
}

describe("DemoPast", () => {
  test("is over once all that the producer has sent is counted, for good", () => {
    const { counted, source } = filling();
    expect(source.status.state).toBe("restoring");
    expect(source.reasons).toEqual(["The demo's past is not counted yet."]);
    counted[0] = 400_000;
    expect(source.status.state).toBe("restoring");
    source.report({ pastRecords: 500_000 }, "producer");
    expect(source.status.state).toBe("restoring");
    counted[1] = 100_000;
    expect(source.status.state).toBe("live");
    expect(source.reasons).toEqual([]);
    // After a restore, for instance.
    counted[0] = 0;
    expect(source.status.state).toBe("live");
  });

  test("ends after a minute, whatever has become of it", () => {
    const { clock, source } = filling();
    clock.pass(59_000);
    expect(source.status.state).toBe("restoring");
    clock.pass(2_000);
    expect(source.status.state).toBe("live");
  });

  test.each([[["--brokers", "kafka:9092"]], [["--rate", "20"]], [["--demo-past", "0d"]]])(
    "is no matter with %j",
    (args) => {
      expect(filling(...args).source.status.state).toBe("live");
    },
  );

  // Two months of sales within three seconds were a speed of 100 000 a second, and an alert.
  test("is no speed: the meter starts after it", () => {
    const view = new SalesView();
    const restoring = { ...live, state: "restoring" as const };
    expect(view.publish(restoring, momentAt(1_000))?.changed ?? []).toEqual([]);
    view.publish(restoring, momentAt(2_000));
    view.apply(0, new TextEncoder().encode("Tea"), total("Tea", 500_000), 1);
    view.publish({ ...live, partitions: 1 }, momentAt(3_000));
    expect(view.board).toMatchObject({ total: { sales: 500_000n }, salesPerSecond: 0 });
  });
});

function total(product: string, sales: number): Uint8Array {
  const text = { product, totalQuantity: sales, totalPrice: "1.00", sales, updatedAt: "" };
  return new TextEncoder().encode(JSON.stringify(text));
}
