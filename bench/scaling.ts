/** What a sale costs by the number of products and of partitions; drawn into docs/. */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Arena, onKafka } from "./arena.ts";
import { count, cpuOf, type Results, rateOf, spreadText, takeTurns, times } from "./contest.ts";
import { linePlot } from "./plot.ts";
import { fillProducts } from "./sales.ts";
import type { BenchOptions, Goal, Section } from "./section.ts";
import { BARE, bareConsumer } from "./subjects/bare.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { catchUp } from "./subjects/subject.ts";

const SIZES = {
  full: { sales: 2_000_000, rounds: 2 },
  short: { sales: 50_000, rounds: 1 },
};
const PARTITIONS = 4;
const PRODUCTS = 1_000;

// Reading a million totals back would take longer than all the rest.
const ours = salesboard({ comparesTotals: false });

interface Step {
  /** What varies. */
  value: number;
  partitions: number;
  products: number;
  /** Where it is not the same for all. */
  sales?: number;
}

const OWN_PRODUCTS = { full: 1_000_000, short: 20_000 };
const OWN_RATE_MIN = 400_000;

/** In the last step, each sale is of a product of its own. */
export const measureProducts = onKafka("Cost by products", async (arena, options) => {
  const own = OWN_PRODUCTS[options.mode];
  const values = options.mode === "full" ? [10, 1_000, 100_000, own] : [10, own];
  const steps = values.map((value): Step => {
    return { value, partitions: PARTITIONS, products: value, ...(value === own && { sales: own }) };
  });
  const { results, ...section } = await measureSteps(arena, options, { steps, what: "products" });
  const rate = rateOf(results.get(own) ?? new Map(), ours.name).median;
  const goal: Goal = {
    figure: "F13",
    what: `each sale of a product of its own, ${count(own)} of them: sales/s on one core`,
    goal: `at least ${count(OWN_RATE_MIN)}`,
    measured: count(rate),
    met: rate >= OWN_RATE_MIN,
  };
  return { ...section, goals: [goal] };
});

export const measurePartitions = onKafka("Cost by partitions", async (arena, options) => {
  const values = options.mode === "full" ? [1, 4, 16, 64] : [1, 16];
  const steps = values.map((value) => ({ value, partitions: value, products: PRODUCTS }));
  const { results: _, ...section } = await measureSteps(arena, options, {
    steps,
    what: "partitions",
  });
  return section;
});

async function measureSteps(
  arena: Arena,
  options: BenchOptions,
  { steps, what }: { steps: readonly Step[]; what: "products" | "partitions" },
): Promise<Omit<Section, "title"> & { results: ReadonlyMap<number, Results> }> {
  const { sales } = SIZES[options.mode];
  const results = new Map<number, Results>();
  for (const step of steps) {
    options.progress(`${count(step.value)} ${what}`);
    results.set(step.value, await run(arena, options, step));
  }
  const cpu = (name: string) => [...results.values()].map((each) => cpuOf(each, name));
  const plot = linePlot({
    title: `Cost of a sale by ${what}`,
    xLabel: what,
    yLabel: "CPU-seconds per million sales",
    x: steps.map(({ value }) => count(value)),
    series: [ours.name, BARE].map((name) => ({ name, y: cpu(name).map(({ median }) => median) })),
  });
  // A quick look must not replace figures that were measured with care.
  const folder = options.mode === "full" ? "../docs" : "../.cache/bench";
  writeFileSync(fileURLToPath(new URL(`${folder}/cost-by-${what}.svg`, import.meta.url)), plot);
  return {
    results,
    columns: [`${what}, ${count(sales)} sales`, BARE, ours.name, "ratio", "sales/s"],
    rows: [...results].map(([value, each]) => {
      const [floor, own] = [cpuOf(each, BARE), cpuOf(each, ours.name)];
      return [
        count(value),
        spreadText(floor),
        spreadText(own),
        times(own.median / floor.median),
        count(rateOf(each, ours.name).median),
      ];
    }),
    goals: [],
    data: Object.fromEntries([...results].map(([value, of]) => [value, Object.fromEntries(of)])),
    skipped: [],
  };
}

async function run(
  arena: Arena,
  { mode, progress }: BenchOptions,
  { partitions, products, sales = SIZES[mode].sales }: Step,
): Promise<Results> {
  const { rounds } = SIZES[mode];
  const topic = await arena.createTopic("sales", partitions);
  await fillProducts(arena, topic, { sales, products });
  const task = { arena, topic, partitions, sales };
  return takeTurns(
    { [BARE]: () => bareConsumer(task), [ours.name]: () => catchUp(ours, task) },
    { rounds, progress },
  );
}
