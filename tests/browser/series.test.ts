/** What the graph draws, from the messages of the stream alone. */

import { expect, test } from "bun:test";

interface Point {
  x: number;
  y: number;
}

interface Series {
  entries: Map<string, { totalQuantity: string; totalPrice: string }>;
  beat(second: number, isLive: boolean): void;
  lose(second: number): void;
  take(second: number, text: string): void;
  points(products: string[], pointsMax: number): { series: Point[][]; min: number; max: number };
}

// A script of the pages: served as text, and here run as what it is.
const path = "../../static/series.js";
const { Series, secondsMax } = (await import(path)) as {
  Series: new (second: number) => Series;
  secondsMax: number;
};

const start = 1_000_000;
const entry = (product: string, totalPrice: string, totalQuantity = "1") =>
  `{"product":"${product}","totalQuantity":${totalQuantity},"totalPrice":"${totalPrice}","sales":1}`;

function liveSeries(...entries: string[]): Series {
  const series = new Series(start);
  series.beat(start, true);
  series.take(start, `[${entries.join(",")}]`);
  series.beat(start + 1, true);
  return series;
}

const valuesOf = (points: Point[] | undefined) => (points ?? []).map(({ y }) => y);

test("Series draws what totals grew by, and nothing for the snapshot", () => {
  const series = liveSeries(entry("a", "1000000000000000000000.00"), entry("b", "5.00"));
  series.take(start + 1, `[${entry("a", "1000000000000000000000.25")}]`);
  series.points(["a"], 180);
  series.take(start + 2, `[${entry("a", "1000000000000000000001.25")},${entry("b", "7.00")}]`);
  series.take(start + 2, `[${entry("a", "1000000000000000000002.25")}]`);
  series.beat(start + 4, true);
  const [a, rest] = series.points(["a"], 180).series;
  // Of the first second only all of it is known: "a" was not followed yet.
  expect(valuesOf(a)).toEqual([0, 2, 0]);
  expect(valuesOf(rest)).toEqual([0.25, 2, 0]);
});

test("Series keeps quantities with more digits than a float has", () => {
  const series = liveSeries(entry("a", "1", "12345678901234567890"));
  expect(series.entries.get("a")?.totalQuantity).toBe("12345678901234567890");
});

test("Series leaves a gap while the stream is lost, and no peak when it is back", () => {
  const series = liveSeries(entry("a", "1.00"));
  series.lose(start + 2);
  series.take(start + 5, `[${entry("a", "900.00")}]`);
  series.beat(start + 5, true);
  series.beat(start + 6, true);
  series.take(start + 6, `[${entry("a", "901.00")}]`);
  series.beat(start + 8, true);
  const [a] = series.points(["a"], 180).series.map(valuesOf);
  expect(a?.slice(0, 5).some((y) => y > 0)).toBe(false);
  expect(a?.slice(2, 5).every(Number.isNaN)).toBe(true);
  const all = valuesOf(series.points([], 180).series[0]);
  expect(all.slice(-2)).toEqual([1, 0]);
});

test("Series forgets a product without sales", () => {
  const series = liveSeries(entry("a", "1.00"));
  series.take(start + 1, '[{"product":"a","totalQuantity":0,"totalPrice":"0.00","sales":0}]');
  expect(series.entries.size).toBe(0);
});

test("Series keeps 15 minutes and draws at most as many points as asked for", () => {
  const series = liveSeries(entry("a", "0.00"));
  for (let second = 2; second < 3 * secondsMax; second++) {
    series.take(start + second, `[${entry("a", `${second}.00`)}]`);
  }
  const { series: drawn, min, max } = series.points([], 100);
  expect(drawn[0]?.length).toBeGreaterThan(90);
  expect(drawn[0]?.length).toBeLessThanOrEqual(100);
  expect(valuesOf(drawn[0]).every((y) => y === 1)).toBe(true);
  expect(max - min).toBeLessThan(secondsMax * 1000);
});
