/** Amounts that floating point gets wrong, followed from the topic to the page. */

import { afterEach, expect } from "bun:test";
import { newTopics, openTable, Runs, tableRows, totalsWhen } from "../support/board.ts";
import { usePages } from "../support/browser.ts";
import { sharedKafka } from "../support/kafka.ts";
import { produceValues, readCommitted } from "../support/read.ts";
import { requirement } from "../support/require.ts";
import { outputTotals } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("java", "maven", "kcat", "chromium");
const sale = (product: string, quantity: string, price: string) =>
  `{"product":"${product}","quantity":${quantity},"price":${price}}`;

/** Product, its exact total, and how a reader in the United States sees it. */
const expected = [
  ["Largest", "2000000000000000000000.01", "$2,000,000,000,000,000,000,000.01"],
  ["Sum", "0.30", "$0.30"],
  ["Smallest", "0.000001", "$0.000001"],
] as const;

const runs = new Runs();
const opener = usePages();
afterEach(() => runs.end());

test("0.1 + 0.2, 1e12 × 1e9 and 0.000001 are exact on the topic, in the API, on the page", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const topics = newTopics("money");
  await broker.createTopic(topics.input, 4);
  await produceValues({
    brokers,
    topic: topics.input,
    values: [
      sale("Sum", "1", "0.1"),
      sale("Sum", "1", "0.2"),
      sale("Largest", "1000000000", "1e12"),
      sale("Largest", "1000000000", "1000000000000.00"),
      sale("Largest", "1", "0.01"),
      sale("Smallest", "1", "0.000001"),
    ],
  });
  const run = runs.start(["--brokers", brokers, ...topics.args, "--port", "0"]);
  const totals = await totalsWhen(run, ({ total }) => total.sales === 6);
  expect(totals.products.map(({ product, totalPrice }) => [product, totalPrice])).toEqual(
    expected.map(([product, total]) => [product, total]),
  );
  expect(totals.total.totalPrice).toBe("2000000000000000000000.310001");

  const exact = await outputTotals(brokers, topics.output);
  expect(exact.get("Largest")?.totalPrice).toBe(2_000_000_000_000_000_000_000_010_000n);
  expect(exact.get("Sum")?.totalPrice).toBe(300_000n);
  expect(exact.get("Smallest")?.totalPrice).toBe(1n);
  const onTopic = await readCommitted({ brokers, topic: topics.output });
  const texts = onTopic.map(({ value }) => new TextDecoder().decode(value ?? undefined));
  expect(texts.some((text) => text.includes('"totalPrice":"0.000001"'))).toBe(true);
  expect(texts.join("")).not.toMatch(/"totalPrice":"[\d.]*e/);

  const { page } = await openTable(opener, run);
  const rows = await waitFor(
    async () => {
      const shown = await tableRows(page);
      return shown.length === expected.length ? shown : undefined;
    },
    { what: "three products on the page" },
  );
  expect(rows.map(([product, , money]) => [product, money])).toEqual(
    expected.map(([product, , shown]) => [product, shown]),
  );
}, 600_000);
