/** What the graph draws, from the messages of the stream alone. */

import { expect, test } from "bun:test";

interface Bar {
  start: number;
  end: number;
  isWhole: boolean;
  sums: bigint[];
  before: bigint | undefined;
}

interface Series {
  start: number;
  first: number;
  end: number;
  take(message: object): void;
  advance(now: number, known?: number): void;
  bars(from: number, to: number, length: number, zone: object): Bar[];
}

interface Zone {
  floor(time: number, length: number): number;
  ceil(time: number, length: number): number;
  next(start: number, length: number): number;
}

// Scripts of the pages: served as text, and here run as what they are.
const folder = "../../static";
const { Series, decimalOf } = (await import(`${folder}/series.js`)) as {
  Series: new () => Series;
  decimalOf(value: bigint): string;
};
const { Zone } = (await import(`${folder}/zone.js`)) as { Zone: new (name: string) => Zone };
const { chooseBars, tickTimes } = (await import(`${folder}/scale.js`)) as {
  chooseBars(
    series: Series,
    zone: Zone,
    view: { range: object; isChosen: boolean; span: string; width: number },
  ): { bars: Bar[]; length: number; range: { min: number; max: number } };
  tickTimes(range: object, barLength: number, ticksMax: number, zone: Zone): number[];
};

const START = 1_000_000;
const utc = new Zone("UTC");
const MICROS = 1_000_000n;

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

/** The figures of a line in whole units: 0 is Laptop, 1 the rest, 2 all. */
const figures = (bars: Bar[], line = 0) => bars.map(({ sums }) => Number(sums[line]) / 1e6);
const whole = (bars: Bar[]) => bars.map(({ isWhole }) => isWhole);

test("Series has each product, the rest and all, and the slot that is not over", () => {
  const bars = tenSeconds().bars(START, START + 20, 1, utc);
  expect(figures(bars)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(figures(bars, 1)).toEqual(figures(bars));
  expect(figures(bars, 2).at(-1)).toBe(20);
  expect(bars[0]?.start).toBe(START);
  expect(whole(bars).lastIndexOf(true)).toBe(8);
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
  const bars = () => series.bars(START, START + 20, 1, utc);
  expect(figures(bars())).toEqual([4, 5, 1, 7, 8, 9, 10, 0, 0, 0]);
  expect(figures(bars(), 1)).toEqual([4, 5, 98, 7, 8, 9, 10, 0, 0, 5]);
  // What is told twice is told once.
  series.take({ slots: [[START + 12, "5.00", "5.00", "0.00"]] });
  series.advance(START + 13);
  expect([0, 1, 2].map((line) => figures(bars(), line).at(-2))).toEqual([0, 5, 5]);
});

test("Series does not move on by what is of a time to come", () => {
  const series = tenSeconds();
  series.take({ slots: [[START + 2_400, "9.00", "9.00", "0.00"]] });
  expect(series.end).toBe(START + 9);
  expect(figures(series.bars(START, START + 3_000, 1, utc)).at(-1)).toBe(10);
  series.advance(START + 2_401);
  expect(figures(series.bars(START, START + 3_000, 1, utc), 1).at(-2)).toBe(9);
});

test("Series forgets a window that has passed altogether", () => {
  const series = tenSeconds();
  series.advance(START + 500);
  const bars = series.bars(START, START + 500, 1, utc);
  expect([0, 1, 2].flatMap((line) => figures(bars, line))).toEqual(Array(3 * 9).fill(0));
  expect(series.end - series.start).toBe(9);
});

test("Series adds slots up, exactly, and leaves out a bar that the window cuts", () => {
  const series = tenSeconds();
  expect(figures(series.bars(START, START + 10, 2, utc))).toEqual([3, 7, 11, 15, 19]);
  // From the fourth second of ten: the bar from the third on would be too small.
  series.advance(START + 13);
  expect(series.bars(START, START + 14, 4, utc).map(({ start }) => start - START)).toEqual([
    4, 8, 12,
  ]);
  const tenths = new Series();
  const lines = [
    ["0.1", "0.2"],
    ["0.1", "0.2"],
  ];
  tenths.take({
    start: START,
    step: 1,
    since: 0,
    products: [],
    lines,
    before: { start: 0, step: 1, all: [] },
  });
  expect(decimalOf(tenths.bars(START, START + 2, 2, utc)[0]?.sums[1] ?? 0n)).toBe("0.300000");
});

test("decimals keep their sign, and every digit", () => {
  expect(decimalOf(-500_000n)).toBe("-0.500000");
  expect(decimalOf(123_456_789_012_345_678n * MICROS + 1n)).toBe("123456789012345678.000001");
});

test("Series has nothing where nothing is known", () => {
  const since = (at: number | null) => tenSeconds(at).bars(START, START + 10, 1, utc);
  expect(figures(since(START + 7))).toEqual([8, 9, 10]);
  expect(since(null)).toEqual([]);
  expect(tenSeconds(START + 3).first).toBe(START + 3);
  // History begins in the middle of this bar, so that it is there, and not whole.
  expect(figures(tenSeconds(START + 3).bars(START + 3, START + 10, 2, utc))[0]).toBe(7);
  expect(whole(tenSeconds(START + 3).bars(START, START + 10, 2, utc))[0]).toBe(false);
});

// While nobody counted, or no server was there, the lines fell to zero: as if nothing was sold.
test("Series moves on, and has nothing of a time of which nothing is known", () => {
  const series = tenSeconds();
  series.advance(START + 14.5, START + 11.5);
  expect(series.end).toBe(START + 14);
  const bars = series.bars(START, START + 20, 1, utc);
  expect(figures(bars)).toEqual([6, 7, 8, 9, 10, 0, 0]);
  expect(whole(bars).at(-1)).toBe(false);
  series.advance(START + 15, START + 15);
  expect(figures(series.bars(START, START + 20, 1, utc))).toEqual([7, 8, 9, 10, 0, 0, 0, 0, 0, 0]);
});

test("Series has the period before at the place of now, as far as it is known", () => {
  const before = (bars: Bar[]) => bars.map((bar) => bar.before);
  expect(before(tenSeconds().bars(START, START + 10, 10, utc))).toEqual([20n * MICROS]);
  // A slot of ten seconds has a fifth of its figure in two.
  expect(before(tenSeconds().bars(START, START + 10, 2, utc))).toEqual(Array(5).fill(4n * MICROS));
  expect(before(tenSeconds(START - 9).bars(START, START + 10, 10, utc))).toEqual([undefined]);
});

const at = (text: string) => Date.parse(text) / 1000;
const days = (zone: Zone, from: string, count: number) => {
  const starts = [zone.ceil(at(from), 86_400)];
  while (starts.length < count) starts.push(zone.next(starts.at(-1) ?? 0, 86_400));
  return starts.map((start) => new Date(start * 1000).toISOString());
};

test("Zone begins days at its midnight, also where they have 23 or 25 hours", () => {
  const vienna = new Zone("Europe/Vienna");
  expect(days(vienna, "2026-03-27T23:00:00Z", 4)).toEqual([
    "2026-03-27T23:00:00.000Z",
    "2026-03-28T23:00:00.000Z",
    "2026-03-29T22:00:00.000Z",
    "2026-03-30T22:00:00.000Z",
  ]);
  expect(days(vienna, "2026-10-24T21:30:00Z", 3)).toEqual([
    "2026-10-24T22:00:00.000Z",
    "2026-10-25T23:00:00.000Z",
    "2026-10-26T23:00:00.000Z",
  ]);
  expect(days(new Zone("Asia/Kolkata"), "2026-01-01T00:00:00Z", 2)).toEqual([
    "2026-01-01T18:30:00.000Z",
    "2026-01-02T18:30:00.000Z",
  ]);
});

test("Zone divides any time into spans, one after the other", () => {
  for (const name of ["UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe"]) {
    const zone = new Zone(name);
    for (const length of [10, 900, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400]) {
      for (const change of ["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-25", "2026-11-01"]) {
        let start = zone.ceil(at(`${change}T00:00:00Z`) - 40_000, length);
        const end = start + Math.min(3 * 86_400, 400 * length);
        while (start < end) {
          const next = zone.next(start, length);
          expect(next).toBeGreaterThan(start);
          expect(zone.floor(start, length)).toBe(start);
          expect(zone.floor(next - 1, length)).toBe(start);
          start = next;
        }
      }
    }
  }
});

// A clock that goes back shows the begin of a span twice: from 02:00 to 04:00 were two bars of two
// hours that overlapped. Where the clock went ahead, the span behind was one with that before.
test("Zone has each span of the clock once where the clocks change", () => {
  const vienna = new Zone("Europe/Vienna");
  const spans = (from: string, count: number) => {
    const starts = [vienna.floor(at(from), 7_200)];
    while (starts.length < count) starts.push(vienna.next(starts.at(-1) ?? 0, 7_200));
    return starts.map((start) => new Date(start * 1000).toISOString().slice(11, 16));
  };
  // Two to four: three hours in autumn, one in spring.
  expect(spans("2026-10-24T22:00:00Z", 4)).toEqual(["22:00", "00:00", "03:00", "05:00"]);
  expect(spans("2026-10-25T01:30:00Z", 2)).toEqual(["00:00", "03:00"]);
  expect(spans("2026-03-28T23:00:00Z", 4)).toEqual(["23:00", "01:00", "02:00", "04:00"]);
  // Where midnight comes twice, it is still one day.
  expect(days(new Zone("America/Havana"), "2026-10-31T05:00:00Z", 3)).toEqual([
    "2026-11-01T04:00:00.000Z",
    "2026-11-02T05:00:00.000Z",
    "2026-11-03T05:00:00.000Z",
  ]);
});

/** A day of minutes that ends at `end`, each `every` of which sold for 1. */
function aDay(end: number, every: number, since = 0): Series {
  const series = new Series();
  const line = Array.from({ length: 1_440 }, (_, i) => (i % every === 0 ? "1.00" : "0.00"));
  const before = { start: 0, step: 3_600, all: [] };
  const products: string[] = [];
  series.take({
    start: end - 1_439 * 60,
    step: 60,
    since,
    products,
    lines: [line, line],
    before,
  });
  return series;
}

test("a day is drawn by quarters of an hour where it is busy, and else by hours", () => {
  const end = at("2026-11-26T12:07:00Z");
  const view = {
    range: { min: end - 86_340, max: end },
    isChosen: false,
    span: "24h",
    width: 1_200,
  };
  const busy = chooseBars(aDay(end, 5), utc, view);
  expect([busy.length, busy.bars.length]).toEqual([900, 96]);
  expect(chooseBars(aDay(end, 40), utc, view).length).toBe(3_600);
  expect(chooseBars(aDay(end, 5), utc, { ...view, width: 300 }).length).toBe(1_800);
  // A closer look has finer bars, and is the range that was asked for.
  const closer = { ...view, range: { min: end - 3_600, max: end }, isChosen: true };
  const { length, range } = chooseBars(aDay(end, 5), utc, closer);
  expect({ length, range }).toEqual({ length: 60, range: closer.range });
  // A shop on its first day saw one bar of an hour, whatever it sold.
  const young = (every: number) => {
    const series = aDay(end, every, end - 1_200);
    return chooseBars(series, utc, { ...view, range: { min: series.first, max: end } }).length;
  };
  expect([young(1), young(5)]).toEqual([60, 900]);
});

// In the first hour of each day the charts of days lacked today, with all that was sold by then.
test("a bar is drawn from the first slot of its time on", () => {
  const end = at("2026-11-26T12:00:00Z");
  const range = { min: end - 86_340, max: end };
  const view = { range, isChosen: false, span: "24h", width: 1_200 };
  for (const every of [5, 40]) {
    const { bars } = chooseBars(aDay(end, every), utc, view);
    expect(bars.at(-1)).toMatchObject({ start: end, isWhole: false });
  }
});

test("ticks stand at whole hours, and below the middle of days", () => {
  const end = at("2026-11-26T12:00:00Z");
  const hours = tickTimes({ min: end - 86_400, max: end }, 900, 8, new Zone("Europe/Vienna"));
  expect(hours.length).toBeLessThanOrEqual(8);
  expect(hours.every((time) => time % 10_800 === 7_200)).toBe(true);
  const midnight = at("2026-11-26T00:00:00Z");
  const range = { min: midnight - 29 * 86_400, max: midnight + 86_400 };
  const noons = tickTimes(range, 86_400, 10, utc);
  expect(noons.length).toBe(10);
  expect(noons.every((time) => time % 86_400 === 43_200)).toBe(true);
});
