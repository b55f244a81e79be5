/** What ten thousand streams cost, as a table and against its goals. */

import { spreadOf } from "../measure.ts";
import type { Goal, Section } from "../section.ts";
import type { Seen } from "../tools/readers.ts";

export interface Size {
  readonly readers: number;
  readonly windows: number;
  readonly windowSeconds: number;
}

/** What the readers saw in a while, and what the server took for it. */
export interface Window extends Seen {
  /** Processor time of the server, seconds. */
  cpu: number;
  /** Share of the time in which its busiest thread had to wait: other programs had the core. */
  waited: number;
  /** Resident memory of the server at the end, kB. */
  rss: number;
}

export interface Stall {
  window: Window;
  /** Most that the kernel kept for the stalled reader. */
  unsentBytesMax: number;
  isDropped: boolean;
}

export interface Measured {
  windows: Window[];
  /** Resident memory before the first stream, kB. */
  idle: number;
  stall?: Stall;
  back?: Seen;
}

const DELAY_MS_MAX = 100;
/** Above this share the delay is that of other programs. */
const WAITED_MAX = 0.05;
const STREAM_KB_MAX = 10;
const GROWTH_KB_MAX = 1;
const STALL_RATIO_MAX = 1.1;
const STALL_KB_MAX = 256;
const BACK_SECONDS_MAX = 2.5;
const DELIVERIES_RATIO_MIN = 2;

/** Medians over the windows. */
function summarize({ windows, idle }: Measured, readers: number) {
  const median = (of: (window: Window) => number) => spreadOf(windows.map(of)).median;
  return {
    cores: median(({ cpu, seconds }) => cpu / seconds),
    deliveries: median(({ messages, cpu }) => messages / cpu),
    waited: median(({ waited }) => waited),
    p50: median(({ delayMs }) => delayMs.p50),
    p99: median(({ delayMs }) => delayMs.p99),
    messagesPerSecond: median(({ messages, seconds }) => messages / seconds / readers),
    bytes: median(({ bytes, messages }) => bytes / messages),
    streamKb: (median(({ rss }) => rss) - idle) / readers,
    growthKb: ((windows.at(-1)?.rss ?? 0) - (windows[0]?.rss ?? 0)) / readers,
  };
}

export function fanOutSection({
  size,
  ours,
  naive,
}: {
  size: Size;
  ours: Measured;
  naive: Measured;
}): Section {
  const rows = [ours, naive].map((measured) => summarize(measured, size.readers));
  const cells = rows.map((row) => [
    row.cores.toFixed(2),
    String(Math.round(row.deliveries)),
    `${row.p50.toFixed(0)} / ${row.p99.toFixed(0)} ms`,
    `${row.streamKb.toFixed(1)} KB`,
    `${row.messagesPerSecond.toFixed(1)} of ${Math.round(row.bytes)} bytes`,
  ]);
  const [our, their] = rows as [(typeof rows)[0], (typeof rows)[0]];
  return {
    title: `Fan-out to ${size.readers} streams, ten frames a second, server on one core`,
    columns: [
      "",
      "cores",
      "messages per CPU-s",
      "delay p50 / p99",
      "memory a stream",
      "messages/s a stream",
    ],
    rows: [
      ["salesboard serve", ...(cells[0] ?? [])],
      ["Hono streamSSE broadcast", ...(cells[1] ?? [])],
    ],
    goals: [...goalsOf(our, their.deliveries), ...goalsOfTrouble(ours, our.p99, size)],
    data: { ours, naive },
    skipped: [],
  };
}

function goalsOf(our: ReturnType<typeof summarize>, theirDeliveries: number): Goal[] {
  const ratio = our.deliveries / theirDeliveries;
  return [
    {
      what: "deliveries per core, of the Hono broadcast's",
      goal: `at least ${DELIVERIES_RATIO_MIN}×`,
      measured: `${ratio.toFixed(2)}×`,
      met: ratio >= DELIVERIES_RATIO_MIN,
    },
    {
      what: "delay of a frame, p99, from the server's clock in it to its arrival",
      goal: `under ${DELAY_MS_MAX} ms`,
      measured: `${our.p99.toFixed(0)} ms`,
      met: our.p99 < DELAY_MS_MAX,
      why:
        our.waited > WAITED_MAX
          ? `other programs had the core for ${Math.round(our.waited * 100)} % of the time`
          : "one pass over all streams, at the kernel's 8 µs a send, takes most of it",
    },
    {
      what: "processor",
      goal: "at most one core",
      measured: our.cores.toFixed(2),
      met: our.cores <= 1,
    },
    {
      what: "memory a stream",
      goal: `at most ${STREAM_KB_MAX} KB`,
      measured: `${our.streamKb.toFixed(1)} KB`,
      met: our.streamKb <= STREAM_KB_MAX,
    },
    {
      what: "growth of that over the windows",
      goal: `at most ${GROWTH_KB_MAX} KB`,
      measured: `${our.growthKb.toFixed(2)} KB`,
      met: our.growthKb <= GROWTH_KB_MAX,
    },
  ];
}

function goalsOfTrouble({ stall, back }: Measured, p99: number, { readers }: Size): Goal[] {
  if (!stall || !back) return [];
  const ratio = stall.window.delayMs.p99 / p99;
  const heldKb = stall.unsentBytesMax / 1024;
  return [
    {
      what: "p99 of the others beside a reader that stalls",
      goal: `at most ${STALL_RATIO_MAX}×`,
      measured: `${ratio.toFixed(2)}×`,
      met: ratio <= STALL_RATIO_MAX,
    },
    {
      what: "kept for it by the kernel until it is dropped",
      goal: `at most ${STALL_KB_MAX} KB`,
      measured: `${heldKb.toFixed(0)} KB${stall.isDropped ? "" : ", and not dropped yet"}`,
      met: heldKb <= STALL_KB_MAX && stall.isDropped,
    },
    {
      figure: "F11",
      what: `${readers} streams that come back at once: all served`,
      goal: `within ${BACK_SECONDS_MAX} s`,
      measured: `${back.served} in ${back.seconds.toFixed(1)} s`,
      met: back.seconds <= BACK_SECONDS_MAX && back.served >= readers,
    },
  ];
}
