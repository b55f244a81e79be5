/**
 * What standing still costs: an aggregator and a dashboard that nobody looks at, without sales and
 * with a few, what the broker spends on them, and the demo.
 */

import { readdirSync, readFileSync } from "node:fs";
import { executablePath } from "../tests/support/executable.ts";
import { type Arena, onKafka } from "./arena.ts";
import { cpuSeconds } from "./measure.ts";
import { feed } from "./sales.ts";
import type { BenchOptions, Goal, Section } from "./section.ts";
import { SubjectProcess } from "./subjects/process.ts";

const PARTITIONS = 4;
/** Sales a second of a shop, and of the demo. */
const RATE = 20;
const SIZES = { full: { seconds: 30, settleSeconds: 20 }, short: { seconds: 2, settleSeconds: 1 } };

/** Percent of a core, each: what the whole of Salesboard may take. */
const GOALS = { still: 0.7, shop: 2, demo: 4, broker: 5 };

/** Of one process, over a stretch of time. */
interface Use {
  /** Processor time, percent of one core. */
  percent: number;
  /** Times a second that one of its threads was woken. */
  wakes: number;
  threads: number;
}

interface Stretch {
  aggregator: Use;
  dashboard: Use;
  broker: Use;
}

export const measureStanding = onKafka("Standing still", async (arena, options) => {
  const alone = await brokerAlone(arena, options);
  const { still, shop } = await beside(arena, options);
  const demo = await demoUse(arena, options);
  return report({ alone, still, shop, demo });
});

/** What the broker takes without Salesboard: at rest, and for the sales alone. */
async function brokerAlone(arena: Arena, options: BenchOptions) {
  const topic = await arena.createTopic("sales", PARTITIONS);
  const { seconds, settleSeconds } = SIZES[options.mode];
  await Bun.sleep(settleSeconds * 1000);
  const [still] = await uses([arena.broker.pid], seconds);
  const sent = feed(arena, topic, { sales: RATE * (settleSeconds + seconds + 1), rate: RATE });
  await Bun.sleep(settleSeconds * 1000);
  const [shop] = await uses([arena.broker.pid], seconds);
  await sent;
  options.progress(`the broker alone: ${percent(still)}, with ${RATE} sales/s ${percent(shop)}`);
  return { still, shop };
}

async function beside(
  arena: Arena,
  options: BenchOptions,
): Promise<{ still: Stretch; shop: Stretch }> {
  const { seconds, settleSeconds } = SIZES[options.mode];
  const topic = await arena.createTopic("sales", PARTITIONS);
  const output = await arena.createTopic("totals", PARTITIONS);
  const shared = ["--brokers", arena.broker.brokers, "--input-topic", topic];
  const names = ["--group", output, "--output-topic", output];
  const aggregator = new SubjectProcess(arena, () => [
    ...[executablePath, "aggregate", ...shared, ...names],
  ]);
  await aggregator.until("Partitions assigned.");
  const dashboard = new SubjectProcess(arena, () => [
    ...[executablePath, "serve", ...shared, ...names, "--port", "0"],
  ]);
  try {
    await dashboard.until("http://");
    const pids = [aggregator.pid, dashboard.pid, arena.broker.pid] as const;
    const look = async (): Promise<Stretch> => {
      await Bun.sleep(settleSeconds * 1000);
      const [ofAggregator, ofDashboard, ofBroker] = await uses(pids, seconds);
      return { aggregator: ofAggregator, dashboard: ofDashboard, broker: ofBroker };
    };
    const still = await look();
    options.progress(`no sales: ${percent(still.aggregator)} and ${percent(still.dashboard)}`);
    const sent = feed(arena, topic, { sales: RATE * (settleSeconds + seconds + 1), rate: RATE });
    const shop = await look();
    options.progress(`sales: ${percent(shop.aggregator)} and ${percent(shop.dashboard)}`);
    await sent;
    return { still, shop };
  } finally {
    await Promise.all([aggregator.kill(), dashboard.kill()]);
  }
}

async function demoUse(arena: Arena, options: BenchOptions): Promise<Use> {
  const { seconds, settleSeconds } = SIZES[options.mode];
  const demo = new SubjectProcess(arena, () => [
    executablePath,
    "--port",
    "0",
    "--rate",
    String(RATE),
  ]);
  try {
    await demo.until("http://");
    await Bun.sleep(settleSeconds * 1000);
    const [use] = await uses([demo.pid], seconds);
    options.progress(`the demo: ${percent(use)}`);
    return use;
  } finally {
    await demo.kill();
  }
}

/** What each process uses from now on, for so long. */
async function uses<const Pids extends readonly number[]>(pids: Pids, seconds: number) {
  const before = pids.map((pid) => ({ cpu: cpuSeconds(pid), wakes: wakesOf(pid) }));
  const startedAt = performance.now();
  await Bun.sleep(seconds * 1000);
  const elapsed = (performance.now() - startedAt) / 1000;
  const after = pids.map((pid, at): Use => {
    const { cpu = 0, wakes = 0 } = before[at] ?? {};
    return {
      percent: ((cpuSeconds(pid) - cpu) / elapsed) * 100,
      wakes: (wakesOf(pid) - wakes) / elapsed,
      threads: readdirSync(`/proc/${pid}/task`).length,
    };
  });
  return after as { [Index in keyof Pids]: Use };
}

/** How often its present threads have gone to sleep and were woken again. */
function wakesOf(pid: number): number {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder)
    .map((thread) => {
      const status = readFileSync(`${folder}/${thread}/status`, "utf8");
      return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]);
    })
    .reduce((sum, wakes) => sum + wakes, 0);
}

interface Measured {
  alone: { still: Use; shop: Use };
  still: Stretch;
  shop: Stretch;
  demo: Use;
}

function report(measured: Measured): Omit<Section, "title"> {
  const { alone, still, shop, demo } = measured;
  const ours = ({ aggregator, dashboard }: Stretch) => aggregator.percent + dashboard.percent;
  const row = (what: string, { percent: share, wakes, threads }: Use) => {
    return [what, `${share.toFixed(1)} %`, wakes.toFixed(0), String(threads)];
  };
  return {
    columns: ["no page is open", "of a core", "wakes a second", "threads"],
    rows: [
      row("aggregator, no sales", still.aggregator),
      row("dashboard, no sales", still.dashboard),
      row(`aggregator, ${RATE} sales/s`, shop.aggregator),
      row(`dashboard, ${RATE} sales/s`, shop.dashboard),
      row("the demo: all roles and the embedded broker", demo),
      row("broker alone, no sales", alone.still),
      row("broker with Salesboard, no sales", still.broker),
      row(`broker alone, ${RATE} sales/s`, alone.shop),
      row(`broker with Salesboard, ${RATE} sales/s`, shop.broker),
    ],
    goals: [
      goal("aggregator and dashboard, no sales", ours(still), GOALS.still),
      goal(`aggregator and dashboard, ${RATE} sales/s`, ours(shop), GOALS.shop),
      goal(`the demo, ${RATE} sales/s`, demo.percent, GOALS.demo),
      goal(
        `what the broker spends on Salesboard, ${RATE} sales/s`,
        Math.max(0, shop.broker.percent - alone.shop.percent),
        GOALS.broker,
      ),
    ],
    data: measured,
    skipped: [],
  };
}

function goal(what: string, share: number, shareMax: number): Goal {
  return {
    figure: "F7",
    what: `standing still: ${what}`,
    goal: `at most ${shareMax} % of a core`,
    measured: `${share.toFixed(1)} %`,
    met: share <= shareMax,
  };
}

function percent({ percent: share }: Use): string {
  return `${share.toFixed(1)} %`;
}
