/** Memory and pace of an aggregator that comes back to a long backlog. */

import { onKafka } from "./arena.ts";
import { countBacklog } from "./backlog.ts";
import { count, memoryOf, rateOf, spreadText, times } from "./contest.ts";
import { BARE, bareConsumer } from "./subjects/bare.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { catchUp } from "./subjects/subject.ts";

const SIZES = { full: { sales: 10_000_000, rounds: 3 }, short: { sales: 300_000, rounds: 1 } };
const MEMORY_MB_MAX = 250;
const PACE_MIN = 0.75;
const MB = 1024 ** 2;

const ours = salesboard();

export const measureMemory = onKafka("Catching up from a long lag", async (arena, options) => {
  const { sales } = SIZES[options.mode];
  const results = await countBacklog(
    arena,
    { ...SIZES[options.mode], ...options },
    {
      [BARE]: bareConsumer,
      [ours.name]: (task) => catchUp(ours, task),
    },
  );
  const memoryMb = memoryOf(results, ours.name).max / MB;
  const share = (name: string) => rateOf(results, name).median / rateOf(results, BARE).median;
  return {
    columns: [`${count(sales)} sales`, "most memory", "sales/s", "of the bare consumer"],
    rows: [BARE, ours.name].map((name) => [
      name,
      `${(memoryOf(results, name).max / MB).toFixed(0)} MB`,
      spreadText(rateOf(results, name), 0),
      times(share(name)),
    ]),
    goals: [
      {
        what: `memory while catching up from a lag of ${count(sales)}`,
        goal: `at most ${MEMORY_MB_MAX} MB`,
        measured: `${memoryMb.toFixed(0)} MB`,
        met: memoryMb <= MEMORY_MB_MAX,
      },
      {
        what: "pace of catching up, of the bare consumer's",
        goal: `at least ${times(PACE_MIN)}`,
        measured: times(share(ours.name)),
        met: share(ours.name) >= PACE_MIN,
      },
    ],
    data: Object.fromEntries(results),
    skipped: [],
  };
});
