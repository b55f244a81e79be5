/** What the latest records say: of the mapping, of the clocks, and of the next restart. */

import type { Config } from "../config/config.ts";
import { resetCommand, whereOptions } from "../config/reset-command.ts";
import { commandLine, mapText, schemaOptions } from "../inspect/command-line.ts";
import { findingsOf } from "../inspect/findings.ts";
import { counted } from "../lib/text.ts";
import { arrivalWithin, judgeWhenReady } from "../mapping/awaiting.ts";
import type { TimeZone } from "../mapping/exact/zone.ts";
import type { BinaryInput } from "../mapping/input-judge.ts";
import type { Judge } from "../mapping/model/judgement.ts";
import { parseMapping } from "../mapping/rules/parse.ts";
import { printMapping } from "../mapping/rules/print.ts";
import type { ClusterFacts } from "./facts.ts";
import { bounded } from "./facts.ts";
import { type Finding, say } from "./finding.ts";

/** A schema that is not here by then is not looked at. */
const SCHEMA_MS = 5_000;
/** Clocks that are synchronised differ by less. */
const AHEAD_MS_MAX = 2_000;
/** Records a second of a restart: less than what is measured on one slow core. */
const RESTORED_PER_SECOND = 100_000;
const RESTART_SECONDS_MAX = 60;

export interface Judging {
  readonly judge: Judge;
  readonly binary: BinaryInput | undefined;
  readonly zone: TimeZone;
}

/**
 * How many of the latest records of an input topic count. `all`: the settings of all input topics,
 * which have one mapping.
 */
export async function checkMapping(
  config: Config,
  { records }: ClusterFacts,
  { judge, binary, zone, all }: Judging & { readonly all: Config },
): Promise<Finding[]> {
  const { ok, warning, problem, skipped } = say("mapping");
  const { inputTopic: topic, currency } = config;
  if ("why" in records) return [skipped(`No record of ${topic} was read: ${records.why}`)];
  const sample = records.value.map((record) => ({ topic, ...record })).reverse();
  if (sample.length === 0) return [skipped(`The topic ${topic} holds no record to judge`)];
  for (const record of binary ? sample : []) {
    const wait = () => judgeWhenReady(judge, record, (schema) => arrivalWithin(schema, SCHEMA_MS));
    const judged = await bounded(wait, SCHEMA_MS + 1_000);
    if ("why" in judged) return [problem(judged.why)];
  }
  const { present, proposal, fits } = findingsOf(sample, { judge, zone, currency, binary });
  const share = `${present.counted} of the latest ${sample.length} records of ${topic} count`;
  const is = present.filtered === 1 ? "is" : "are";
  const filtered = present.filtered > 0 ? `, and ${present.filtered} ${is} filtered` : "";
  if (fits) return [ok(`${share}${filtered}: the mapping fits`)];
  const [reason] = present.reasons;
  const why = reason ? `. The reason in ${reason.records} of them: ${reason.text}` : "";
  const isInEffect =
    proposal !== undefined &&
    config.mapping !== undefined &&
    printMapping(parseMapping(mapText(proposal))) === printMapping(config.mapping);
  // What counts them already cannot mend the others; their reasons are what to look at.
  const mend =
    proposal && !isInEffect
      ? commandLine(proposal, {
          brokers: config.brokers,
          topic,
          timeZone: zone.name,
          where: whereOptions(all),
          schema: schemaOptions(config),
        })
      : ["salesboard inspect", ...whereOptions(config)].join(" ");
  if (present.counted > 0) {
    const { deadLetters } = present;
    const letters =
      deadLetters === 1 ? "1 becomes a dead letter" : `${deadLetters} become dead letters`;
    return [warning(`${share}${filtered}, and ${letters}${why}`, mend)];
  }
  const text = `No record of ${topic} counts (the latest ${sample.length} were looked at)${why}`;
  const isFiltered = present.deadLetters === 0;
  return [(isFiltered ? warning : problem)(text, proposal ? withReset(all, mend) : mend)];
}

function withReset(config: Config, command: string): string {
  return config.isEmbedded ? command : `${resetCommand(config)} && \\\n${command}`;
}

/**
 * Kafka tells nobody what time it has. But a record whose time lies ahead of this host's clock
 * shows that the clock of its writer, or of this host, is wrong.
 */
export function checkClock(
  { inputTopic }: Pick<Config, "inputTopic">,
  { records }: ClusterFacts,
  now: number,
): Finding[] {
  const { ok, warning, skipped } = say("clock");
  const times = "value" in records ? records.value.map(({ timestamp }) => timestamp) : [];
  const newest = Math.max(Number.NEGATIVE_INFINITY, ...times);
  if (newest < 0) {
    return [
      skipped(
        "The clock is compared with nothing: Kafka tells times only by records, and there are none",
      ),
    ];
  }
  const aheadMs = newest - now;
  if (aheadMs > AHEAD_MS_MAX) {
    const ahead = `${counted(Math.round(aheadMs / 1_000), "second")} ahead of this host's clock`;
    const text = `A record of ${inputTopic} is ${ahead}: its writer's clock or this one is wrong`;
    return [warning(text, "timedatectl set-ntp true, on the host whose clock is wrong")];
  }
  return [ok(`No record of ${inputTopic} is ahead of this host's clock`)];
}

/** What an aggregator and a dashboard read before they count and show. */
export function checkRestart(config: Config, { topics }: ClusterFacts): Finding[] {
  const { ok, warning, skipped } = say("restart");
  let records = 0;
  for (const [topic, { use, marks }] of topics) {
    if (!marks || (use !== "output" && use !== "history")) continue;
    if ("why" in marks) return [skipped(`The size of ${topic} was not seen: ${marks.why}`)];
    for (const { low, high } of marks.value.values()) records += high - low;
  }
  const seconds = Math.ceil(records / RESTORED_PER_SECOND);
  const text =
    `A restart reads at most ${counted(records, "record")} of totals and history, ` +
    `in about ${counted(seconds, "second")}`;
  if (seconds <= RESTART_SECONDS_MAX) return [ok(text)];
  const { outputTopic } = config;
  const mend = `segment.bytes and min.cleanable.dirty.ratio of ${outputTopic}: see docs/operate.md`;
  return [warning(`${text}: are the topics compacted?`, mend)];
}
