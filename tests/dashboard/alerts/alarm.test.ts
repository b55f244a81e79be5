/** Alerts while the input topics of a dashboard become more. */

import { expect, test } from "bun:test";
import { Alarm } from "../../../src/dashboard/alerts/alarm.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { momentAt } from "../../support/clock.ts";
import { configOf, quietLog } from "../../support/context.ts";
import { startReceiver } from "../../support/receiver.ts";
import { waitFor } from "../../support/wait.ts";
import { key, site, total } from "../fixture.ts";

/**
 * The story: a topic joins, and the dashboard is made anew. An alert that fired was forgotten, and
 * nobody was told of its end.
 */
test("an alert that fires when a topic joins gets its end, and what joins is no growth", async () => {
  const receiver = startReceiver();
  const rules = ["sales < 5", "sales[10s] > 50"].flatMap((rule) => ["--alert", rule]);
  const config = configOf("run", ...rules, "--alert-webhook", receiver.url);
  let second = 0;
  const clock = {
    now: () => second * 1_000,
    date: () => new Date(Date.UTC(2026, 10, 25) + second * 1_000),
    sleep: async () => {},
  };
  const alarm = new Alarm({ config, clock, log: quietLog });
  const viewOf = (sales: bigint) => {
    const view = new SalesView();
    view.apply(0, key("Laptop"), total("Laptop", "1", sales));
    return view;
  };
  const pass = (view: SalesView, seconds: number) => {
    for (let i = 0; i < seconds; i++, second++) {
      view.publish({ state: "live", partitions: 1, lag: 0, notices: [], asOf: momentAt(0) });
      alarm.evaluate(view);
    }
  };
  const [before, after] = [viewOf(3n), viewOf(100n)];
  alarm.watch(before, { ...site, outputTopic: "one" });
  pass(before, 15);
  alarm.watch(after, { ...site, outputTopic: "two" });
  // The dashboard that closes still beats.
  pass(before, 2);
  pass(after, 15);
  const delivered = () => alarm.figures.salesboard_alerts_webhook_delivered_total;
  await waitFor(() => delivered() === 2, { what: "both messages" });
  await alarm.close();
  await receiver.stop();
  expect(receiver.posts.map(({ body }) => body)).toMatchObject([
    { rule: "sales < 5", state: "firing", topic: "one" },
    { rule: "sales < 5", state: "resolved", topic: "two" },
  ]);
});
