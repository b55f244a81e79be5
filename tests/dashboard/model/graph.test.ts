import { describe, expect, test } from "bun:test";
import { Graph, measureOf } from "../../../src/dashboard/model/graph.ts";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import { momentOf } from "../../../src/lib/clock.ts";
import { momentAt, TestClock } from "../../support/clock.ts";
import { lookOf } from "../fixture.ts";
import { PastWriter } from "../past-writer.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 0, 30);
const second = NOW / 1000;

function graphOf(): { graph: Graph; writer: PastWriter } {
  const past = new HistoryView();
  return { graph: new Graph(past), writer: new PastWriter(past) };
}

describe("Graph", () => {
  test("tells a window whole: all, the rest, and each of the largest, up to now", () => {
    const { graph, writer } = graphOf();
    writer
      .sell(0, second, 3)
      .sell(1, second, 2)
      .sell(0, second - 10, 1)
      .commit();
    const whole = JSON.parse(graph.whole(lookOf(), NOW));
    expect(whole).toMatchObject({ start: second - 899, step: 1, since: second - 10 });
    expect(whole.products).toEqual(["Laptop", "Mouse"]);
    expect(whole.lines.map((line: string[]) => line.slice(-2))).toEqual([
      ["0.00", "5.00"],
      ["0.00", "0.00"],
      ["0.00", "3.00"],
      ["0.00", "2.00"],
    ]);
    expect(whole.lines[0]).toHaveLength(900);
    expect(whole.lines[0].at(-11)).toBe("1.00");
  });

  // A history that began at 11:08 began after its slot of 11:00, which no page has drawn therefore.
  test("tells since when anything is known as the start of a slot of the window", () => {
    const { graph, writer } = graphOf();
    writer.sell(0, second, 3).commit();
    for (const [window, step] of [
      ["15m", 1],
      ["24h", 60],
      ["30d", 3600],
      ["60d", 3600],
    ] as const) {
      const { since, start, lines } = JSON.parse(graph.whole(lookOf(`window=${window}`), NOW));
      expect(since).toBe(Math.floor(second / step) * step);
      expect(lines[0][(since - start) / step]).toBe("3.00");
    }
  });

  test("tells the same time before by what it has passed into", () => {
    const { graph, writer } = graphOf();
    writer.sell(0, second - 1_000, 7).commit();
    writer.sell(0, second, 1).commit();
    const { before } = JSON.parse(graph.whole(lookOf(), NOW));
    expect(before).toMatchObject({ step: 60, start: (Math.floor((second - 899) / 60) - 15) * 60 });
    expect(before.all.filter((figure: string) => figure !== "0.00")).toEqual(["7.00"]);
  });

  test("tells nothing of the time before the longest window, because nothing is kept of it", () => {
    const { graph, writer } = graphOf();
    writer
      .sell(0, second - 40 * 86_400, 7)
      .sell(0, second, 1)
      .commit();
    const { lines, before } = JSON.parse(graph.whole(lookOf("window=60d"), NOW));
    expect(lines[0].filter((figure: string) => figure !== "0.00")).toEqual(["7.00", "1.00"]);
    expect(before.all).toEqual([]);
  });

  // On the page of a product the dashed line was that of all of them.
  test("tells of a product the same time before of it alone", () => {
    const { graph, writer } = graphOf();
    const earlier = second - 1_000;
    writer.sell(0, earlier, 7).sell(1, earlier, 5).sell(1, second, 1).commit();
    const { before } = JSON.parse(
      graph.whole(lookOf("view=product&window=15m&product=Mouse"), NOW),
    );
    expect(before.all.filter((figure: string) => figure !== "0.00")).toEqual(["5.00"]);
  });

  test("then tells only slots that changed, in full", () => {
    const { graph, writer } = graphOf();
    const look = lookOf();
    writer.sell(0, second, 3).commit();
    expect(graph.turn(momentAt(NOW))).toBe(true);
    graph.whole(look, NOW);
    expect(graph.turn(momentAt(NOW))).toBe(false);
    expect(graph.changes(look)).toBeUndefined();
    writer.sell(0, second, 2).sell(1, second, 1).commit();
    expect(graph.turn(momentAt(NOW))).toBe(true);
    expect(JSON.parse(graph.changes(look) ?? "")).toEqual({
      slots: [[second, "6.00", "1.00", "5.00"]],
    });
  });

  // It was told with the window alone, and had left an open page after fifteen minutes.
  test("tells the time before anew when it has moved on by a slot", () => {
    const { graph, writer } = graphOf();
    const ofProduct = lookOf("view=product&window=15m&product=Laptop");
    const looks = [lookOf(), lookOf("product=Laptop"), ofProduct];
    writer.sell(0, second - 880, 7).commit();
    graph.turn(momentAt(NOW));
    // The oldest second of the window is that of a whole minute at 29 s and at 89 s from now.
    for (const [seconds, hasMoved] of [
      [28, false],
      [29, true],
      [30, false],
      [89, true],
    ] as const) {
      const now = NOW + seconds * 1000;
      expect(graph.turn(momentAt(now))).toBe(hasMoved);
      expect(looks.map((look) => graph.isAnew(look))).toEqual(Array(3).fill(hasMoved));
      const { start, before } = JSON.parse(graph.whole(lookOf(), now));
      expect(before.start + before.step * before.all.length).toBe(start - (start % 60));
    }
  });

  // One clock that was fast emptied the graphs of all pages: they moved on to its time.
  test("tells a slot of a time to come when that has come", () => {
    const { graph, writer } = graphOf();
    const look = lookOf();
    writer.sell(0, second + 120, 7).commit();
    graph.turn(momentAt(NOW));
    expect(graph.changes(look)).toBeUndefined();
    graph.turn(momentAt(NOW + 119_000));
    expect(graph.changes(look)).toBeUndefined();
    graph.turn(momentAt(NOW + 120_000));
    expect(JSON.parse(graph.changes(look) ?? "").slots).toEqual([[second + 120, "7.00", "7.00"]]);
  });

  test("draws what was picked, in the figure that was asked for", () => {
    const { graph, writer } = graphOf();
    writer.sell(0, second, 3).sell(1, second, 2).sell(1, second, 2).commit();
    const look = lookOf("product=Mouse&measure=sales&window=24h");
    const whole = JSON.parse(graph.whole(look, NOW));
    expect(whole).toMatchObject({ step: 60, products: ["Mouse"] });
    expect(whole.lines.map((line: string[]) => line.at(-1))).toEqual(["3", "1", "2"]);
  });

  test("tells everything anew when others are the largest, but not more than once a minute", () => {
    const { graph, writer } = graphOf();
    const look = lookOf();
    writer.sell(0, second, 3).commit();
    graph.turn(momentAt(NOW));
    expect(JSON.parse(graph.whole(look, NOW)).products).toEqual(["Laptop"]);
    writer.sell(1, second, 9).commit();
    graph.turn(momentAt(NOW + 59_000));
    expect(graph.linesOf(look)).toEqual(["Laptop"]);
    expect(JSON.parse(graph.changes(look) ?? "").slots).toHaveLength(1);
    graph.turn(momentAt(NOW + 60_000));
    expect(graph.isAnew(look)).toBe(true);
    expect(graph.isAnew(lookOf("product=Laptop"))).toBe(false);
    expect(graph.linesOf(look)).toEqual(["Mouse", "Laptop"]);
  });

  // A page that has no window cannot take slots, and one of another server has other lines.
  test("tells everything once history is read, and once it is read anew", () => {
    const past = new HistoryView();
    const graph = new Graph(past);
    const look = lookOf();
    graph.turn(momentAt(NOW));
    expect(graph.notes).toMatchObject({ of: { state: "none" } });
    expect(graph.linesOf(look, NOW)).toEqual([]);
    past.restart(0);
    const writer = new PastWriter(past).sell(0, second, 3);
    writer.commit();
    expect(graph.turn(momentAt(NOW))).toBe(true);
    expect(graph.notes).toMatchObject({ of: { state: "reading" }, isNew: true });
    expect(graph.changes(look)).toBeUndefined();
    past.markCaughtUp(0);
    expect(graph.turn(momentAt(NOW))).toBe(true);
    expect(graph.notes).toMatchObject({ of: { state: "kept" }, isNew: true });
    for (const each of [look, lookOf("product=Mouse")]) expect(graph.isAnew(each)).toBe(true);
    expect(graph.linesOf(look, NOW)).toEqual(["Laptop"]);
    expect(graph.turn(momentAt(NOW))).toBe(false);
    expect(graph.isAnew(look)).toBe(false);
    expect(graph.notes.isNew).toBe(false);
    past.restart(0);
    past.markCaughtUp(0);
    expect(graph.turn(momentAt(NOW))).toBe(true);
    expect(graph.changes(look)).toBeUndefined();
    expect(graph.notes).toMatchObject({ of: { state: "none" }, isNew: true });
  });

  test("tells of hours seldom, for they are long to add up, and forgets none", () => {
    const { graph, writer } = graphOf();
    const look = lookOf("window=30d");
    writer.sell(0, second, 1).commit();
    graph.turn(momentAt(NOW));
    graph.whole(look, NOW);
    writer.sell(0, second, 1).commit();
    expect(graph.turn(momentAt(NOW + 1_000))).toBe(true);
    expect(graph.changes(look)).toBeUndefined();
    graph.turn(momentAt(NOW + 5_000));
    expect(JSON.parse(graph.changes(look) ?? "").slots[0][1]).toBe("2.00");
  });
});

// By the time of day, pages were told of nothing until the clock had come back to where it was.
test("Graph tells what changes when somebody sets the clock back", () => {
  const { graph, writer } = graphOf();
  const clock = new TestClock(NOW);
  const windows = [lookOf("window=24h"), lookOf("window=30d")];
  writer.sell(0, second, 3).commit();
  graph.turn(momentOf(clock));
  for (const look of windows) graph.whole(look, NOW);
  clock.step(-3_600_000);
  clock.pass(60_000);
  writer.sell(1, second - 3_540, 9).commit();
  graph.turn(momentOf(clock));
  for (const look of windows) expect(graph.linesOf(look)).toEqual(["Mouse"]);
  clock.pass(5_000);
  writer.sell(1, second - 3_540, 1).commit();
  graph.turn(momentOf(clock));
  for (const look of windows) expect(graph.changes(look)).toBeDefined();
});

test("measureOf hides amounts that are masked", () => {
  expect(measureOf(lookOf("mask"))).toBe("units");
  expect(measureOf(lookOf("mask&measure=sales"))).toBe("sales");
  expect(measureOf(lookOf())).toBe("revenue");
});
