/** Times in another unit, or of wrong clocks, in the words of who reads the page. */

import { beforeEach, describe, expect, test } from "bun:test";
import { OddTimes } from "../../src/aggregator/odd-times.ts";
import type { Stats } from "../../src/role.ts";
import { TestClock } from "../support/clock.ts";
import { recordingLog } from "../support/context.ts";

const NOW_MS = Date.UTC(2026, 10, 27);
let reported: Stats[];
let lines: string[];
let times: OddTimes;
let clock: TestClock;

beforeEach(() => {
  const recording = recordingLog();
  ({ lines } = recording);
  reported = [];
  clock = new TestClock();
  const report = (stats: Stats) => void reported.push(stats);
  times = new OddTimes({ clock, log: recording.log, report });
});

describe("OddTimes", () => {
  test("50 timestamps in seconds are of January 1970", () => {
    times.counted(Math.floor(NOW_MS / 1_000 / 1_000), 50);
    times.tell();
    const sentence =
      "50 sales carry times of January 1970: are timestamps in seconds? They are read as " +
      "milliseconds.";
    expect(reported.at(-1)?.oddTimes).toEqual([sentence]);
    expect(lines).toEqual([sentence]);
  });

  test("a timestamp in days is of the first minute of 1970", () => {
    times.counted(Math.floor(NOW_MS / 86_400_000 / 1_000), 1);
    expect(times.sentences).toEqual([
      "1 sale carries a time of 1 January 1970: are timestamps in days? They are read as " +
        "milliseconds.",
    ]);
  });

  test("microseconds are far after their records, and a wrong clock is a little", () => {
    times.carried(NOW_MS * 1_000, NOW_MS);
    times.carried(NOW_MS + 366 * 86_400_000, NOW_MS);
    expect(times.sentences).toEqual([
      expect.stringContaining("1 sale carries a time after the year 5000: are timestamps in micro"),
      expect.stringContaining("more than a day after those of their records: is a clock wrong?"),
    ]);
  });

  test("times that may be right are not told of", () => {
    times.counted(Math.floor(NOW_MS / 1_000), 1);
    times.counted(-1, 1);
    times.counted(Math.floor(Date.UTC(1999, 0, 1) / 1_000), 1);
    times.carried(NOW_MS + 3_600_000, NOW_MS);
    times.carried(undefined, NOW_MS);
    times.carried(NOW_MS, -1);
    times.tell();
    expect(times.sentences).toEqual([]);
    expect(reported).toEqual([]);
  });

  test("the log hears of a kind once, the page of each number", () => {
    times.counted(1_800_000, 1);
    times.tell();
    clock.pass(1_000);
    times.counted(1_800_000, 1);
    times.tell();
    expect(lines).toHaveLength(1);
    expect(reported.at(-1)?.oddTimes?.[0]).toStartWith("2 sales carry times of January 1970");
  });
});
