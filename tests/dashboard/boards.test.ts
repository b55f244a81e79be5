/** Boards by dimension: their pages, streams, files and figures; and the role, with Kafka. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { followBoards } from "../../src/dashboard/boards.ts";
import { SalesView } from "../../src/dashboard/model/view.ts";
import { runDashboard } from "../../src/dashboard/serve.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { type NativeMockCluster, native } from "../../src/kafka/native.ts";
import { BOOKKEEPING_KEY } from "../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../support/bookkeeping.ts";
import { TestClock } from "../support/clock.ts";
import { configOf, quietLog, recordingLog, startRole } from "../support/context.ts";
import { sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";
import { DayWriter } from "./day-writer.ts";
import { type Fed, fedDashboard, fedDashboardAt, key, total } from "./fixture.ts";
import { PastWriter } from "./past-writer.ts";
import { StreamClient } from "./stream.ts";

const RULES = "product: product; price: price; by store: $.store; by till_kind: $.till";
const open: Fed[] = [];

async function start(...args: string[]) {
  const fed = await fedDashboard("--map", RULES, ...args);
  open.push(fed);
  const store = fed.boards.get("store");
  if (!store) throw new Error("There is no board by store.");
  const sell = (name: string, price: string) => {
    store.view.apply(0, key(name), total(name, price));
    fed.dashboard.changed();
  };
  const get = async (path: string) => {
    const response = await fed.dashboard.app.request(path);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const shows = (path: string, text: string) =>
    waitFor(async () => (await get(path)).text.includes(text), { what: `${path}: ${text}` });
  return { fed, store, sell, get, shows };
}

afterAll(() => {
  for (const { dashboard } of open) dashboard.close();
});

describe("a dashboard with boards by dimension", () => {
  test("has an entry for each in the navigation of every page, and its key in the help", async () => {
    const { get } = await start("--base-path", "/x");
    for (const path of ["/x/", "/x/graph", "/x/rejected", "/x/by/till_kind"]) {
      const { text } = await get(path);
      expect(text).toMatch(
        /<a class="by" href="\/x\/by\/store" aria-keyshortcuts="1" translate="no"\s+>Store<\/a>/,
      );
      expect(text).toMatch(/href="\/x\/by\/till_kind" aria-keyshortcuts="2".*\s.*>Till kind<\/a>/);
      expect(text).toContain('<kbd>2</kbd> </dt><dd translate="no">Till kind</dd>');
      const current = [...text.matchAll(/aria-current="page">([^<]*)</g)].map(([, name]) => name);
      expect(current).toHaveLength(1);
      if (path.includes("by")) expect(current).toEqual(["Till kind"]);
    }
  });

  test("shows the values, with their own topic, and leaves products alone", async () => {
    const { fed, sell, get, shows } = await start();
    fed.feed("Laptop", "7");
    sell("Graz", "5");
    await shows("/by/store", ">Graz</th>");
    await shows("/", ">Laptop</a>");
    const { text } = await get("/by/store?mask");
    expect(text).toContain("<title>Store – Salesboard</title>");
    expect(text).toContain("processed_sales_topic.by-store</span>");
    expect(text).toContain('hx-sse:connect="/events?view=table&amp;mask=true&amp;by=store"');
    expect(text).toContain('href="/graph?mask=true"');
    expect(text).not.toMatch(/Laptop|\$5/);
    expect((await get("/")).text).not.toContain("Graz");
  });

  test("answers programs by a dimension, digit by digit, as by products", async () => {
    const { sell, get, shows } = await start();
    sell("Graz", "1000000000000000000000.01");
    sell("=Wien", "5");
    await shows("/api/totals?by=store", "Wien");
    const { text } = await get("/api/totals?by=store");
    expect(JSON.parse(text)).toMatchObject({ by: "store", products: [{ product: "Graz" }, {}] });
    expect(text).toContain('"totalPrice":"1000000000000000000000.01"');
    const csv = await get("/download/totals.csv?by=store&sort=product");
    expect(csv.headers.get("content-disposition")).toContain('"totals-by-store.csv"');
    expect(csv.text).toBe(
      "\ufeffstore,totalQuantity,totalPrice,sales,returns\r\n" +
        "'=Wien,1,5.00,1,0\r\nGraz,1,1000000000000000000000.01,1,0\r\n",
    );
    expect((await get("/download/totals.ndjson?by=store&q=gra")).text).toBe(
      '{"product":"Graz","totalQuantity":1,"totalPrice":"1000000000000000000000.01","sales":1,"returns":0}\n',
    );
    expect((await get("/api/totals")).text).toContain('"products":[]');
  });

  test("adds up days by a dimension, and compares ended days", async () => {
    const { fed, store, get, shows } = await start();
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
    const writer = new DayWriter(store.view);
    writer.sell("Graz", day(15), "1").sell("Graz", day(8), "4").sell("Wien", day(8), "3");
    writer.sell("Graz", day(1), "5").sell("Graz", day(0), "6").commit(Date.now());
    fed.dashboard.changed();
    await shows("/by/store?period=yesterday", ">Graz</th>");
    const { text } = await get("/by/store?period=yesterday");
    expect(text).toContain('class="compared up" title="$5.00 / $4.00">▲ 25.0%</td>');
    expect(text).toContain('href="/by/store?period=7d"');
    expect((await get("/by/store")).text).not.toContain('class="compared');
    expect((await get("/download/totals.csv?by=store&period=today")).text).toContain("Graz,1,6.00");
  });

  // The first page of a shop with stores said how today goes, and the page by store did not.
  test("compares today by the hours of all sales, and no single value, which has none", async () => {
    const clock = new TestClock(Date.UTC(2026, 10, 26, 14, 20));
    const fed = await fedDashboardAt(clock, "--map", RULES);
    open.push(fed);
    const store = fed.boards.get("store")?.view;
    if (!store) throw new Error("There is no board by store.");
    const past = new PastWriter(fed.past);
    for (const [day, price] of [
      ["2026-11-19", "4"],
      ["2026-11-26", "5"],
    ] as const) {
      past.sell(0, Date.parse(`${day}T00:00:00Z`) / 1_000, Number(price));
      new DayWriter(fed.view, Number(price)).sell("Laptop", day, price).commit();
      new DayWriter(store, Number(price)).sell("Graz", day, price).commit();
    }
    past.commit();
    const page = async (path: string) => (await fed.dashboard.app.request(path)).text();
    for (const path of ["/", "/by/store"]) {
      let last = "";
      const isCompared = async () => {
        // The hours are added up every five seconds.
        clock.pass(5_000);
        fed.dashboard.changed();
        last = /tile revenue"[\s\S]*?<\/div>/.exec(await page(path))?.[0] ?? "";
        return /▲ 25\.0%<\/span> vs last Thursday until \d:00.PM[\s\S]*best hour 12:00.AM/.test(
          last,
        );
      };
      await waitFor(isCompared, { what: `the comparison on ${path}` }).catch((error) => {
        throw new Error(`It says: ${last}\n${error.message}`);
      });
    }
    expect(await page("/")).toContain(">vs last Thursday</th>");
    const byStore = await page("/by/store");
    expect(byStore).toContain(">Graz</th>");
    expect(byStore).not.toContain('<td class="compared');
    expect(byStore).not.toContain('<th scope="col" class="compared');
  }, 600_000);

  test.each([
    ["/by/nothing", 404, "This address does not exist"],
    ["/?by=nothing", 400, "The mapping of this dashboard has store, till_kind."],
    ["/events?by=nothing", 400, "has store, till_kind."],
    ["/api/totals?by=nothing", 400, "has store, till_kind."],
    ["/graph?by=store", 400, "Only the table and its totals are kept by a dimension."],
    ["/api/history?by=store", 400, "history is kept by product only."],
    ["/download/history.csv?by=store", 400, "history is kept by product only."],
  ])("says what is wrong with %s", async (path, status, text) => {
    const { get } = await start();
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
  });

  test("streams a board to its pages alone, and tells programs its totals", async () => {
    const { fed, sell } = await start();
    const follow = async (query: string) => {
      const { body } = await fed.dashboard.app.request(`/events?${query}`);
      const client = new StreamClient(body as ReadableStream<Uint8Array>);
      await client.readUntil(({ data }) => data.includes("hx-partial"));
      return client;
    };
    const [page, program, products] = await Promise.all(
      ["view=table&by=store", "by=store", "view=table"].map(follow),
    );
    sell("Graz", "5");
    const shown = await page?.readUntil(({ data }) => data.includes("Graz"));
    expect(shown?.at(-1)?.data).toContain("Graz");
    const told = await program?.readUntil(({ event, data }) => event === "totals" && data !== "[]");
    expect(JSON.parse(told?.at(-1)?.data ?? "")).toMatchObject([{ product: "Graz", sales: 1 }]);
    fed.feed("Laptop", "7");
    const others = await products?.readUntil(({ data }) => data.includes("Laptop"));
    expect(JSON.stringify(others)).not.toContain("Graz");
    await Promise.all([page, program, products].map((client) => client?.cancel()));
  });

  test("keeps the other pages when a board goes stale, and says so there and to probes", async () => {
    const { fed, store, sell, get, shows } = await start();
    fed.feed("Laptop", "7");
    sell("Graz", "5");
    await shows("/by/store", ">Graz</th>");
    await waitFor(async () => (await get("/readyz")).status === 200, { what: "readiness" });
    const why = "Kafka has not answered since noon.";
    store.source.reasons = [why];
    store.source.status = { ...store.source.status, state: "stale", notices: [why] };
    fed.dashboard.changed();
    await shows("/by/store", why);
    expect((await get("/by/store")).text).toContain('data-state="stale"');
    const table = (await get("/")).text;
    expect(table).toContain('data-state="live"');
    expect(table).not.toContain(why);
    expect(JSON.parse((await get("/readyz")).text)).toEqual({ ready: false, reasons: [why] });
    const metrics = (await get("/metrics")).text;
    expect(metrics).toContain('salesboard_dashboard_board_values{by="store"} 1\n');
    expect(metrics).toContain('salesboard_dashboard_board_sales{by="till_kind"} 0\n');
    expect(metrics).toContain("salesboard_dashboard_ready 0\n");
  });

  test("has none of this without dimensions", async () => {
    const fed = await fedDashboard();
    open.push(fed);
    const ask = async (path: string) => fed.dashboard.app.request(path);
    expect(await (await ask("/")).text()).not.toMatch(/class="by"|\/by\//);
    expect(await (await ask("/metrics")).text()).not.toContain("dashboard_board_");
    expect((await ask("/by/store")).status).toBe(404);
    expect((await ask("/?by=store")).status).toBe(400);
  });
});

// A rejection would end the role, and with it the pages of products.
test("a board whose clients cannot be created is tried again, and ends nothing", async () => {
  const stopping = new AbortController();
  const { log, lines } = recordingLog();
  const kafka = {
    admin: () => {
      throw new Error("no thread is left");
    },
  } as unknown as Kafka;
  const rules = "product: product; price: price; by store: $.store";
  const [board] = followBoards({
    config: configOf("run", "--output-topic", "out", "--map", rules),
    kafka,
    view: new SalesView(),
    backlog: { stall: undefined, late: undefined, blindness: undefined, strangers: [] },
    clock: new TestClock(),
    log,
    signal: stopping.signal,
    onChange() {},
  });
  const running = board?.run();
  await waitFor(() => lines.length > 2, { what: "further tries" });
  expect(lines[0]).toBe("Cannot follow the topic. Trying again.");
  expect(board?.source.reasons).toContain("Kafka has not answered yet.");
  stopping.abort();
  await running;
});

describe("runDashboard with a dimension", () => {
  let cluster: NativeMockCluster;
  let kafka: Kafka;
  beforeAll(() => {
    cluster = new native.MockCluster(1);
    kafka = librdkafka({ brokers: cluster.bootstrapServers, properties: {}, log: quietLog });
  });
  afterAll(() => cluster.close());

  test("shows products while the topic of a dimension is missing, and its values once it is there", async () => {
    cluster.createTopic("out", 1);
    const sold = [
      { key: key("Laptop"), value: total("Laptop", "7"), partition: 0 },
      { key: BOOKKEEPING_KEY, value: bookkeepingRecord({ sales: 1n }), partition: 0 },
    ];
    await sendAll(kafka, "out", sold);
    const of = ["--map", "product: p; price: m; by store: $.s", "--output-topic", "out"];
    const config = configOf("run", "--demo-past", "0d", "--port", "0", ...of);
    let url = "";
    const ready = (info?: { url?: string }) => {
      url = info?.url ?? "";
    };
    const role = startRole((context) => runDashboard({ ...context, ready }), { config, kafka });
    await Promise.race([role.ended, waitFor(() => url, { what: "the address" })]);
    const text = async (path: string) => (await fetch(`${url}${path}`)).text();
    await waitFor(async () => (await text("")).includes("Laptop"), { what: "the product" });
    await waitFor(async () => (await text("readyz")).includes("out.by-store does not exist yet"), {
      what: "the reason",
    });
    expect(await text("by/store")).toContain("Waiting for the totals");
    cluster.createTopic("out.by-store", 1);
    const values = [
      { key: key("Graz"), value: total("Graz", "7"), partition: 0 },
      { key: BOOKKEEPING_KEY, value: bookkeepingRecord({ sales: 1n }), partition: 0 },
    ];
    await sendAll(kafka, "out.by-store", values);
    await waitFor(async () => (await text("by/store")).includes("Graz"), { what: "the store" });
    await waitFor(async () => (await fetch(`${url}readyz`)).ok, { what: "readiness" });
    await role.stop();
  });
});
