/** The command `verify`: progress, report and exit status. */

import { type Config, perTopic } from "../config/config.ts";
import type { Kafka } from "../kafka/kafka.ts";
import { type Verification, verify } from "./verify.ts";

const PROGRESS_INTERVAL_MS = 200;

/**
 * Prints a report of each input topic, or JSON with `--json`. Returns the exit status: 0 if all is
 * equal, else 1.
 */
export async function runVerify(options: {
  kafka: Kafka;
  config: Config;
  print: (text: string) => void;
}): Promise<0 | 1> {
  const { kafka, config, print } = options;
  const topics = perTopic(config);
  const found: Verification[] = [];
  for (const of of topics) {
    const progress = progressLine();
    const verification = await verify({ kafka, config: of, progress: progress.show });
    progress.clear();
    if (!config.json) print(report(verification, of));
    found.push(verification);
  }
  const equal = found.every((each) => each.equal);
  const [only] = found;
  const byTopic = () => topics.map(({ inputTopic: topic }, i) => ({ topic, ...found[i] }));
  if (config.json) print(JSON.stringify(found.length === 1 ? only : { equal, topics: byTopic() }));
  return equal ? 0 : 1;
}

export function report(found: Verification, { inputTopic, outputTopic, group }: Config): string {
  const lines = [
    `Read ${found.records} records of ${inputTopic} (${found.partitions} partitions, ` +
      `up to the committed offsets of group ${group}) in ${found.seconds.toFixed(1)} s: ` +
      `${found.sales} sales of ${found.products} products, ` +
      (found.returns === 0 ? "" : `${found.returns} returns, `) +
      (found.filtered === 0 ? "" : `${found.filtered} records filtered, `) +
      `${found.deadLetters} dead letters` +
      (found.values === 0 ? "" : `; ${found.values} values of dimensions`) +
      (found.days === 0 ? "" : `; ${found.days} sums of a product on a day`) +
      (found.slots === 0 ? "." : `; ${found.slots} slots of history.`),
  ];
  for (const { partition, firstOffset, sales, compacted } of found.incomplete) {
    const why = compacted
      ? `${inputTopic} is compacted, so that Kafka has removed records of it`
      : `retention removed the input before offset ${firstOffset}`;
    lines.push(`Cannot check ${sales} sales in the totals of partition ${partition}: ${why}.`);
  }
  lines.push(...found.notes, ...found.problems);
  const all = found.incomplete.length === 0;
  if (found.equal) {
    lines.push(
      all
        ? `Equal: every total in ${outputTopic} is the sum of its sales.`
        : `Equal for the input that is left: nothing in ${outputTopic} contradicts it.`,
    );
  }
  if (found.differencesTotal > 0)
    lines.push(`Different: ${found.differencesTotal} differences. The first ones:`);
  for (const { partition, by, slot, day, product, ...sums } of found.differences) {
    const { recomputed, found: stands } = sums;
    const all = slot ? "all products" : "bookkeeping";
    const what = product === null ? all : JSON.stringify(product);
    const place = slot ?? day;
    const where = [`partition ${partition}`, by && `by ${by}`, place].filter(Boolean).join(", ");
    lines.push(`  ${where}, ${what}: recomputed ${recomputed}; found ${stands}`);
  }
  return lines.join("\n");
}

/** A progress line, rewritten in place. Prints only on a terminal. */
function progressLine() {
  let shownAt = Number.NEGATIVE_INFINITY;
  const { isTTY } = process.stderr;
  return {
    show(records: number, of: number) {
      if (!isTTY || performance.now() - shownAt < PROGRESS_INTERVAL_MS) return;
      shownAt = performance.now();
      const percent = of === 0 ? 100 : Math.floor((records / of) * 100);
      process.stderr.write(`\r${records} of ${of} records (${percent} %)`);
    },
    clear() {
      if (shownAt > 0) process.stderr.write("\r\x1b[K");
    },
  };
}
