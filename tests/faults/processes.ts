/** Faults of instances: they are killed, frozen, started and stopped. */

import { expect } from "bun:test";
import type { Salesboard } from "../support/executable.ts";
import { seededRandom } from "../support/seed.ts";
import { waitFor } from "../support/wait.ts";
import type { Arena } from "./arena.ts";
import type { Fault } from "./fault.ts";
import { OpenTransactions } from "./open-transactions.ts";
import { ownedBy, untilOwned } from "./ownership.ts";

const KILLED = 128 + 9;
const LIFE_MS_MAX = 1_500;
/** Transactions follow each other at once: whatever happens to the instance, one is open. */
const BUSY = ["--commit-interval", "1ms"];
const CHANGE_INTERVAL_MS = 2_000;
/** A minute with the default session time-out. */
const CHANGES_MS_IN_SESSIONS = 6;
/** A transaction that is still open so long after the freeze is not ended by a request before. */
const IN_FLIGHT_MS_MAX = 200;
const FREEZES_MAX = 200;
const RUN_MS_MAX = 50;

export const processFaults: readonly Fault[] = [
  {
    name: "instances are killed at random moments",
    injection: "SIGKILL of the only instance while it counts, and of its successor as it starts.",
    expected: "The next instance goes on where the last commit stands.",
    run: killAtRandomMoments,
  },
  {
    name: "two of three instances are killed at once",
    injection: "SIGKILL of two instances in the same moment.",
    expected: "The third owns all partitions.",
    run: killTwoAtOnce,
  },
  {
    name: "an instance is frozen in a transaction while another takes over",
    injection:
      "SIGSTOP with a transaction open, past the session and transaction time-outs; SIGCONT when " +
      "the other instance has counted on.",
    expected:
      "The partitions move; the frozen one is fenced, drops its work, and rejoins the group.",
    run: freezeInTransaction,
  },
  {
    name: "instances join and leave every two seconds",
    injection: "An instance starts, and another stops on SIGTERM, every two seconds for a while.",
    expected: "Each leaves with status 0, partitions move, and counting goes on meanwhile.",
    run: joinAndLeave,
  },
];

async function killAtRandomMoments(arena: Arena): Promise<void> {
  const random = seededRandom("FAULTS_SEED");
  const { rounds, sessionMs } = arena.scale;
  let run = await arena.start(BUSY);
  arena.sell();
  for (let round = 0; round < rounds; round++) {
    await Bun.sleep(random.between(0, LIFE_MS_MAX));
    await killed(run);
    arena.struck();
    const successor = arena.launch(BUSY);
    // It waits for the dead one's session, and then restores: it dies in one or the other.
    await Bun.sleep(random.between(0, sessionMs + LIFE_MS_MAX));
    await killed(successor);
    run = await arena.start(BUSY);
    await arena.recovered();
  }
  arena.saw(`${2 * rounds} killed`);
}

async function killTwoAtOnce(arena: Arena): Promise<void> {
  const random = seededRandom("FAULTS_SEED");
  const first = await arena.start(BUSY);
  arena.sell();
  const [second, third] = [arena.launch(BUSY), arena.launch(BUSY)];
  await waitFor(() => [first, second, third].every((run) => ownedBy(run).size > 0), {
    what: "each of three instances to own a partition",
  });
  await Bun.sleep(random.between(0, LIFE_MS_MAX));
  await Promise.all([killed(first), killed(second)]);
  arena.struck();
  await untilOwned([third, 4]);
  await arena.recovered();
}

async function freezeInTransaction(arena: Arena): Promise<void> {
  const zombie = await arena.start(BUSY);
  arena.sell();
  const other = arena.launch(BUSY);
  await untilOwned([zombie, 2], [other, 2]);
  for (let round = 0; round < arena.scale.rounds / 2; round++) {
    await freezeWithOpenTransaction(arena, zombie);
    arena.struck();
    await untilOwned([other, 4]);
    // Not before: what it wrote as it was frozen can be under way.
    const logged = zombie.stderr().length;
    await arena.recovered();
    expect(zombie.stderr()).toHaveLength(logged);
    process.kill(zombie.pid, "SIGCONT");
    // In doubt or aborted: it is told at whichever step it was frozen.
    for (const text of ["Transaction ", "Partitions lost."]) {
      await waitFor(() => arena.linesOf(zombie, text).length > round, {
        what: `the frozen instance to say "${text}"`,
      });
    }
    await untilOwned([zombie, 2], [other, 2]);
  }
  const returns = arena.linesOf(zombie, "Partitions lost.").length;
  arena.saw(`${returns} × fenced and back in the group`);
}

/** Freezes it until it is caught with a transaction open on its own partitions. */
async function freezeWithOpenTransaction(arena: Arena, run: Salesboard): Promise<void> {
  const topic = arena.topics.output;
  const transactions = new OpenTransactions({ brokers: arena.broker.brokers, topic });
  const owned = [...ownedBy(run)].map(Number);
  try {
    for (let freeze = 0; freeze < FREEZES_MAX; freeze++) {
      process.kill(run.pid, "SIGSTOP");
      if (await transactions.areOn(owned)) {
        await Bun.sleep(IN_FLIGHT_MS_MAX);
        if (await transactions.areOn(owned)) return;
      }
      process.kill(run.pid, "SIGCONT");
      // On a busy machine the instance does not run at all within a millisecond.
      await Bun.sleep(Math.min(1 + freeze, RUN_MS_MAX));
    }
  } finally {
    await transactions.close();
  }
  throw new Error(`Frozen ${FREEZES_MAX} times, and never with a transaction open.`);
}

async function joinAndLeave(arena: Arena): Promise<void> {
  const steady = await arena.start(BUSY);
  arena.sell();
  arena.struck();
  const counting = arena.recovered();
  const changesMs = CHANGES_MS_IN_SESSIONS * arena.scale.sessionMs;
  const endsAt = performance.now() + changesMs;
  const leaving: Promise<number>[] = [];
  let guest: Salesboard | undefined;
  let moves = 0;
  while (performance.now() < endsAt) {
    const next = arena.launch(BUSY);
    await Bun.sleep(CHANGE_INTERVAL_MS);
    if (guest) leaving.push(guest.stop());
    if (ownedBy(next).size > 0) moves++;
    guest = next;
  }
  // A busy machine may not have given partitions to any of them in time.
  if (guest && moves === 0) await untilOwned([guest, 2]);
  if (guest) leaving.push(guest.stop());
  const statuses = await Promise.all(leaving);
  expect(statuses).toEqual(statuses.map(() => 0));
  await counting;
  arena.over();
  await untilOwned([steady, 4]);
  await arena.recovered();
  arena.saw(`${statuses.length} joined and left in ${changesMs / 1000} s`);
}

async function killed(run: Salesboard): Promise<void> {
  await run.kill();
  expect(await run.exited).toBe(KILLED);
}
