/** What the graph draws, from the messages of the stream alone. */

import { expect, test } from "bun:test";

interface Point {
  x: number;
  y: number;
}

interface Series {
  products: string[];
  start: number;
  first: number;
  end: number;
  take(message: object): void;
  advance(now: number, known?: number): void;
  points(from: number, to: number, pointsMax: number): Point[][];
  ghost(): Point[];
}

// A script of the pages: served as text, and here run as what it is.
const path = "../../static/series.js";
const { Series } = (await import(path)) as { Series: new () => Series };

const START = 1_000_000;

/** Ten seconds, in which Laptop sold for 1, 2, … 10, and others for as much. */
function tenSeconds(since: number | null = 0): Series {
  const series = new Series();
  const figures = Array.from({ length: 10 }, (_, i) => i + 1);
  series.take({
    start: START,
    step: 1,
    since,
    products: ["Laptop"],
    lines: [figures.map((n) => `${2 * n}.00`), figures.map(String), figures.map(String)],
    before: { start: START - 20, step: 10, all: ["70.00", "20.00"] },
  });
  return series;
}

const ys = (points: Point[] | undefined) => points?.map(({ y }) => y);

test("Series draws each product, the rest, and all, but not the slot that is not over", () => {
  const series = tenSeconds();
  const [laptop, rest, all] = series.points(START, START + 9, 100);
  expect(ys(laptop)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(ys(rest)).toEqual(ys(laptop));
  expect(ys(all)?.at(-1)).toBe(18);
  expect(laptop?.[0]?.x).toBe(START * 1000);
});

test("Series moves on with time, and takes what is told late", () => {
  const series = tenSeconds();
  series.advance(START + 11.9);
  expect([series.start, series.end]).toEqual([START + 2, START + 11]);
  series.take({ slots: [[START + 5, "99.00", "98.00", "1.00"]] });
  series.take({ slots: [[START + 12, "5.00", "5.00", "0.00"]] });
  // Too late for the window.
  series.take({ slots: [[START, "7.00", "7.00", "7.00"]] });
  series.advance(START + 12);
  const [laptop, rest] = series.points(START, START + 20, 100);
  expect(ys(laptop)).toEqual([4, 5, 1, 7, 8, 9, 10, 0, 0]);
  expect(ys(rest)).toEqual([4, 5, 98, 7, 8, 9, 10, 0, 0]);
  // What is told twice is told once.
  series.take({ slots: [[START + 12, "5.00", "5.00", "0.00"]] });
  series.advance(START + 13);
  expect(series.points(START, START + 20, 100).map((line) => line.at(-1)?.y)).toEqual([0, 5, 5]);
});

test("Series does not move on by what is of a time to come", () => {
  const series = tenSeconds();
  series.take({ slots: [[START + 2_400, "9.00", "9.00", "0.00"]] });
  expect(series.end).toBe(START + 9);
  expect(ys(series.points(START, START + 9, 100)[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  series.advance(START + 2_401);
  expect(ys(series.points(START, START + 2_401, 3_000)[1])?.at(-1)).toBe(9);
});

test("Series forgets a window that has passed altogether", () => {
  const series = tenSeconds();
  series.advance(START + 500);
  const figures = series.points(START, START + 500, 500).flatMap((line) => ys(line));
  expect(figures).toEqual(Array(3 * 9).fill(0));
  expect(series.end - series.start).toBe(9);
});

test("Series draws means where there are more slots than points", () => {
  const [laptop] = tenSeconds().points(START, START + 9, 5);
  expect(laptop).toEqual([
    { x: START * 1000, y: 1.5 },
    { x: (START + 2) * 1000, y: 3.5 },
    { x: (START + 4) * 1000, y: 5.5 },
    { x: (START + 6) * 1000, y: 7.5 },
  ]);
});

test("Series draws nothing where nothing is known", () => {
  const [laptop] = tenSeconds(START + 7).points(START, START + 9, 100);
  expect(ys(laptop)).toEqual([7, 8, 9]);
  expect(tenSeconds(null).points(START, START + 9, 100)[0]).toEqual([]);
  expect(tenSeconds(START + 3).first).toBe(START + 3);
});

// While nobody counted, or no server was there, the lines fell to zero: as if nothing was sold.
test("Series moves on, and draws nothing of a time of which not all is known", () => {
  const series = tenSeconds();
  series.advance(START + 14.5, START + 11.5);
  expect(series.end).toBe(START + 14);
  expect(ys(series.points(START, START + 20, 100)[0])).toEqual([6, 7, 8, 9, 10, 0]);
  // Of two slots together, both must be.
  expect(ys(series.points(START, START + 20, 10)[0])?.at(-1)).toBe(9.5);
  series.advance(START + 15, START + 15);
  expect(ys(series.points(START, START + 20, 100)[0])).toEqual([7, 8, 9, 10, 0, 0, 0, 0, 0]);
});

test("Series draws the time before as if it were now, as far as it is known", () => {
  expect(tenSeconds().ghost()).toEqual([
    { x: (START - 5) * 1000, y: 7 },
    { x: (START + 5) * 1000, y: 2 },
  ]);
  expect(ys(tenSeconds(START - 10).ghost())).toEqual([2]);
});
