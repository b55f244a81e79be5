/** What a wait leaves behind, seen where one comes every two seconds. */

import { expect, test } from "bun:test";
import { Backlog } from "../../src/dashboard/follow/backlog.ts";
import { SalesView } from "../../src/dashboard/model/view.ts";
import type { Admin, Kafka } from "../../src/kafka/kafka.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { quietLog } from "../support/context.ts";
import { waitFor } from "../support/wait.ts";

/** A signal that knows how many listen to it. */
function countedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listening.add(args[1]);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listening.delete(args[1]);
    remove(...args);
  };
  return { controller, signal, listening };
}

/** An admin whose every question is answered by `answer`. */
function asking(answer: () => Promise<undefined>): Kafka {
  const admin = { describeTopic: answer, close: async () => {} } as Partial<Admin> as Admin;
  return { admin: () => admin } as Partial<Kafka> as Kafka;
}

function start(kafka: Kafka) {
  const { controller, signal, listening } = countedSignal();
  const backlog = new Backlog({
    kafka,
    topic: "in",
    view: new SalesView(),
    isCurrent: () => true,
    commitIntervalMs: 100,
    clock: systemClock,
    log: quietLog,
    onChange() {},
    signal,
  });
  return { controller, listening, running: backlog.run() };
}

// Each probe left a listener and a promise behind until the process ended: 12 MB a day.
test("Backlog keeps nothing of a probe that is over", async () => {
  let asked = 0;
  const { controller, listening, running } = start(
    asking(async () => {
      asked++;
      return undefined;
    }),
  );
  await waitFor(() => asked > 0, { what: "a probe" });
  await Bun.sleep(50);
  // That of the pause until the next one.
  expect(listening.size).toBe(1);
  controller.abort();
  await running;
  expect(listening.size).toBe(0);
});

test("Backlog ends at once while its question has no answer", async () => {
  const { controller, listening, running } = start(asking(() => new Promise(() => {})));
  controller.abort();
  await running;
  expect(listening.size).toBe(0);
});
