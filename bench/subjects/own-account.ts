/** How long the executable itself says its transactions take, from its metrics. */

import { executablePath } from "../../tests/support/executable.ts";
import { waitFor } from "../../tests/support/wait.ts";
import type { Arena } from "../arena.ts";
import { feed } from "../sales.ts";
import { SubjectProcess } from "./process.ts";

const PARTITIONS = 4;
const RATE = 20_000;
/** Metrics are brought up to date once a second. */
const SETTLE_MS = 2_000;
const START_MS_MAX = 180_000;

/**
 * The mean from begin to commit, in milliseconds, while 20 000 sales a second come in; what the
 * first seconds took is left out.
 * @param commitInterval such as "100ms"
 */
export async function ownMeanMs(
  arena: Arena,
  { commitInterval, seconds }: { commitInterval: string; seconds: number },
): Promise<number> {
  const topic = await arena.createTopic("sales", PARTITIONS);
  const group = `${topic}-totals`;
  const program = new SubjectProcess(arena, () => [
    ...[executablePath, "run", "--roles", "aggregator,dashboard", "--port", "0"],
    ...["--brokers", arena.broker.brokers, "--input-topic", topic, "--output-topic", group],
    ...["--group", group, "--commit-interval", commitInterval],
  ]);
  try {
    await program.until("Partitions assigned.");
    const address = () => /http:\/\/[\d.]+:\d+/.exec(program.output)?.[0];
    const url = await waitFor(address, { what: "an address", timeoutMs: START_MS_MAX });
    const fed = feed(arena, topic, { sales: RATE * (seconds + SETTLE_MS / 1000), rate: RATE });
    await Bun.sleep(SETTLE_MS);
    const before = await transactions(url);
    await fed;
    await Bun.sleep(SETTLE_MS);
    const after = await transactions(url);
    return ((after.seconds - before.seconds) / (after.count - before.count)) * 1000;
  } finally {
    await program.kill();
  }
}

async function transactions(url: string): Promise<{ count: number; seconds: number }> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string) => {
    const line = new RegExp(`^salesboard_aggregator_${name} (\\S+)$`, "m").exec(metrics);
    return Number(line?.[1] ?? 0);
  };
  return {
    count: value("transactions_committed_total"),
    seconds: value("transaction_seconds_total"),
  };
}
