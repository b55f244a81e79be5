/**
 * Whether the totals are ours and whole, and whether Salesboard wrote what stands in our topics: in
 * the words of the aggregator, which would refuse partitions for the same reasons.
 */

import { dimensionContradiction } from "../aggregator/belonging/dimensions.ts";
import { contradictionOf, movedGroup, otherMapping } from "../aggregator/belonging/laws.ts";
import { cutProblem, foreignOrigin } from "../aggregator/belonging/origin.ts";
import type { Config } from "../config/config.ts";
import { headerOf } from "../dashboard/records/dead-letters.ts";
import { Totals } from "../domain/totals.ts";
import { memberNames } from "../kafka/kafka.ts";
import { counted, shellQuoted } from "../lib/text.ts";
import { historyContradiction } from "../state/history-log.ts";
import type { InputOrigin } from "../state/owned-partition.ts";
import type { Restored } from "../state/totals-log.ts";
import type { Bookkeeping } from "../wire/bookkeeping.ts";
import { HELD_UP, TOO_MUCH } from "./contents.ts";
import { type ClusterFacts, partitionsOf } from "./facts.ts";
import { type Asked, type Finding, say } from "./finding.ts";

/** Different reasons that are told of. Each partition can have its own, with its offsets. */
const REASONS_TOLD_MAX = 3;

const { ok, problem, warning, skipped } = say("totals");

export function checkTotals(config: Config, cluster: ClusterFacts): Finding[] {
  const { outputTopic } = config;
  const { notes, contents } = cluster;
  // `produce` has no totals.
  if (!cluster.topics.has(outputTopic)) return [ok(`The topic ${outputTopic} is not looked at`)];
  const unread = "why" in contents.output ? ofUnread(outputTopic, contents.output) : [];
  if ("why" in notes) {
    const told = unread.filter(({ state }) => state === "warning");
    return [skipped(`The totals in ${outputTopic} were not read: ${notes.why}`), ...told];
  }
  const bad = [
    ...ofRefusals(config, cluster),
    ...ofOtherGroups(config, cluster, notes.value),
    ...ofHistory(config, cluster),
    ...ofLetters(config, cluster),
    ...unread,
  ];
  if (bad.some(({ state }) => state !== "skipped")) return bad;
  if (notes.value.size === 0) {
    const none = "value" in contents.output ? "no totals yet" : "no bookkeeping near its end";
    return [ok(`The topic ${outputTopic} holds ${none}`), ...bad];
  }
  const records = [...notes.value.values()].reduce((sum, note) => sum + note.records, 0n);
  const where = counted(notes.value.size, "partition");
  const holds = `The topic ${outputTopic} holds what was counted of ${records} records, in ${where}`;
  return [ok(`${holds}${readWhole(config, cluster)}`), ...bad];
}

/** What was looked at, for the end of a sentence. */
function readWhole({ outputTopic, historyTopic }: Config, { contents }: ClusterFacts): string {
  const read = [
    ["value" in contents.output, outputTopic],
    ["value" in contents.history && contents.history.value.size > 0, historyTopic],
    ...contents.dimensions.map(({ topic, restored }) => ["value" in restored, topic] as const),
  ] as const;
  const topics = read.flatMap(([isRead, topic]) => (isRead ? [topic] : []));
  if (topics.length === 0) return "";
  return `. Salesboard wrote all that stands in ${topics.join(", ")}`;
}

function ofRefusals(config: Config, cluster: ClusterFacts): Finding[] {
  const byReason = new Map<string, number[]>();
  const { notes, contents } = cluster;
  const noted = "value" in notes ? [...notes.value.keys()] : [];
  const found = "value" in contents.output ? [...contents.output.value.keys()] : [];
  const inputs = partitionsOf(cluster.topics.get(config.inputTopic));
  for (const id of new Set([...inputs, ...noted, ...found].sort((a, b) => a - b))) {
    const reason = refusalOf(id, config, cluster);
    if (reason) byReason.set(reason, [...(byReason.get(reason) ?? []), id]);
  }
  const all = [...byReason];
  const told = all.slice(0, REASONS_TOLD_MAX).map(([reason, ids]) => {
    return problem(`Partition ${ids.join(", ")} would be refused: ${reason}`);
  });
  const rest = all.slice(REASONS_TOLD_MAX).flatMap(([, ids]) => ids);
  if (rest.length === 0) return told;
  const text = `Partition ${rest.join(", ")} would be refused for such reasons too`;
  return [...told, problem(text, "salesboard verify, with these options")];
}

function refusalOf(id: number, config: Config, cluster: ClusterFacts): string | undefined {
  const { notes, identity, topics, contents, offsets } = cluster;
  const ids = "value" in identity ? identity.value : undefined;
  const { inputTopic } = config;
  const origin = { inputTopic, inputTopicId: ids?.topicId, clusterId: ids?.clusterId };
  const note = "value" in notes ? notes.value.get(id) : undefined;
  const offset = "value" in offsets ? (offsets.value.get(id) ?? null) : null;
  const restored = readOf(contents.output, id);
  const contradiction = restored
    ? (contradictionOf(offset, restored, config, origin) ??
      ofDimensions(id, { config, cluster, restored }))
    : note && ofNote(note, origin, config);
  if (contradiction || !note) return contradiction;
  const marks = topics.get(inputTopic)?.marks;
  const high = marks && "value" in marks ? marks.value.get(id)?.high : undefined;
  if (high === undefined) return undefined;
  return cutProblem({ id, position: note.inputOffset }, { cutAt: undefined, high }, config);
}

/** Of the bookkeeping alone, because there is too much to read. */
function ofNote(note: Bookkeeping, origin: InputOrigin, config: Config): string | undefined {
  return foreignOrigin(note, origin, config) ?? otherMapping(note, config);
}

/** What a running aggregator cannot have changed between our two readings. */
function ofDimensions(
  id: number,
  of: { config: Config; cluster: ClusterFacts; restored: Restored },
): string | undefined {
  const { config, cluster, restored } = of;
  for (const { topic, restored: asked } of cluster.contents.dimensions) {
    const dimension = readOf(asked, id);
    if (!dimension) continue;
    const { problem, bookkeeping } = dimension;
    const isSure = problem !== undefined || (restored.bookkeeping && !bookkeeping);
    const found = isSure
      ? dimensionContradiction(restored, dimension, { topic, config })
      : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Undefined = it is not known. */
function readOf(asked: Asked<ReadonlyMap<number, Restored>>, id: number): Restored | undefined {
  if ("why" in asked) return undefined;
  const none = { problem: undefined, totals: new Totals(), bookkeeping: undefined, end: 0 };
  return asked.value.get(id) ?? none;
}

function ofOtherGroups(
  config: Config,
  cluster: ClusterFacts,
  notes: ReadonlyMap<number, Bookkeeping>,
): Finding[] {
  return [...cluster.others].flatMap(([other, members]) => {
    const note = [...notes.values()].find((one) => one.group === other);
    const belongs = note && movedGroup(null, note, config);
    if (!belongs) return [];
    const stop = "Stop the aggregators of one of the two groups";
    const counts = "value" in members && members.value.length > 0;
    return counts
      ? problem(`${belongs}: ${memberNames(members.value)} counts there now`, stop)
      : warning(`${belongs}: is another deployment using it?`, `--group ${shellQuoted(other)}`);
  });
}

/** It never stops the totals. In the words of the log. */
function ofHistory(config: Config, { contents }: ClusterFacts): Finding[] {
  const { history, output } = contents;
  if ("why" in history) return ofUnread(config.historyTopic, history);
  const findings: Finding[] = [];
  for (const [id, past] of history.value) {
    const restored = readOf(output, id);
    if (past.problem) {
      findings.push(warning(`The history of partition ${id} lacks sales: ${past.problem}`));
    } else if (restored && !past.bookkeeping) {
      const committed = { group: config.group, inputOffset: 0, totals: restored.totals };
      const why = historyContradiction(past, committed);
      if (why) findings.push(warning(`The history of partition ${id} would start again: ${why}`));
    }
  }
  return findings.slice(0, REASONS_TOLD_MAX);
}

function ofLetters({ deadLetterTopic }: Config, { contents }: ClusterFacts): Finding[] {
  const { letters } = contents;
  if ("why" in letters) {
    const isRight = letters.code === "TOPIC_AUTHORIZATION_FAILED";
    return isRight ? [] : [skipped(`The topic ${deadLetterTopic} was not read: ${letters.why}`)];
  }
  const foreign = letters.value.filter((letter) => headerOf(letter, "source.topic") === null);
  const [newest] = foreign;
  if (!newest) return [];
  const { partition, offset } = newest;
  const are = foreign.length === 1 ? "is no letter" : "are no letters";
  const text =
    `${foreign.length} of the latest ${letters.value.length} records of ${deadLetterTopic} ${are} ` +
    `of Salesboard, such as the one in partition ${partition} at offset ${offset}: the page shows ` +
    "them without a reason";
  return [warning(text, "Keep the program that wrote there away, or --dead-letter-topic NAME")];
}

function ofUnread(topic: string, { why, code }: { why: string; code: string | undefined }) {
  if (code === HELD_UP) return [warning(why)];
  const text = `Not each record of ${topic} was looked at: ${why}`;
  return [skipped(text, code === TOO_MUCH ? "salesboard verify, with these options" : undefined)];
}
