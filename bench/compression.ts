/** Topics whose batches are compressed, as most are: the broker hands them over as they are. */

import { onKafka } from "./arena.ts";
import { count, times } from "./contest.ts";
import { measureShape, type Shape, shapes } from "./mapping.ts";
import { BARE } from "./subjects/bare.ts";

const SIZES = { full: { sales: 2_000_000, rounds: 3 }, short: { sales: 200_000, rounds: 1 } };
const TOPICS = [
  ["flat sale", "lz4"],
  ["flat sale", "zstd"],
  ["till's event", "lz4"],
  ["till's event", "zstd"],
] as const;
const RATIO_MAX = 0.6;

export const measureCompression = onKafka("Compressed topics", async (arena, options) => {
  const size = SIZES[options.mode];
  const measured = [];
  // One of them shows that the section works.
  for (const [name, compression] of options.mode === "short" ? TOPICS.slice(-1) : TOPICS) {
    const what = `${name}, ${compression}`;
    options.progress(what);
    const shape: Shape = { ...shapes[name], compression };
    measured.push({ what, ...(await measureShape(arena, options, shape, size)) });
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
      what: `CPU per million records, of the bare consumer's: ${what}`,
      goal: `at most ${times(RATIO_MAX)}`,
      measured: times(ratio),
      met: ratio <= RATIO_MAX,
    })),
    data: measured,
    skipped: [],
  };
});
