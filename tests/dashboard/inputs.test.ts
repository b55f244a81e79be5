/** Two input topics as one board, counted by an aggregator each: on the embedded broker. */

import { afterEach, expect, test } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import { type Config, perTopic } from "../../src/config/config.ts";
import { runDashboard } from "../../src/dashboard/serve.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, type RunningRole, startRole } from "../support/context.ts";
import { sendAll } from "../support/records.ts";
import type { ApiTotals } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

const RULES = "product: product; quantity: quantity; price: price; by topic: $topic";
const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
});

const bytes = (text: string) => new TextEncoder().encode(text);
const sale = (product: string, quantity: number, price: number) =>
  bytes(JSON.stringify({ product, quantity, price }));

/** A cluster, its two inputs, and a dashboard of both. */
async function start() {
  const args = ["--roles", "aggregator,dashboard", "--input-topic", "shop,tills", "--port", "0"];
  const config = configOf("run", ...args, "--map", RULES);
  const { cluster, kafka } = openCluster(config, 2);
  open.push({ stop: async () => cluster.close() });
  const run = (role: RunningRole) => {
    open.push(role);
    return role;
  };
  let url = "";
  const ready = (info?: { url?: string }) => {
    url = info?.url ?? "";
  };
  const dashboard = (context: Parameters<typeof runDashboard>[0]) =>
    runDashboard({ ...context, ready });
  const role = run(startRole(dashboard, { config, kafka }));
  await Promise.race([role.ended, waitFor(() => url, { what: "the address" })]);
  const text = async (path: string) => (await fetch(`${url}${path}`)).text();
  const totals = async (query = "") => JSON.parse(await text(`api/totals${query}`)) as ApiTotals;
  const [shop, tills] = perTopic(config) as [Config, Config];
  const count = (of: Config) => run(startRole(runAggregator, { config: of, kafka }));
  const send = (of: Config, values: readonly Uint8Array[]) => {
    const records = values.map((value, i) => ({ value, partition: i % 2 }));
    return sendAll(kafka, of.inputTopic, records);
  };
  const whenSold = async (price: string) => {
    let last = "";
    const isThere = async () => {
      last = JSON.stringify((await totals()).total);
      return (await totals()).total.totalPrice === price;
    };
    await waitFor(isThere, { what: `${price} in all` }).catch((error) => {
      throw new Error(`${error.message} Last seen: ${last}`);
    });
  };
  return { text, totals, shop, tills, count, send, whenSold };
}

test("two topics are one board: totals, history, dimension, records, and where they stand", async () => {
  const { text, totals, shop, tills, count, send, whenSold } = await start();
  await send(shop, [sale("Laptop", 1, 500), sale("Book", 2, 10)]);
  await send(tills, [sale("Laptop", 1, 450.5), bytes("no sale"), sale("Pen", 3, 1)]);
  count(shop);
  count(tills);
  await whenSold("973.50");
  // The letter is the only record of its partition.
  await waitFor(async () => (await totals()).deadLetters === 1, { what: "the dead letter" });
  const { products, total } = await totals();
  expect(products.map(({ product, totalPrice, sales }) => [product, totalPrice, sales])).toEqual([
    ["Laptop", "950.50", 2],
    ["Book", "20.00", 1],
    ["Pen", "3.00", 1],
  ]);
  expect(total.sales).toBe(4);
  // Each board has followers of its own, and may be some milliseconds behind.
  const byTopic = async () =>
    (await totals("?by=topic")).products.map(({ product, totalPrice }) => [product, totalPrice]);
  const sumByTopic = async () => (await totals("?by=topic")).total.totalPrice;
  await waitFor(async () => (await sumByTopic()) === "973.50", { what: "all sales by topic" });
  expect(await byTopic()).toEqual([
    ["shop", "520.00"],
    ["tills", "453.50"],
  ]);
  const drawn = async () => {
    const { all } = JSON.parse(await text("api/history")) as { all: { totalPrice: string[] } };
    return all.totalPrice.reduce((sum, price) => sum + Number(price), 0) === 973.5;
  };
  await waitFor(async () => (await fetchedOk(text)) && (await drawn()), { what: "the history" });
  // A busy machine may read a part only, and says so.
  const sales = await waitFor(
    async () => {
      const found = await text("product/sales?product=Laptop");
      return found.includes("all that remain in <code>shop, tills</code>") && found;
    },
    { what: "all sales of a product" },
  );
  expect(sales).toContain('<th scope="row">shop 0</th>');
  expect(sales).toContain('<th scope="row">tills 0</th>');
  expect(sales).toContain("<summary>Partition shop 0 · Offset 0</summary>");
  expect(sales).toContain("<summary>Partition tills 0 · Offset 0</summary>");
  const rejected = await text("rejected");
  expect(rejected).toContain("<code>shop.dlq, tills.dlq</code>");
  expect(rejected).toMatch(/id="letter-tills.dlq-\d-0"/);
  expect(await text("")).toContain("processed_sales_topic, processed_sales_topic.of-tills</span>");
}, 600_000);

async function fetchedOk(text: (path: string) => Promise<string>): Promise<boolean> {
  return (await text("readyz")) === '{"ready":true}';
}

test("a topic that nobody counts holds up none of the other, and joins when it is counted", async () => {
  const { text, shop, tills, count, send, whenSold } = await start();
  count(shop);
  await send(tills, [sale("Pen", 3, 1)]);
  await send(shop, [sale("Laptop", 1, 500)]);
  await whenSold("500.00");
  count(tills);
  await whenSold("503.00");
  await waitFor(() => fetchedOk(text), { what: "readiness" });
}, 600_000);
