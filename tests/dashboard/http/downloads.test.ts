import { expect, test } from "bun:test";
import { formats } from "../../../src/dashboard/fragments/download-links.ts";
import {
  type Download,
  historyCsv,
  historyJson,
  lettersFile,
  totalsJson,
} from "../../../src/dashboard/http/downloads.ts";
import { Graph } from "../../../src/dashboard/model/graph.ts";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { dayText } from "../../../src/domain/day.ts";
import { momentOf, systemClock } from "../../../src/lib/clock.ts";
import { waitFor } from "../../support/wait.ts";
import { DayWriter } from "../day-writer.ts";
import { fedDashboard, letter, lookOf, site } from "../fixture.ts";
import { PastWriter } from "../past-writer.ts";

/** The hour before this one, so that none of it is still to come. */
const second = Math.floor(Date.now() / 3_600_000) * 3600 - 1800;
const from = new Date(Math.floor(second / 60) * 60_000).toISOString();

function graphOf(): Graph {
  const past = new HistoryView();
  const writer = new PastWriter(past, 0, ["Laptop", "=cmd|' /C calc'!A0"]);
  writer.sell(0, second, 3).sell(0, second, 1_000_000_000).sell(1, second, 2).commit();
  return new Graph(past);
}

const textOf = ({ body }: Download) => new Response(body, {}).arrayBuffer().then(decode);
/** With its byte order mark. */
const decode = (bytes: ArrayBuffer) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

test("historyCsv has every product of every slot, digit by digit", async () => {
  const file = historyCsv(graphOf(), lookOf("window=24h"));
  expect([file.name, file.type]).toEqual(["history-24h.csv", "text/csv; charset=utf-8"]);
  expect((await textOf(file)).split("\r\n")).toEqual([
    "\ufefffrom,product,totalQuantity,totalPrice,sales,returns",
    `${from},Laptop,2,1000000003.00,2,0`,
    `${from},'=cmd|' /C calc'!A0,1,2.00,1,0`,
    "",
  ]);
});

test("historyCsv has the products that were picked alone", async () => {
  const file = historyCsv(graphOf(), lookOf("window=24h&product=Laptop"));
  expect((await textOf(file)).split("\r\n")).toHaveLength(3);
});

test("historyJson has the figures of the window", () => {
  const history = JSON.parse(historyJson(graphOf(), lookOf("window=24h&product=Laptop"), "live"));
  expect(history).toMatchObject({ window: "24h", step: 60, products: [{ product: "Laptop" }] });
  const at = (Date.parse(from) / 1000 - history.start) / 60;
  expect(history.all.totalPrice[at]).toBe("1000000005.00");
  expect(history.products[0].sales[at]).toBe(2);
  expect(history.rest.totalQuantity[at]).toBe(1);
});

/**
 * For three seconds after the start of the demo, and while an aggregator restored, `/api/totals`
 * had a total of 0 and an `asOf` of that second, as if nothing had ever been sold.
 */
test("totalsJson has no asOf before the totals are complete", () => {
  const view = new SalesView();
  const asOf = momentOf(systemClock);
  const status = { partitions: 4, lag: 0, notices: [], asOf };
  const asOfJson = () => JSON.parse(totalsJson({ site, board: view.board }, lookOf())).asOf;
  view.publish({ ...status, state: "restoring" });
  expect(asOfJson()).toBeNull();
  view.publish({ ...status, state: "live" });
  expect(asOfJson()).toBe(asOf.date.toISOString());
  view.publish({ ...status, state: "stale" });
  expect(asOfJson()).toBe(asOf.date.toISOString());
});

const text = (value: string) => new TextEncoder().encode(value);
const letters = [
  letter({ key: text("a"), value: text('=cmd|"x"') }),
  letter({ value: Uint8Array.of(0xfb, 0xff), headers: [] }),
];

test("lettersFile has every letter, as a line of JSON or in an array", async () => {
  const lines = (await textOf(lettersFile("ndjson", letters, "in.dlq"))).trimEnd().split("\n");
  const array = JSON.parse(await textOf(lettersFile("json", letters, "in.dlq")));
  expect(lines.map((line) => JSON.parse(line))).toEqual(array);
  expect(array).toMatchObject([
    { sourceTopic: "in", sourceOffset: 42, key: "a", value: '=cmd|"x"' },
    { sourceTopic: null, key: null, valueBase64: "+/8=", headers: [] },
  ]);
  expect(JSON.parse(await textOf(lettersFile("json", [], "in.dlq")))).toEqual([]);
  expect(await textOf(lettersFile("ndjson", [], "in.dlq"))).toBe("");
});

test("lettersFile has the same columns for each in CSV, and no formula", async () => {
  const file = lettersFile("csv", letters, "in.dlq");
  expect([file.name, file.type]).toEqual(["dead-letters.csv", "text/csv; charset=utf-8"]);
  const [head, first, second] = (await textOf(file)).split("\r\n");
  expect(head).toBe(
    "\ufefftimestamp,reason,sourceTopic,sourcePartition,sourceOffset,key,keyBase64,value," +
      "valueBase64,headers,partition,offset,topic",
  );
  expect(first).toContain(`,in,1,42,a,,"'=cmd|""x""",,"[{""name"":""error"",""value"":`);
  expect(second).toBe("2023-11-14T22:13:20.123Z,,,,,,,,'+/8=,[],0,7,in.dlq");
});

// With several input topics, nothing said in which dead-letter topic a letter has its offset.
test("lettersFile says of each letter in which dead-letter topic it is", async () => {
  const ofTwo = [{ ...letter(), topic: "books.dlq" }, letter()];
  const array = JSON.parse(await textOf(lettersFile("json", ofTwo, "in.dlq")));
  expect(array).toMatchObject([
    { topic: "books.dlq", partition: 0, offset: 7 },
    { topic: "in.dlq", partition: 0, offset: 7 },
  ]);
});

// A hundred records of control characters are six times as long in JSON, in one text.
test("lettersFile makes a letter when it is read, and not before", async () => {
  let made = 0;
  const counted = Array.from({ length: 50 }, () =>
    Object.defineProperty(letter(), "key", {
      get: () => {
        made++;
        return null;
      },
    }),
  );
  const { body } = lettersFile("ndjson", counted, "in.dlq");
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  expect(made).toBe(0);
  await reader.read();
  expect(made).toBe(1);
  await reader.cancel();
});

test("files are served, and not where amounts are masked", async () => {
  const { dashboard, letters } = await fedDashboard();
  letters.push(letter());
  const lists = ["totals", "dead-letters"].flatMap((name) =>
    formats.map((format) => `${name}.${format}`),
  );
  for (const name of [...lists, "history.csv"]) {
    const file = await dashboard.app.request(`/download/${name}`);
    expect([name, file.status]).toEqual([name, 200]);
    const disposition = file.headers.get("content-disposition");
    expect(disposition).toStartWith(`attachment; filename="${name.split(".")[0]}`);
    expect((await file.text()).includes("12.345")).toBe(name.startsWith("dead-letters"));
    const masked = await dashboard.app.request(`/download/${name}?mask`);
    expect([name, masked.status]).toEqual([name, 403]);
    expect(await masked.text()).not.toContain("12.345");
  }
  dashboard.close();
});

// At midnight the 7 days are still those of both sales.
test("answers for a period with its days, and names its files by them", async () => {
  const fed = await fedDashboard();
  const today = Math.floor(Date.now() / 86_400_000);
  const writer = new DayWriter(fed.view).sell("Tea", dayText(today - 30), "100");
  writer
    .sell("Tea", dayText(today - 1), "2")
    .sell("Tea", dayText(today), "3")
    .commit();
  fed.dashboard.changed();
  await waitFor(() => fed.view.board.rows.length === 1, { what: "a product" });
  const totals = (await (await fed.dashboard.app.request("/api/totals?period=7d")).json()) as {
    from: string;
    to: string;
  };
  expect(totals).toMatchObject({ period: "7d", timeZone: "UTC", isComplete: true });
  expect(totals).toMatchObject({ total: { totalPrice: "5.00", sales: 2 } });
  const file = await fed.dashboard.app.request("/download/totals.csv?period=7d");
  const name = `totals-${totals.from}-to-${totals.to}.csv`;
  expect(file.headers.get("content-disposition")).toBe(`attachment; filename="${name}"`);
  expect(await file.text()).toContain("Tea,2,5.00,2,0");
  expect(await (await fed.dashboard.app.request("/api/totals")).text()).toContain(
    '"totalPrice":"105.00"',
  );
  expect(await (await fed.dashboard.app.request("/download/totals.ndjson")).text()).toContain(
    '"105.00"',
  );
  fed.dashboard.close();
});

test("answers for no period while sales are not counted by days", async () => {
  const fed = await fedDashboard();
  fed.feed("Tea", "1");
  await waitFor(() => fed.view.board.rows.length === 1, { what: "a product" });
  const response = await fed.dashboard.app.request("/api/totals?period=today");
  const message = "Cannot tell the sales of period=today: sales are not counted by days here.";
  expect([response.status, await response.json()]).toEqual([404, { error: "Not found", message }]);
  expect((await fed.dashboard.app.request("/download/totals.csv?period=today")).status).toBe(404);
  expect((await fed.dashboard.app.request("/?period=today")).status).toBe(200);
  fed.dashboard.close();
});
