/** Real order lines, sent by a program that is not ours, end in exactly their known totals. */

import { afterEach, expect } from "bun:test";
import { newTopics, openTable, Runs, tableRows, totalsWhen } from "../support/board.ts";
import { usePages } from "../support/browser.ts";
import { sharedKafka } from "../support/kafka.ts";
import { produceFile, readCommitted } from "../support/read.ts";
import { requirement, sharedData } from "../support/require.ts";
import type { ApiTotal } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

const SALES = 2_155;
const sales = sharedData("northwind-sales.ndjson");
const known = sharedData("northwind-totals.json");
const test = requirement("java", "maven", "kcat", "chromium");
if (!sales || !known)
  console.warn("Skipped: the order lines are not in the folder beside this one");

const runs = new Runs();
const opener = usePages();
afterEach(() => runs.end());

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

test.if(sales !== null && known !== null)(
  "2,155 order lines without keys, spread by kcat: the API and the page show the known totals",
  async () => {
    const { brokers, createTopic } = await kafka();
    const topics = newTopics("northwind");
    await createTopic(topics.input, 4);
    await produceFile({ brokers, topic: topics.input, file: sales?.path ?? "" });
    const sent = await readCommitted({ brokers, topic: topics.input });
    expect(new Set(sent.map(({ partition }) => partition)).size).toBe(4);
    expect(sent.every(({ key }) => key === null)).toBe(true);
    const run = runs.start(["--brokers", brokers, ...topics.args, "--port", "0"]);
    const totals = await totalsWhen(run, ({ total }) => total.sales === SALES);
    const sums: Omit<ApiTotal, "returns">[] = JSON.parse(known?.text() ?? "");
    const expected = sums.map((total): ApiTotal => ({ ...total, returns: 0 }));
    const byProduct = (list: readonly ApiTotal[]) =>
      [...list].sort((a, b) => (a.product < b.product ? -1 : 1));
    expect(byProduct(totals.products)).toEqual(byProduct(expected));
    expect(totals.products[0]?.product).toBe("Côte de Blaye");
    expect(totals.total).toMatchObject({ totalPrice: "1354458.59", sales: SALES });
    expect(totals.deadLetters).toBe(0);

    const { page, complaints } = await openTable(opener, run);
    const rows = await waitFor(
      async () => {
        const shown = await tableRows(page);
        return shown.length === expected.length ? shown : undefined;
      },
      { what: "the rows of the table" },
    );
    expect(rows).toEqual(
      totals.products.map(({ product, totalQuantity, totalPrice, sales }) => [
        product,
        totalQuantity.toLocaleString("en-US"),
        dollars.format(totalPrice as `${number}`),
        sales.toLocaleString("en-US"),
      ]),
    );
    expect(complaints).toEqual([]);
  },
  600_000,
);

async function kafka() {
  const broker = await sharedKafka();
  return { brokers: broker.brokers, createTopic: broker.createTopic.bind(broker) };
}
