/** Jobs that run side by side: most of them wait most of the time. */

import { availableParallelism, cpus } from "node:os";
import { say, Unmet } from "./command.mjs";
import { nothing } from "./suite.mjs";

/**
 * `cores`: how many it keeps busy on average. `run` hands back what it counted, and the output that
 * it has not shown.
 * @typedef {{
 *   name: string, cores: number,
 *   run: () => Promise<import("./suite.mjs").Counts & { output: string }>
 * }} Job
 */

/**
 * Starts the jobs in their order, as many at a time as the processors have room for, and at least
 * one. Each is shown when it ends, so that outputs do not mix.
 * @param {readonly Job[]} jobs
 * @returns {Promise<import("./suite.mjs").Counts>} the sum of all
 */
export async function runSideBySide(jobs) {
  const sum = nothing();
  const waiting = [...jobs];
  /** @type {Map<Job, Promise<void>>} */
  const running = new Map();
  let room = availableParallelism?.() ?? cpus().length;
  const start = (/** @type {Job} */ job) => {
    waiting.splice(waiting.indexOf(job), 1);
    room -= job.cores;
    const ended = show(job, sum).finally(() => {
      room += job.cores;
      running.delete(job);
    });
    running.set(job, ended);
  };
  for (;;) {
    const next = waiting.find((job) => running.size === 0 || job.cores <= room + 1e-9);
    if (next) start(next);
    else if (running.size > 0) await Promise.race(running.values());
    else return sum;
  }
}

/**
 * What a job lacks is its own failure: the others go on.
 * @param {unknown} error
 */
function unmet(error) {
  if (!(error instanceof Unmet)) throw error;
  const [sentence = ""] = error.message.trimEnd().split("\n").slice(-1);
  return { ...nothing(), failed: 1, failures: [sentence], output: error.message };
}

/**
 * @param {Job} job
 * @param {import("./suite.mjs").Counts} sum
 */
async function show({ name, run }, sum) {
  const startedAt = performance.now();
  say(`${name} ...`);
  const { passed, failed, skipped, failures, output } = await run().catch(unmet);
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped;
  sum.failures.push(...failures);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const counted = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  if (output) say(`\n${output.trim()}`);
  say(`\n${name}: ${counted}, after ${seconds} s\n`);
}
