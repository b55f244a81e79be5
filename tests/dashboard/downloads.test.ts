import { expect, test } from "bun:test";
import { historyCsv, historyJson } from "../../src/dashboard/downloads.ts";
import { Graph } from "../../src/dashboard/graph.ts";
import { Past } from "../../src/dashboard/past.ts";
import { lookOf } from "./fixture.ts";
import { PastWriter } from "./past-writer.ts";

/** The hour before this one, so that none of it is still to come. */
const second = Math.floor(Date.now() / 3_600_000) * 3600 - 1800;
const from = new Date(Math.floor(second / 60) * 60_000).toISOString();

function graphOf(): Graph {
  const past = new Past();
  const writer = new PastWriter(past, 0, ["Laptop", "=cmd|' /C calc'!A0"]);
  writer.sell(0, second, 3).sell(0, second, 1_000_000_000).sell(1, second, 2).commit();
  return new Graph(past);
}

test("historyCsv has every product of every slot, digit by digit", () => {
  const { name, type, body } = historyCsv(graphOf(), lookOf("window=24h"));
  expect([name, type]).toEqual(["history-24h.csv", "text/csv; charset=utf-8"]);
  expect(body.split("\r\n")).toEqual([
    "\ufefffrom,product,totalQuantity,totalPrice,sales",
    `${from},Laptop,2,1000000003.00,2`,
    `${from},'=cmd|' /C calc'!A0,1,2.00,1`,
    "",
  ]);
});

test("historyCsv has the products that were picked alone", () => {
  const { body } = historyCsv(graphOf(), lookOf("window=24h&product=Laptop"));
  expect(body.split("\r\n")).toHaveLength(3);
});

test("historyJson has the figures of the window", () => {
  const history = JSON.parse(historyJson(graphOf(), lookOf("window=24h&product=Laptop")));
  expect(history).toMatchObject({ window: "24h", step: 60, products: [{ product: "Laptop" }] });
  const at = (Date.parse(from) / 1000 - history.start) / 60;
  expect(history.all.totalPrice[at]).toBe("1000000005.00");
  expect(history.products[0].sales[at]).toBe(2);
  expect(history.rest.totalQuantity[at]).toBe(1);
});
