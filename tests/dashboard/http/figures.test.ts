/** What programs are answered before the dashboard has read its topics. */

import { afterAll, expect, test } from "bun:test";
import { boardTopics } from "../../../src/config/config.ts";
import { createDashboard, type Dashboard } from "../../../src/dashboard/dashboard.ts";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { configOf, quietLog } from "../../support/context.ts";
import { waitFor } from "../../support/wait.ts";
import { FakeSource, key, total } from "../fixture.ts";
import { PastWriter } from "../past-writer.ts";

const open: Dashboard[] = [];
afterAll(() => {
  for (const dashboard of open) dashboard.close();
});

/** A dashboard that has sales of each board, and knows of none whether it has all of them. */
async function start(...args: string[]) {
  const config = configOf("run", ...args);
  const board = (name: string) => {
    const [view, source] = [new SalesView(), new FakeSource()];
    source.status = { ...source.status, state: "restoring" };
    view.apply(0, key(name), total(name, "7"));
    return { view, source };
  };
  const products = board("Laptop");
  const boards = boardTopics(config).map((of) => ({ ...of, ...board("Graz") }));
  const history = new HistoryView();
  const isCurrent = { history: true };
  const records = { latest: () => Promise.reject(new Error("Nobody asks for records.")) };
  const isHistoryCurrent = () => isCurrent.history;
  const of = { config, ...products, boards, history, records, log: quietLog, isHistoryCurrent };
  const dashboard = await createDashboard(of);
  open.push(dashboard);
  const read = async ({ view, source }: typeof products) => {
    source.status = { ...source.status, state: "live" };
    dashboard.changed();
    await waitFor(() => view.board.isComplete, { what: "the totals" });
  };
  const answers = async (paths: readonly string[]) => {
    const all = await Promise.all(paths.map((path) => dashboard.app.request(path)));
    return all.map(({ status, headers }) => [status, headers.get("retry-after")]);
  };
  const stores = boards[0] ?? products;
  return { dashboard, products, stores, history, isCurrent, read, answers };
}

const byStore = ["--map", "product: product; price: price; by store: $.store"];
const files = ["csv", "json", "ndjson"].map((format) => `/download/totals.${format}`);
const ofStores = files.map((path) => `${path}?by=store`);
const ofHistory = ["/download/history.csv", "/api/history", "/api/v1/history?window=30d"];
const refused = [1, 2, 3].map(() => [503, "5"]);
const answered = [1, 2, 3].map(() => [200, null]);

/**
 * The story: who loaded totals.csv just after a restart got the head of the table alone, with 200,
 * as if nothing had ever been sold.
 */
test("a file of totals is refused until its own board is read", async () => {
  const { dashboard, products, stores, read, answers } = await start(...byStore);
  expect(await answers(files)).toEqual(refused);
  expect(await answers(files.map((path) => `${path}?period=7d`))).toEqual(refused);
  expect(await answers(ofStores)).toEqual(refused);
  const answer = await dashboard.app.request("/api/v1/download/totals.csv");
  expect(await answer.json()).toMatchObject({
    message:
      "Cannot tell the totals yet: not everything is read from Kafka. Try again in a few seconds.",
  });
  await read(products);
  expect(await answers(files)).toEqual(answered);
  expect(await answers(ofStores)).toEqual(refused);
  await read(stores);
  expect(await answers(ofStores)).toEqual(answered);
});

/** One partition of two had its part of what was sold, and no sign that it was a part. */
test("history is refused until all of its partitions are read", async () => {
  const { products, history, read, answers } = await start();
  expect(await answers(ofHistory)).toEqual(refused);
  for (const id of [0, 1]) history.restart(id);
  new PastWriter(history, 0).sell(0, Math.floor(Date.now() / 1000) - 5).commit();
  history.markCaughtUp(0);
  await read(products);
  expect(await answers(ofHistory)).toEqual(refused);
  history.markCaughtUp(1);
  expect(await answers(ofHistory)).toEqual(answered);
});

test("history that is not kept is empty at once", async () => {
  const { answers } = await start("--history", "off");
  expect(await answers(ofHistory)).toEqual(answered);
});

// History stood still while its totals went on, and a program saw hours without a sale.
test("history says when its latest sales may be missing", async () => {
  const { dashboard, products, isCurrent, read } = await start("--history", "off");
  await read(products);
  const said = async () => {
    const { isCurrent } = await (await dashboard.app.request("/api/v1/history")).json();
    return isCurrent;
  };
  expect(await said()).toBe(true);
  isCurrent.history = false;
  expect(await said()).toBe(false);
  isCurrent.history = true;
  products.source.status = { ...products.source.status, state: "behind" };
  dashboard.changed();
  await waitFor(async () => !(await said()), { what: "a word of it" });
});
