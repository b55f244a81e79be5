import { describe, expect, test } from "bun:test";
import { SalesboardError } from "../../src/lib/errors.ts";
import type { Log } from "../../src/lib/log.ts";
import { type Actor, type Run, runGroup, supervised } from "../../src/process/supervisor.ts";

/** Keeps what is logged. */
function logbook(): Log & { lines: string[] } {
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  const log = { lines, debug: () => undefined, info: write, warning: write, error: write };
  return { ...log, with: () => log as unknown as Log };
}

/** Runs until the test calls `exit` or `fail`, or as `onInterrupt` says. */
function actor(name: string, onInterrupt: "exits" | "fails" | "stays" = "exits") {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let interrupts = 0;
  const interrupt = () => {
    interrupts++;
    if (onInterrupt === "exits") resolve();
    if (onInterrupt === "fails") reject(new Error("the transaction could not be finished"));
  };
  const it: Actor = { name, execute: () => promise, interrupt };
  return { ...it, exit: resolve, fail: reject, interrupts: () => interrupts };
}

describe("runGroup", () => {
  test("interrupts all others on the first exit and waits for them", async () => {
    const log = logbook();
    const [producer, aggregator, dashboard] = [
      actor("producer"),
      actor("aggregator", "stays"),
      actor("dashboard"),
    ];
    let ended = false;
    const group = runGroup([producer, aggregator, dashboard], { log }).then(() => {
      ended = true;
    });
    producer.exit();
    await Bun.sleep(5);
    expect([aggregator.interrupts(), dashboard.interrupts()]).toEqual([1, 1]);
    expect(ended).toBe(false);
    aggregator.exit();
    await group;
    expect(log.lines).toEqual([]);
  });

  test("rejects when a stop on request ends in an error that is final", async () => {
    const log = logbook();
    const [signals, aggregator, producer] = [
      actor("signals"),
      actor("aggregator", "stays"),
      actor("producer", "stays"),
    ];
    const group = runGroup([signals, aggregator, producer], { log });
    signals.exit();
    await Bun.sleep(5);
    aggregator.fail(new SalesboardError("The offsets could not be committed."));
    producer.fail(new SalesboardError("Cannot deliver 34 of 33786 sales.", { final: true }));
    await expect(group).rejects.toThrow("Cannot deliver 34 of 33786 sales.");
    expect(log.lines).toEqual([
      "The aggregator failed while it was stopping: The offsets could not be committed.",
    ]);
  });

  test("rejects with the error of the first exit alone", async () => {
    const log = logbook();
    const aggregator = actor("aggregator");
    const group = runGroup([actor("producer", "fails"), aggregator], { log });
    aggregator.fail(new SalesboardError("The aggregator keeps failing: no."));
    await expect(group).rejects.toThrow("The aggregator keeps failing: no.");
    expect(log.lines).toEqual([
      "The producer failed while it was stopping: the transaction could not be finished",
    ]);
  });

  test("does not wait longer than stopMsMax, and names who is late", async () => {
    const log = logbook();
    const producer = actor("producer");
    const group = runGroup([producer, actor("dashboard", "stays")], { log, stopMsMax: 20 });
    producer.exit();
    await group;
    expect(log.lines).toEqual(["The dashboard did not stop within 20ms."]);
  });

  test("counts an actor that throws at once as its exit", async () => {
    const broken: Actor = {
      name: "broken",
      execute: () => {
        throw new Error("cannot begin");
      },
      interrupt: () => undefined,
    };
    const other = actor("dashboard");
    await expect(runGroup([broken, other], { log: logbook() })).rejects.toThrow("cannot begin");
    expect(other.interrupts()).toBe(1);
  });
});

/** Runs that end one behind the other as told: an error, "done", or "runs" until it is stopped. */
function runs(endings: readonly (Error | "done" | "runs" | "stays")[]) {
  let started = 0;
  const start = (): Run => {
    const ending = endings[Math.min(started++, endings.length - 1)];
    const { promise, resolve, reject } = Promise.withResolvers<"done" | "stopped" | "killed">();
    if (ending instanceof Error) reject(ending);
    if (ending === "done") resolve("done");
    return {
      ready: Promise.resolve(),
      finished: promise,
      stop: () => resolve(ending === "stays" ? "killed" : "stopped"),
    };
  };
  return { start, started: () => started };
}

const limits = { delayMsMin: 1, delayMsMax: 8, calmMs: 60_000, recoveredMs: 60_000 };

describe("supervised", () => {
  test("starts a failed role again and says so", async () => {
    const log = logbook();
    const { start, started } = runs([new Error("first"), new Error("second"), "done"]);
    await supervised({ name: "aggregator", start, log, endsGroup: true, limits }).execute();
    expect(started()).toBe(3);
    expect(log.lines).toEqual([
      expect.stringMatching(/^The aggregator failed and restarts in \d+ms: first$/),
      expect.stringMatching(/^The aggregator failed and restarts in \d+ms: second$/),
    ]);
  });

  test("doubles the wait, with jitter, up to its bound", async () => {
    const log = logbook();
    const failures = Array.from({ length: 4 }, () => new Error("no"));
    const { start } = runs([...failures, "done" as const]);
    const slow = { ...limits, delayMsMin: 8, delayMsMax: 20 };
    await supervised({ name: "aggregator", start, log, endsGroup: true, limits: slow }).execute();
    const waits = log.lines.map((line) => Number(/in (\d+)ms/.exec(line)?.[1]));
    expect(waits).toHaveLength(4);
    for (const [i, fullMs] of [8, 16, 20, 20].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(fullMs / 2);
      expect(waits[i]).toBeLessThanOrEqual(fullMs);
    }
  });

  // A right that was revoked for 40 s ended the process, and the page with it: after five restarts
  // within a minute the sixth failure was final.
  test("tries again however often it fails, with a pause that grows", async () => {
    const failures = 40;
    const endings = Array.from({ length: failures }, () => new Error("the broker says no"));
    const { start, started } = runs([...endings, "done" as const]);
    const log = logbook();
    await supervised({ name: "aggregator", start, log, endsGroup: true, limits }).execute();
    expect(started()).toBe(failures + 1);
  });

  test("says why the role does not work, and when it works again", async () => {
    const { start } = runs([new Error("there is no right"), "runs"]);
    const told: (string | undefined)[] = [];
    const recovered = Promise.withResolvers<void>();
    const role = supervised({
      name: "aggregator",
      start,
      log: logbook(),
      endsGroup: true,
      limits: { ...limits, recoveredMs: 1 },
      onTrouble: (sentence) => {
        told.push(sentence);
        if (sentence === undefined) recovered.resolve();
      },
    });
    const exit = role.execute();
    await recovered.promise;
    expect(told).toEqual([
      "The aggregator does not work and is tried again: there is no right",
      undefined,
    ]);
    role.interrupt();
    await exit;
  });

  test("begins with the shortest pause again after a calm time", async () => {
    const log = logbook();
    const failures = [new Error("once"), new Error("twice")];
    let runsSoFar = 0;
    const start = (): Run => {
      const { promise, resolve, reject } = Promise.withResolvers<"stopped">();
      const failure = failures[runsSoFar++];
      // Calm comes at once, and the failure after that.
      if (failure) setTimeout(() => reject(failure), 30);
      else resolve("stopped");
      return { ready: Promise.resolve(), finished: promise, stop: () => resolve("stopped") };
    };
    const slow = { ...limits, delayMsMin: 8, delayMsMax: 1_000, calmMs: 0 };
    await supervised({ name: "aggregator", start, log, endsGroup: true, limits: slow }).execute();
    const waits = log.lines.map((line) => Number(/in (\d+)ms/.exec(line)?.[1]));
    expect(waits).toHaveLength(2);
    for (const ms of waits) expect(ms).toBeLessThanOrEqual(8);
  });

  test.each([
    ["brokers that cannot be reached", new SalesboardError("no", { exitStatus: 69 })],
    ["wrong settings", new SalesboardError("no", { exitStatus: 2 })],
    ["a final error", new SalesboardError("no", { final: true })],
  ])("does not try again after %s", async (_, error) => {
    const { start, started } = runs([error]);
    const role = supervised({ name: "producer", start, log: logbook(), endsGroup: true, limits });
    expect(await role.execute().catch((reason) => reason)).toBe(error);
    expect(started()).toBe(1);
  });

  test("does not repeat work that must not be done twice", async () => {
    const { start, started } = runs([new Error("half of the file is sent")]);
    const role = supervised({
      name: "producer",
      start,
      log: logbook(),
      endsGroup: true,
      restarts: false,
      limits,
    });
    await expect(role.execute()).rejects.toThrow("half of the file is sent");
    expect(started()).toBe(1);
  });

  test("whose work is done lets the others go on", async () => {
    const { start } = runs(["done"]);
    const log = logbook();
    const producer = supervised({ name: "producer", start, log, endsGroup: false, limits });
    const dashboard = actor("dashboard");
    const group = runGroup([producer, dashboard], { log });
    await Bun.sleep(5);
    expect(dashboard.interrupts()).toBe(0);
    dashboard.exit();
    await group;
  });

  test("stops the run when interrupted", async () => {
    const { start, started } = runs(["runs"]);
    const role = supervised({ name: "dashboard", start, log: logbook(), endsGroup: true, limits });
    const exit = role.execute();
    role.interrupt();
    await exit;
    expect(started()).toBe(1);
  });

  test("says when a run had to be ended", async () => {
    const log = logbook();
    const { start } = runs(["stays"]);
    const role = supervised({ name: "dashboard", start, log, endsGroup: true, limits });
    const exit = role.execute();
    role.interrupt();
    await exit;
    expect(log.lines).toEqual(["The dashboard did not stop in time and was terminated."]);
  });

  test("does not start again once interrupted during the wait", async () => {
    const { start, started } = runs([new Error("no")]);
    const forever = { ...limits, delayMsMin: 3_600_000, delayMsMax: 3_600_000 };
    const log = logbook();
    const role = supervised({ name: "producer", start, log, endsGroup: true, limits: forever });
    const exit = role.execute();
    await Bun.sleep(5);
    role.interrupt();
    await exit;
    expect(started()).toBe(1);
  });
});
