/** Alerts of the real executable, posted to a real HTTP server: once each start, once each end. */

import { afterEach, expect, test } from "bun:test";
import { logged, Runs, totalsWhen } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { waitFor } from "../support/wait.ts";

const runs = new Runs();
let receiver: Receiver | undefined;
afterEach(async () => {
  await runs.end();
  await receiver?.stop();
});

test("an alert is posted when it starts and when it ends, by a dashboard apart", async () => {
  receiver = startReceiver();
  const { posts } = receiver;
  const roles = ["--roles", "aggregator,dashboard", "--port", "0"];
  const aggregating = runs.start(["run", ...roles]);
  const { properties } = await logged(aggregating, "Embedded broker at");
  const brokers = String(properties.brokers);
  const rules = ["--alert", "nodata[10s]", "--alert", 'units{"Tea; green"}[10s] >= 5'];
  const serve = runs.start(["serve", "--brokers", brokers, "--port", "0", ...rules], {
    env: { SALESBOARD_ALERT_WEBHOOK: `${receiver.url}/hook/geheim` },
  });
  const said = () => posts.map(({ body }) => `${body.state} ${body.rule} ${body.value}`);
  const hears = (count: number) => waitFor(() => posts.length >= count, { what: `${count} posts` });
  let sold = 0;
  const sell = async (product: string, quantity: number) => {
    const sale = JSON.stringify({ product, quantity, price: 1 });
    const produce = ["produce", "--brokers", brokers, "--input", "-"];
    expect((await runSalesboard(produce, { stdin: sale })).status).toBe(0);
    sold += 1;
    await totalsWhen(serve, ({ total }) => total.sales === sold);
  };

  await hears(1);
  expect(posts[0]).toMatchObject({
    path: "/hook/geheim",
    body: { topic: "processed_sales_topic" },
  });
  await sell("Tea; green", 7);
  await hears(3);
  await hears(5);
  // In which order the window is over for both is decided by the same second.
  expect([...said().slice(0, 3), ...said().slice(3).sort()]).toEqual([
    "firing nodata[10s] 0",
    "resolved nodata[10s] 1",
    'firing units{"Tea; green"}[10s] >= 5 7',
    "firing nodata[10s] 0",
    'resolved units{"Tea; green"}[10s] >= 5 0',
  ]);
  const delivered = async () => (await fetch(`${await serve.url()}/metrics`)).text();
  await waitFor(
    async () => (await delivered()).includes("salesboard_alerts_webhook_delivered_total 5\n"),
    { what: "the metric" },
  );

  // One that never answers must not hold up the end.
  receiver.answerWith(() => new Promise<Response>(() => {}));
  await sell("Coffee", 1);
  await hears(6);
  expect(await serve.stop()).toBe(0);
  expect(serve.stderr()).toContain("Salesboard stopped before it delivered all alerts.");
  expect(serve.stdout() + serve.stderr()).not.toContain("geheim");
}, 600_000);
