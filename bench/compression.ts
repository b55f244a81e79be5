/** Topics whose batches are compressed, as most are: the broker hands them over as they are. */

import { onKafka } from "./arena.ts";
import { count, times } from "./contest.ts";
import { flat, measureShape, type Shape, shapes } from "./mapping.ts";
import { BARE } from "./subjects/bare.ts";

const SIZES = { full: { sales: 2_000_000, rounds: 3 }, short: { sales: 200_000, rounds: 1 } };
const RATIO_MAX = 0.6;
const TILL = shapes["till's event"];
const FLAT: Shape = { recordOf: flat, ratioMax: RATIO_MAX };
const TOPICS = [
  { name: "flat sale", shape: FLAT, compression: "lz4" },
  { name: "flat sale", shape: FLAT, compression: "zstd" },
  { name: "till's event", shape: TILL, compression: "lz4" },
  { name: "till's event", shape: TILL, compression: "zstd" },
] as const;

export const measureCompression = onKafka("Compressed topics", async (arena, options) => {
  const size = SIZES[options.mode];
  const measured = [];
  // One of them shows that the section works.
  for (const topic of options.mode === "short" ? TOPICS.slice(-1) : TOPICS) {
    const { name, shape, compression } = topic;
    const what = `${name}, ${compression}`;
    options.progress(what);
    const figures = await measureShape(arena, options, { ...shape, compression }, size);
    measured.push({ what, ...figures });
  }
  return {
    columns: [
      `${count(size.sales)} records`,
      `${BARE}: CPU-s per million`,
      "salesboard: CPU-s per million",
      "ratio",
      "records/s",
    ],
    rows: measured.map(({ what, bare, ours, rate, ratio }) => [
      ...[what, bare, ours, times(ratio), count(rate)],
    ]),
    goals: measured.map(({ what, ratio }) => ({
      figure: "F12",
      what: `backlog of the ${what}: CPU, of a bare consumer's`,
      goal: `at most ${times(RATIO_MAX)}`,
      measured: times(ratio),
      met: ratio <= RATIO_MAX,
    })),
    data: measured,
    skipped: [],
  };
});
