import { describe, expect, test } from "bun:test";
import { type Config, type Role, withFound } from "../../src/config/config.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { SalesboardError } from "../../src/lib/errors.ts";
import { startRole } from "../../src/process/start-role.ts";
import type { Stats } from "../../src/role.ts";

const entry = new URL("../fixtures/worker.ts", import.meta.url);

function configOf(behaviour: string): Config {
  const settings = readConfig({ args: ["--group", behaviour], env: {} });
  if (settings.show) throw new Error("These arguments ask for no help.");
  return settings.config;
}

/** A busy machine takes longer to start a thread than a role may take to stop. */
const stopMsMax = 60_000;
const process = {
  ...{ brokers: Promise.resolve("127.0.0.1:9092"), instance: "one", isRestart: false },
  stopMsMax,
};

function start(
  behaviour: string,
  onStats: (role: Role, stats: Stats) => void = () => undefined,
  options = process,
) {
  const config = configOf(behaviour);
  return startRole({ entry, role: "aggregator", config, ...options, onStats });
}

describe("startRole", () => {
  test("gives the role its settings and clients, and stops it", async () => {
    const role = start("works until stopped");
    expect(await role.ready).toEqual({ url: "http://127.0.0.1:3000/sales_topic_electronics" });
    role.stop();
    role.stop();
    expect(await role.finished).toBe("stopped");
  });

  test("stops a role that was asked before it began", async () => {
    const role = start("works until stopped");
    role.stop();
    expect(await role.finished).toBe("stopped");
  });

  test("waits for the brokers before the role begins", async () => {
    const brokers = Promise.withResolvers<string>();
    const config = configOf("works until stopped");
    const onStats = () => undefined;
    const options = {
      entry,
      role: "aggregator",
      config,
      instance: "one",
      isRestart: false,
      stopMsMax,
      onStats,
    } as const;
    const role = startRole({ ...options, brokers: brokers.promise });
    let isReady = false;
    const ready = role.ready.then(() => {
      isReady = true;
    });
    await Bun.sleep(200);
    expect(isReady).toBe(false);
    brokers.resolve("127.0.0.1:9092");
    await ready;
    role.stop();
    expect(await role.finished).toBe("stopped");
  });

  test("stops a role whose brokers never became known", async () => {
    const config = configOf("works until stopped");
    const onStats = () => undefined;
    const brokers = Promise.reject(new Error("No broker could be started."));
    const role = startRole({
      entry,
      role: "aggregator",
      config,
      instance: "one",
      isRestart: false,
      stopMsMax,
      brokers,
      onStats,
    });
    role.stop();
    expect(await role.finished).toBe("stopped");
  });

  test("hands newer settings to the role, also when they come before it begins", async () => {
    const heard: (readonly string[])[] = [];
    const role = start("hears newer settings", (_, { waits = [] }) => void heard.push(waits));
    const next = (topic: string) => {
      return withFound({ ...configOf("hears newer settings"), inputs: ["*"] }, [topic]);
    };
    role.sendConfig(next("early"));
    await role.ready;
    role.sendConfig(next("late"));
    role.stop();
    await role.finished;
    expect(heard.at(-1)).toEqual(["late"]);
    expect(heard.length).toBeLessThanOrEqual(2);
  });

  test("hands stats to the role, and the role's stats back", async () => {
    const heard = Promise.withResolvers<[Role, Stats]>();
    const role = start("echoes stats", (from, stats) => heard.resolve([from, stats]));
    await role.ready;
    role.sendStats("producer", { figures: { sales: 42 } });
    expect(await heard.promise).toEqual(["aggregator", { figures: { from_producer: 42 } }]);
    role.stop();
    await role.finished;
  });

  test("tells that the work is done", async () => {
    const role = start("has done its work");
    expect(await role.finished).toBe("done");
    await expect(role.ready).rejects.toThrow("The aggregator ended before it was ready.");
  });

  test("takes no harm from calls after its end", async () => {
    const role = start("has done its work");
    await role.finished;
    role.sendStats("producer", { figures: { sales: 1 } });
    role.stop();
    expect(await role.finished).toBe("done");
  });

  test("keeps class, status and sentence of an error for the user", async () => {
    const error = await start("fails for the user").finished.catch((reason) => reason);
    expect(error).toBeInstanceOf(SalesboardError);
    expect(error).toMatchObject({
      message: "Cannot reach the brokers.",
      exitStatus: 69,
      final: true,
    });
  });

  test("keeps name and stack of any other error", async () => {
    const error = await start("fails unforeseen").finished.catch((reason) => reason);
    expect(error).not.toBeInstanceOf(SalesboardError);
    expect(error).toMatchObject({ name: "RangeError", message: "offset out of range" });
    expect(error.stack).toContain("fixtures/worker.ts");
  });

  test.each([
    ["throws later", "thrown by a timer"],
    ["rejects unheard", "nobody awaits me"],
    ["ends its thread", "Its thread exited unexpectedly with code 7."],
    ["fails on a name that is unknown", "There is no behaviour"],
  ])("fails when the role %s", async (behaviour, message) => {
    await expect(start(behaviour).finished).rejects.toThrow(message);
  });

  test("fails when the role cannot be loaded", async () => {
    const role = startRole({
      entry: new URL("../fixtures/missing.ts", import.meta.url),
      role: "producer",
      config: configOf("any"),
      ...process,
      onStats: () => undefined,
    });
    const error = await role.finished.catch((reason) => reason);
    expect(error.message).toContain("missing.ts");
  });

  test("fails when the role cannot stop cleanly", async () => {
    const role = start("fails on stop");
    await role.ready;
    role.stop();
    const error = await role.finished.catch((reason) => reason);
    expect(error.message).toBe("the transaction could not be finished");
  });

  test("ends the thread of a role that does not stop", async () => {
    const role = start("never stops", undefined, { ...process, stopMsMax: 200 });
    await role.ready;
    role.stop();
    expect(await role.finished).toBe("killed");
  });
});
