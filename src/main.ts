/**
 * Salesboard's composition root: settings → brokers → topics → roles, each in a worker of its own.
 * The same file is the entry of the workers, for the executable holds no other.
 */

import { isMainThread } from "node:worker_threads";
import manifest from "../package.json" with { type: "json" };
import { runAggregator } from "./aggregator/aggregator.ts";
import { runVerify } from "./aggregator/verify-report.ts";
import { type Config, readConfig } from "./config.ts";
import { runDashboard } from "./dashboard/dashboard.ts";
import { messageOf, SalesboardError } from "./errors.ts";
import { runHealth } from "./health.ts";
import { EMBEDDED_PROPERTIES, startEmbeddedBroker } from "./kafka/embedded.ts";
import type { Kafka } from "./kafka/kafka.ts";
import { librdkafka } from "./kafka/librdkafka.ts";
import { type Log, openLog } from "./log.ts";
import { runProducer } from "./producer/producer.ts";
import { runRoles } from "./run.ts";
import { prepare } from "./startup.ts";
import { helpText, settingsText } from "./usage.ts";
import { runRole } from "./worker.ts";

const roles = { producer: runProducer, aggregator: runAggregator, dashboard: runDashboard };
const print = (text: string) => void process.stdout.write(`${text}\n`);

/** Returns the exit status. @throws SalesboardError with one */
async function main(): Promise<number> {
  const settings = readConfig({ args: process.argv.slice(2), env: process.env });
  if (settings.show) {
    print(settings.show === "help" ? helpText(manifest.version) : manifest.version);
    return 0;
  }
  const { config, warnings } = settings;
  const log = openLog("main", { level: config.logLevel, format: config.logFormat });
  for (const warning of warnings) log.warning(warning);
  switch (config.command) {
    case "config":
      print(settingsText(settings));
      return 0;
    case "health":
      return runHealth(config, print);
    case "verify": {
      const cluster = kafka({ brokers: config.brokers ?? "", config, log });
      await prepare({ kafka: cluster, config });
      return runVerify({ kafka: cluster, config, print });
    }
    default:
      await run(config, log);
      return 0;
  }
}

async function run(config: Config, log: Log): Promise<void> {
  const embedded = config.brokers === undefined ? startEmbeddedBroker(config) : undefined;
  const brokers = config.brokers ?? embedded?.brokers ?? "";
  const entry = new URL(import.meta.url);
  // On standard output: `--port 0` is for programs that read where to go.
  const onListening = (url: string) => print(`Dashboard at ${url}`);
  try {
    const prepared = prepare({ kafka: kafka({ brokers, config, log }), config });
    if (embedded) {
      const text = `Embedded broker at ${brokers}: in memory, gone when Salesboard stops.`;
      log.info(text, { brokers });
    }
    await runRoles({ config, brokers, entry, prepared, log, onListening });
  } finally {
    embedded?.close();
  }
}

/** The cluster: the user's, or the one that Salesboard brings. */
function kafka({ brokers, config, log }: { brokers: string; config: Config; log: Log }): Kafka {
  const own = config.brokers === undefined ? EMBEDDED_PROPERTIES : {};
  const properties = { ...own, ...config.rdkafka };
  // A second more: that the time-out is over is said once, in one sentence.
  return librdkafka({ brokers, properties, log, startupMs: config.startupTimeoutMs + 1_000 });
}

if (isMainThread) {
  const status = await main().catch((error: unknown) => {
    process.stderr.write(`salesboard: ${messageOf(error)}\n`);
    return error instanceof SalesboardError ? error.exitStatus : 1;
  });
  process.exit(status);
} else {
  await runRole({ roles, kafka });
}
