/**
 * Salesboard's composition root: settings → brokers → topics → roles, each in a worker of its own.
 * The same file is the entry of the workers, for the executable holds no other.
 */

import { isMainThread } from "node:worker_threads";
import manifest from "../package.json" with { type: "json" };
import { runAggregator } from "./aggregator/aggregator.ts";
import { type Config, type Role, readConfig } from "./config.ts";
import { runDashboard } from "./dashboard/dashboard.ts";
import { messageOf, SalesboardError } from "./errors.ts";
import { runHealth } from "./health.ts";
import { startEmbeddedBroker } from "./kafka/embedded.ts";
import { librdkafka } from "./kafka/librdkafka.ts";
import { type Log, openLog } from "./log.ts";
import { runProducer } from "./producer/producer.ts";
import { prepare } from "./startup.ts";
import { after, runGroup, signals, supervised } from "./supervisor.ts";
import { helpText, settingsText } from "./usage.ts";
import { type RoleHandle, runRole, startRole } from "./worker.ts";

const roles = { producer: runProducer, aggregator: runAggregator, dashboard: runDashboard };
const print = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const settings = readConfig({ args: process.argv.slice(2), env: process.env });
  if (settings.show) {
    print(settings.show === "help" ? helpText(manifest.version) : manifest.version);
    return 0;
  }
  const { config, warnings } = settings;
  const log = openLog("main", { level: config.logLevel, format: config.logFormat });
  for (const warning of warnings) log.warning(warning);
  if (config.command === "health") return runHealth(config, print);
  if (config.command === "config") {
    print(settingsText(settings));
    return 0;
  }
  await run(config, log);
  return 0;
}

/** Runs the roles until a signal, the end of their work, or a failure that no restart cures. */
async function run(config: Config, log: Log): Promise<void> {
  const embedded = config.brokers === undefined ? startEmbeddedBroker(config, log) : undefined;
  const brokers = config.brokers ?? embedded?.brokers ?? "";
  const kafka = librdkafka({ brokers, properties: config.rdkafka, log });
  const prepared = prepare({ kafka, config });
  const handles = new Map<Role, RoleHandle>();
  const instance = crypto.randomUUID();

  const start = (role: Role) => {
    const onStats: RoleHandle["sendStats"] = (from, stats) =>
      handles.get("dashboard")?.sendStats(from, stats);
    const entry = new URL(import.meta.url);
    const handle = startRole({ entry, role, config, brokers, instance, onStats });
    // On standard output too: `--port 0` is for programs that read where to go.
    handle.ready.then(
      ({ url }) => url && print(`Dashboard at ${url}`),
      () => {},
    );
    handles.set(role, handle);
    return handle;
  };
  const actors = config.roles.map((role) => {
    const actor = supervised({
      name: role,
      log,
      start: () => start(role),
      endsGroup: config.roles.length === 1,
      // A second run would send the same sales again.
      restarts: role !== "producer" || (config.count === undefined && config.input === undefined),
    });
    // The dashboard shows what it waits for; the others cannot do anything yet.
    return role === "dashboard" ? actor : after(prepared, actor);
  });
  const startup = after(prepared, idle("startup"));
  try {
    await runGroup([signals(log), startup, ...actors], { log });
  } finally {
    embedded?.close();
  }
}

/** Exits only when interrupted: what comes before it is what counts. */
function idle(name: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { name, execute: () => promise, interrupt: () => resolve() };
}

if (isMainThread) {
  const status = await main().catch((error: unknown) => {
    process.stderr.write(`salesboard: ${messageOf(error)}\n`);
    return error instanceof SalesboardError ? error.exitStatus : 1;
  });
  process.exit(status);
} else {
  await runRole({
    roles,
    kafka: ({ brokers, config, log }) => librdkafka({ brokers, properties: config.rdkafka, log }),
  });
}
