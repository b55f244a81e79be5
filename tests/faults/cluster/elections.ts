/** Unclean elections: a follower leads that lacks what was acknowledged and counted. */

import { expect } from "bun:test";
import { OUTPUT_SETTINGS } from "../../../src/topics/own-settings.ts";
import { totalsWhen } from "../../support/board.ts";
import { runSalesboard } from "../../support/executable.ts";
import type { ApiTotals } from "../../support/totals.ts";
import { waitFor } from "../../support/wait.ts";
import { type ClusterArena, type ClusterFault, grown, healed, said, startBoard } from "./fault.ts";

const UNCLEAN = { "min.insync.replicas": "1", "unclean.leader.election.enable": "true" };
/** The leader, and the follower that is frozen. */
const ON_TWO = [1, 2, 3, 4].map(() => [1, 2]);
const SOLD = 1_000;

export const elections: readonly ClusterFault[] = [
  {
    name: "an unclean election cuts the output",
    injection:
      "A follower of the output is frozen until it is out of sync; the leader is killed after more " +
      "sales were counted, and the follower leads with its shorter log.",
    expected: "The totals go back to those of the log, and all later sales are counted again.",
    prepare: ({ broker, topics }) =>
      broker.createTopics({
        name: topics.output,
        partitions: ON_TWO,
        config: { ...OUTPUT_SETTINGS, ...UNCLEAN },
      }),
    run: cutOutput,
  },
  {
    name: "an unclean election cuts the input",
    injection:
      "The same on the input. Sales that only the killed leader had were counted and are gone, and " +
      "new sales take their offsets.",
    expected:
      "Nothing is counted over the cut, the page says so, and after the command that the log names " +
      "the totals are those of the sales that are left.",
    prepare: ({ broker, topics }) =>
      broker.createTopics({ name: topics.input, partitions: ON_TWO, config: UNCLEAN }),
    run: cutInput,
  },
];

async function cutOutput(arena: ClusterArena): Promise<void> {
  const { broker, topics } = arena;
  const run = await startBoard(arena);
  await loseLeader(arena, topics.output, () => grown(run, SOLD));
  await waitFor(() => arena.linesOf(run, "goes on at offset").length > 0, {
    what: "the aggregator to go on from the shorter log",
  });
  await broker.node(1).start();
  arena.over();
  await healed(arena, run);
  arena.saw(`${arena.linesOf(run, "goes on at offset").length} × “goes on at offset”`);
  await broker.inSync([topics.input]);
}

/** Freezes the follower, and kills the leader after `lost`: the follower leads without that. */
async function loseLeader(
  arena: ClusterArena,
  topic: string,
  lost: () => Promise<unknown>,
): Promise<void> {
  const { broker } = arena;
  broker.node(2).pause();
  try {
    await until(arena, topic, ({ inSync }) => !inSync.includes(2));
    await lost();
    await broker.node(1).kill();
  } finally {
    broker.node(2).resume();
  }
  await until(arena, topic, ({ leader }) => leader === 2);
}

type Partition = Awaited<ReturnType<ClusterArena["broker"]["partitionsOf"]>>[number];

async function until(
  { broker }: ClusterArena,
  topic: string,
  fits: (partition: Partition) => boolean,
): Promise<void> {
  const isSo = async () => {
    const all = await broker.partitionsOf(topic).catch(() => []);
    return all.length > 0 && all.every(fits);
  };
  await waitFor(isSo, { what: `${topic} to be so`, pollMs: 200 });
}

async function cutInput(arena: ClusterArena): Promise<void> {
  const { broker, topics } = arena;
  arena.inputWasCut();
  const run = await startBoard(arena, "admin", [], { count: SOLD });
  const untilCounted = (sales: number) => totalsWhen(run, ({ total }) => total.sales === sales);
  await untilCounted(SOLD);
  const sell = async (count: number) => expect(await arena.sell({ count }).exited).toBe(0);
  await loseLeader(arena, topics.input, async () => {
    await sell(SOLD);
    await untilCounted(2 * SOLD);
  });
  // More than are gone.
  await sell(3 * SOLD);
  await said(arena, run, /^The aggregator refuses/);
  const [refusal] = arena.linesOf(run, "was cut at offset");
  expect(refusal?.message).toContain("type `salesboard reset ");
  const counted = await run.api<ApiTotals>("/api/totals");
  expect(counted.total.sales).toBeLessThanOrEqual(2 * SOLD);
  await broker.node(1).start();
  await broker.inSync([topics.input], 2);
  expect(await run.stop()).toBe(0);
  const where = ["--brokers", broker.brokers, ...topics.args];
  const reset = await runSalesboard(["reset", ...where, "--yes"]);
  expect(reset.status, reset.stdout + reset.stderr).toBe(0);
  const next = await startBoard(arena);
  arena.over();
  await healed(arena, next);
}
