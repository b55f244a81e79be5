/** The pace of boards: never more than ten a second, and none later than it has to be. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { PublishTimer, type Timers } from "../../../src/dashboard/stream/publish-timer.ts";

/** Time that goes on only when told to. */
class ManualTimers implements Timers {
  #now = 0;
  #waiting: { at: number; act: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  later(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + ms, act };
    this.#waiting.push(timer);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== timer);
    };
  }

  goTo(time: number): void {
    for (;;) {
      const next = this.#waiting.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > time) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#now = next.at;
      next.act();
    }
    this.#now = time;
  }
}

/** When a pace acts that is asked at these times, in milliseconds, each time for something. */
function actsAt(requests: readonly number[]): number[] {
  const timers = new ManualTimers();
  const acts: number[] = [];
  const pace = new PublishTimer(() => acts.push(timers.now()) > 0, timers);
  for (const time of requests) {
    timers.goTo(time);
    pace.request();
  }
  timers.goTo((requests.at(-1) ?? 0) + 10_000);
  return acts;
}

/** How long each request waited. */
function waits(requests: readonly number[]): number[] {
  const acts = actsAt(requests);
  return requests.map((time) => (acts.find((at) => at >= time) ?? Number.NaN) - time);
}

const every = (ms: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => from + i * ms);

test("Pace acts at once after a quiet time", () => {
  expect(actsAt([500, 1700, 3000])).toEqual([500, 1700, 3000]);
});

test("Pace serves all requests, at most ten times in any second, none later than 0.3 s", () => {
  const gaps = fc.array(fc.oneof(fc.nat(5), fc.nat(130), fc.constant(101)), { maxLength: 120 });
  const property = fc.property(gaps, (list) => {
    let time = 0;
    const requests = list.map((gap) => {
      time += gap;
      return time;
    });
    const acts = actsAt(requests);
    const isDense = acts.some((at, i) => (acts[i + 10] ?? Number.POSITIVE_INFINITY) < at + 1000);
    expect(isDense).toBe(false);
    for (const wait of waits(requests)) expect(wait).toBeLessThanOrEqual(300);
  });
  fc.assert(property);
});

// Transactions come every 101 ms. One board between two of them, such as a rate that was measured
// anew, and each transaction of the next ten seconds was shown up to 100 ms late: the turn of a
// board was always that of the one before and 100 ms, and 1 ms a board was all that was made up.
test("Pace is in time again soon after one board too many", () => {
  const transactions = every(101, 40);
  const extra = [1030, 1060];
  const requests = [...transactions, ...extra].sort((a, b) => a - b);
  const late = waits(requests).filter((wait) => wait > 0);
  expect(late.length).toBeLessThanOrEqual(3);
  expect(waits(requests).slice(-20)).toEqual(every(0, 20));
});

test("Pace lets those pass that are early, except for the last of eleven within a second", () => {
  const requests = every(100, 60).map((time, i) => time + ([20, 33, 11][i % 3] as number));
  expect(Math.max(...waits(requests))).toBeLessThanOrEqual(22);
});

test("Pace does not count what did nothing", () => {
  const timers = new ManualTimers();
  const acts: number[] = [];
  let isNew = false;
  const pace = new PublishTimer(() => isNew && acts.push(timers.now()) > 0, timers);
  for (const time of every(7, 100)) {
    timers.goTo(time);
    pace.request();
  }
  isNew = true;
  pace.request();
  expect(acts).toEqual([timers.now()]);
});

// Ten thousand pages came back at once, and the last hundreds waited for two minutes.
test("Pace leaves a third of the time to everything else, however long a board takes", () => {
  const timers = new ManualTimers();
  const ends: number[] = [];
  const pace = new PublishTimer(() => {
    timers.goTo(timers.now() + 120);
    return ends.push(timers.now()) > 0;
  }, timers);
  for (const time of every(10, 1_000)) {
    if (time < timers.now()) continue;
    timers.goTo(time);
    pace.request();
  }
  expect(ends.length).toBeGreaterThan(30);
  for (const [i, end] of ends.entries()) {
    if (i > 0) expect(end - 120 - (ends[i - 1] as number)).toBeGreaterThanOrEqual(60);
  }
});

test("Pace leaves what can wait to the next request, unless it is quiet", () => {
  const timers = new ManualTimers();
  const acts: number[] = [];
  const pace = new PublishTimer(() => acts.push(timers.now()) > 0, timers);
  pace.requestAfter(500);
  timers.goTo(499);
  pace.requestAfter(500);
  timers.goTo(500);
  pace.requestAfter(500);
  expect(acts).toEqual([0, 500]);
});

test("Pace acts no more once it was stopped", () => {
  const timers = new ManualTimers();
  let acts = 0;
  const pace = new PublishTimer(() => ++acts > 0, timers);
  for (let i = 0; i < 3; i++) pace.request();
  const before = acts;
  pace.stop();
  timers.goTo(10_000);
  expect(acts).toBe(before);
});
