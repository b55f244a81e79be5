/** The command `doctor`: looks at everything that can be known before it hurts. Writes nothing. */

import { type Config, perTopic } from "../config/config.ts";
import { styleOf } from "../inspect/print-table.ts";
import type { Admin, Kafka } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { checkAccess } from "./access.ts";
import { checkBrokers } from "./brokers.ts";
import { checkGroup, checkLag } from "./counting.ts";
import { askCluster, bounded } from "./facts.ts";
import { type Finding, say, statusOf } from "./finding.ts";
import { findInputs } from "./inputs.ts";
import { findingsDocument, findingsPage } from "./print.ts";
import { checkClock, checkMapping, checkRestart, type Judging } from "./records.ts";
import { checkRights } from "./rights.ts";
import { checkDashboard, checkStream } from "./serving.ts";
import { checkKafkasOwn, checkTopics } from "./topics.ts";
import { checkTotals } from "./totals.ts";

/** The longest wait for the first answer of a broker, whatever --startup-timeout says. */
const PING_MS_MAX = 10_000;
const CLOSE_MS_MAX = 5_000;

export interface DoctorOptions {
  readonly config: Config;
  /** Asked only when there are brokers. */
  readonly kafka: () => Promise<Kafka>;
  readonly judging: () => Judging;
  /** Sentences about settings that have no effect. */
  readonly warnings: readonly string[];
  readonly hasColours: boolean;
  readonly log: Log;
  readonly print: (text: string) => void;
}

/** Returns the exit status: 0 all is well, 1 there are warnings, 2 there are problems. */
export async function runDoctor(options: DoctorOptions): Promise<0 | 1 | 2> {
  const { config, hasColours, log, print } = options;
  const findings = (
    await Promise.all([
      Promise.resolve(checkSettings(options)),
      checkCluster(options),
      Promise.resolve(checkAccess(config, log)),
      checkDashboard(config),
      checkStream(config),
    ])
  ).flat();
  print(config.json ? findingsDocument(findings) : findingsPage(findings, styleOf(hasColours)));
  return statusOf(findings);
}

/** Contradictions end the command before: what is left are names that nothing reads. */
function checkSettings({ config, warnings }: DoctorOptions): Finding[] {
  const { ok, warning } = say("settings");
  if (warnings.length > 0) return warnings.map((text) => warning(text));
  const roles = config.roles.join(", ");
  return [ok(`The settings fit each other, for the roles ${roles}`)];
}

async function checkCluster(options: DoctorOptions): Promise<Finding[]> {
  const { config } = options;
  if (config.isEmbedded) {
    const text =
      "No brokers are configured: `run` starts an embedded broker, whose data is in memory and " +
      "ends with Salesboard. Nothing else of Kafka is looked at";
    return [say("brokers").ok(text)];
  }
  const kafka = await options.kafka();
  const admin = kafka.admin();
  try {
    const pinged = await bounded(
      () => admin.ping(Math.min(PING_MS_MAX, config.startupTimeoutMs)),
      PING_MS_MAX + 1_000,
    );
    const found = await checkBrokers(config, pinged);
    if ("why" in pinged) {
      const text = "Topics, rights, totals, group and records were not looked at, without a broker";
      return [...found, say("topics").skipped(text)];
    }
    const byTopic = new Map<string, Finding[]>();
    const inputs = await findInputs(config, admin);
    for (const of of perTopic(inputs.config)) {
      const asked = { ...options, config: of, all: inputs.config, kafka, admin };
      byTopic.set(of.inputTopic, await checkInput(asked, pinged.value.brokers));
    }
    return [...found, ...inputs.findings, ...findingsOfAll(byTopic)];
  } finally {
    await bounded(() => admin.close(), CLOSE_MS_MAX);
  }
}

/** An input topic. `all`: the settings of all of them. */
type OfInput = Pick<DoctorOptions, "config" | "judging"> & { readonly all: Config };

/** Everything that belongs to the input topic of the settings. */
async function checkInput(
  of: OfInput & { kafka: Kafka; admin: Admin },
  brokers: number,
): Promise<Finding[]> {
  const { config } = of;
  const cluster = await askCluster(of, brokers);
  return [
    ...checkTopics(config, cluster),
    ...checkKafkasOwn(config, cluster),
    ...checkRights(config, cluster),
    ...checkTotals(config, cluster),
    ...checkGroup(config, cluster),
    ...checkLag(config, cluster),
    ...checkClock(config, cluster, Date.now()),
    ...(await mappingOf(of, cluster)),
    ...checkRestart(config, cluster),
  ];
}

/** What is found alike of every input topic is said once; the rest says of which it is. */
export function findingsOfAll(byTopic: ReadonlyMap<string, readonly Finding[]>): Finding[] {
  const all = [...byTopic.values()];
  const [first = [], ...others] = all;
  if (others.length === 0) return [...first];
  const isSame = (a: Finding) => (b: Finding) =>
    a.check === b.check && a.state === b.state && a.text === b.text && a.mend === b.mend;
  const common = first.filter((each) => others.every((found) => found.some(isSame(each))));
  const own = [...byTopic].flatMap(([topic, found]) => {
    const rest = found.filter((each) => !common.some(isSame(each)));
    return rest.map((each) => ({ ...each, text: `In ${topic}: ${each.text}` }));
  });
  return [...common, ...own];
}

/** Rules that do not fit the schema are a finding, as everything else. */
async function mappingOf(
  { config, judging, all }: OfInput,
  cluster: Parameters<typeof checkMapping>[1],
): Promise<Finding[]> {
  try {
    return await checkMapping(config, cluster, { ...judging(), all });
  } catch (error) {
    if (!(error instanceof SalesboardError)) throw error;
    return [say("mapping").problem(error.message)];
  }
}
