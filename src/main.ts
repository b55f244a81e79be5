/**
 * Salesboard's composition root: settings → brokers → topics → roles, each in a worker of its own.
 * The workers start from this file too, because the executable contains no other entry.
 */

import { isMainThread } from "node:worker_threads";
import manifest from "../package.json" with { type: "json" };
import type { Config } from "./config/config.ts";
import type { Kafka } from "./kafka/kafka.ts";
import { messageOf, SalesboardError } from "./lib/errors.ts";
import { type Log, openLog, writeLastWords, writeLogBy } from "./lib/log.ts";
import { outputWritten, writeOut } from "./lib/output.ts";
import { runRole } from "./process/run-role.ts";

// Each thread loads only what it needs, so that the page answers before the broker does.
const roles = {
  producer: async () => (await import("./producer/producer.ts")).runProducer,
  aggregator: async () => (await import("./aggregator/aggregator.ts")).runAggregator,
  dashboard: async () => (await import("./dashboard/serve.ts")).runDashboard,
};
const hasColours = () => process.stdout.isTTY === true && !process.env.NO_COLOR;
const print = (text: string) => writeOut(`${text}\n`);

/** Returns the exit status. @throws SalesboardError, which carries an exit status */
async function main(): Promise<number> {
  const { readConfig } = await import("./config/read-config.ts");
  const { helpText, settingsText, shortHelpText } = await import("./config/help.ts");
  const settings = readConfig({ args: process.argv.slice(2), env: process.env });
  if (settings.show) {
    const { version } = manifest;
    const { completions } = await import("./config/shell/completion.ts");
    const { manualText } = await import("./config/shell/manual.ts");
    const own = { help: helpText, shortHelp: shortHelpText, man: manualText };
    const texts = { ...own, ...completions, version: () => version };
    print(texts[settings.show](version));
    return 0;
  }
  const { logOptions } = await import("./process/greeting.ts");
  const { config, warnings } = settings;
  const log = openLog("main", logOptions(config));
  if (config.command !== "doctor") for (const warning of warnings) log.warning(warning);
  switch (config.command) {
    case "config":
      print(settingsText(settings));
      return 0;
    case "health":
      return (await import("./process/health.ts")).runHealth(config, print);
    case "token":
      (await import("./dashboard/access/token-command.ts")).runToken({
        config,
        now: new Date(),
        print,
      });
      return 0;
    case "verify":
      return verify(config, log);
    case "inspect":
      return inspect(config, log);
    case "top": {
      const { terminal } = await import("./top/terminal.ts");
      return (await import("./top/top.ts")).runTop(config, terminal(process, hasColours()));
    }
    case "doctor":
      return doctor(config, warnings, log);
    case "reset":
      return reset(config, log);
    default:
      await run(config, log);
      return 0;
  }
}

async function verify(given: Config, log: Log): Promise<number> {
  const { runVerify } = await import("./verify/report.ts");
  const { prepare } = await import("./process/startup.ts");
  const cluster = await kafka({ brokers: given.brokers ?? "", config: given, log });
  const { config, uncounted, notes } = await prepare({ kafka: cluster, config: given, log });
  for (const text of [...uncounted.map(({ text }) => text), ...notes]) log.warning(text);
  const status = await runVerify({ kafka: cluster, config, print });
  return uncounted.length > 0 ? 1 : status;
}

async function inspect(config: Config, log: Log): Promise<number> {
  const { runInspect } = await import("./inspect/inspect.ts");
  const { binaryInput, inputJudge } = await import("./mapping/input-judge.ts");
  const { schemaOptions } = await import("./inspect/command-line.ts");
  const { timeZone } = await import("./mapping/exact/zone.ts");
  const { brokers, input, last, currency, json: isJson } = config;
  const binary = binaryInput(config);
  return runInspect({
    input,
    last,
    brokers,
    topic: config.inputTopic,
    timeoutMs: config.startupTimeoutMs,
    mapping: config.mapping,
    judge: inputJudge(config, binary?.schemas),
    binary,
    schema: schemaOptions(config),
    zone: timeZone(config.timeZone),
    currency,
    isJson,
    hasColours: hasColours(),
    kafka: () => kafka({ brokers: brokers ?? "", config, log }),
    print,
  });
}

async function doctor(config: Config, warnings: readonly string[], log: Log): Promise<number> {
  const { runDoctor } = await import("./doctor/doctor.ts");
  const { binaryInput, inputJudge } = await import("./mapping/input-judge.ts");
  const { timeZone } = await import("./mapping/exact/zone.ts");
  return runDoctor({
    config,
    warnings,
    judging: () => {
      const binary = binaryInput(config);
      const judge = inputJudge(config, binary?.schemas);
      return { judge, binary, zone: timeZone(config.timeZone) };
    },
    hasColours: hasColours(),
    kafka: () => kafka({ brokers: config.brokers ?? "", config, log }),
    log,
    print,
  });
}

async function reset(given: Config, log: Log): Promise<number> {
  const { runReset } = await import("./reset/reset.ts");
  const { askOnTerminal } = await import("./reset/terminal.ts");
  const { prepare } = await import("./process/startup.ts");
  const cluster = await kafka({ brokers: given.brokers ?? "", config: given, log });
  const { config, notes } = await prepare({ kafka: cluster, config: given });
  for (const note of notes) log.warning(note);
  const ask = process.stdin.isTTY ? askOnTerminal : undefined;
  return runReset({ kafka: cluster, config, print, ask });
}

async function run(config: Config, log: Log): Promise<void> {
  const { greeting } = await import("./process/greeting.ts");
  const { runRoles } = await import("./process/roles.ts");
  const entry = new URL(import.meta.url);
  const cluster = openCluster(config, log);
  const { isTTY } = process.stdout;
  const hasColours = !process.env.NO_COLOR;
  // On standard output, because programs that pass `--port 0` read the address there.
  const onListening = (url: string) => {
    if (!isTTY) return print(`Dashboard at ${url}`);
    const greet = ({ brokers }: { brokers: string }) =>
      print(greeting({ config, url, brokers, hasColours }));
    cluster.then(greet, () => {});
  };
  try {
    await runRoles({ config, cluster, entry, log, onListening });
  } finally {
    (await cluster.catch(() => undefined))?.close();
  }
}

/** The user's brokers or the embedded one. `prepared` resolves when they have all topics. */
async function openCluster(config: Config, log: Log) {
  const { startEmbeddedBroker } = await import("./kafka/embedded.ts");
  const { prepare } = await import("./process/startup.ts");
  const embedded = config.isEmbedded ? startEmbeddedBroker(config) : undefined;
  const close = () => embedded?.close();
  try {
    const brokers = config.brokers ?? embedded?.brokers ?? "";
    const port = await kafka({ brokers, config, log });
    const prepared = prepare({ kafka: port, config, log });
    const text = `Embedded broker at ${brokers}. Its data is in memory and ends with Salesboard.`;
    if (embedded) log.info(text, { brokers });
    return { brokers, prepared, kafka: port, close };
  } catch (error) {
    close();
    throw error;
  }
}

type KafkaOptions = { brokers: string; config: Config; log: Log };

/** A port to the user's cluster, or to the embedded one. */
async function kafka({ brokers, config, log }: KafkaOptions): Promise<Kafka> {
  const { EMBEDDED_PROPERTIES } = await import("./kafka/embedded.ts");
  const { librdkafka } = await import("./kafka/librdkafka.ts");
  const { native } = await import("./kafka/native.ts");
  // From here on there are heartbeats and sales. They must not wait for the reader of the log.
  writeLogBy(native.standardError);
  const own = config.isEmbedded ? EMBEDDED_PROPERTIES : {};
  const properties = { ...own, ...config.rdkafka };
  // One second longer than the time-out, so that only `prepare` reports that it expired.
  return librdkafka({ brokers, properties, log, startupMs: config.startupTimeoutMs + 1_000 });
}

if (isMainThread) {
  const status = await main().catch((error: unknown) => {
    writeLastWords(`salesboard: ${messageOf(error)}\n`);
    return error instanceof SalesboardError ? error.exitStatus : 1;
  });
  await outputWritten();
  process.exit(status);
} else {
  await runRole({ roles, kafka });
}
