import { expect, test } from "bun:test";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { loadAssets } from "../../../src/dashboard/pages/assets.ts";
import { productPage, type StoredSale } from "../../../src/dashboard/pages/product-page.ts";
import { key, letter, lookOf, sceneOf } from "../fixture.ts";

const assets = (await loadAssets("")).paths;

function render(records: readonly StoredSale[]): string {
  const look = lookOf("view=product&product=Laptop");
  const page = { ...sceneOf(new SalesView())(), assets, build: "", look };
  return String(productPage(page, { records, at: 0, looked: 9, since: 0, isAll: false }));
}

function sale(timestamp: number | undefined, value = '{"product":"Laptop"}'): StoredSale {
  const line = { product: "Laptop", quantity: 2_500_000n, amount: 5_000_000n, isReturn: false };
  return { ...letter({ value: key(value), timestamp: 1.7e18 }), lines: [{ ...line, timestamp }] };
}

test("shows sales with the time that they give, else that of their record", () => {
  const html = render([sale(Date.UTC(2026, 0, 2)), sale(undefined)]);
  expect(html).toContain('datetime="2026-01-02T00:00:00.000Z"');
  // In nanoseconds, which are beyond all calendars: the page answered 500.
  expect(html).toMatch(/<tr><td><\/td>[\s\S]*<summary>Partition 0 · Offset 7<\/summary>/);
});

test("shows what lies in Kafka as text", () => {
  expect(render([sale(0, "<img src=x>\u202e")])).toContain("&lt;img src=x&gt;\\u{202e}");
});

// Fifty orders were ten thousand pixels high, and their amounts were off the screen of a phone.
test("shows time, units and amount of each sale, and unfolds its record", () => {
  const html = render([sale(Date.UTC(2026, 0, 2))]);
  const cells = html.slice(html.indexOf('class="raw"')).replace(/\s*\n\s*/g, "");
  expect([...cells.matchAll(/<th scope="col">([^<]*)/g)].map(([, name]) => name)).toEqual([
    ...["Time", "Quantity", "Amount", "Record"],
  ]);
  expect(cells).toMatch(/<\/time><\/td><td>2\.5<\/td><td>\$5\.00<\/td><td><details><summary>/);
  expect(html).toMatch(/<details class="panel product technical"><summary>Partition, all time</);
  expect(html.indexOf('id="charts"')).toBeLessThan(html.indexOf('id="partitions"'));
});

test("says that there are none, instead of a head without a table", () => {
  expect(render([])).toContain("No sales of this product in the records searched");
  expect(render([sale(0)])).not.toContain("No sales of this product");
});
