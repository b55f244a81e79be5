/** Who counts, and how far the count is. */

import type { Config } from "../config/config.ts";
import { explained, groupUse, memberNames, ownersOf, strangersAmong } from "../kafka/kafka.ts";
import { counted } from "../lib/text.ts";
import type { Bookkeeping } from "../wire/bookkeeping.ts";
import type { ClusterFacts } from "./facts.ts";
import { type Finding, say } from "./finding.ts";

export function checkGroup(config: Config, { members, topics }: ClusterFacts): Finding[] {
  const { ok, problem, warning, skipped } = say("group");
  const { group, inputTopic } = config;
  if ("why" in members)
    return [skipped(`The members of group ${group} were not seen: ${members.why}`)];
  const all = members.value;
  if (all.length === 0) return [ok(`Group ${group} has no members: no aggregator runs`)];
  const use = groupUse(config);
  const { stranger } = ownersOf(undefined, all, use);
  if (stranger) return [problem(stranger, "Stop that program, or --group ID")];
  const strangers = strangersAmong(all, use);
  if (strangers.length > 0) {
    const text = explained("INCONSISTENT_GROUP_PROTOCOL", memberNames(strangers), { group });
    return [warning(text, "--group ID")];
  }
  const described = topics.get(inputTopic)?.described;
  const partitions = described && "value" in described ? described.value?.partitions : undefined;
  const idle = all.length - (partitions ?? all.length);
  const rest = idle > 0 ? `; ${idle} of them without a partition` : "";
  return [ok(`Group ${group} has ${counted(all.length, "member")}: ${memberNames(all)}${rest}`)];
}

/** Records that wait, and records that retention has removed before they were counted. */
export function checkLag(config: Config, cluster: ClusterFacts): Finding[] {
  const { ok, warning, skipped } = say("lag");
  const { inputTopic, group } = config;
  const { offsets, notes, topics, members } = cluster;
  const marks = topics.get(inputTopic)?.marks;
  if (!marks) return [];
  if ("why" in marks) return [skipped(`The end of ${inputTopic} was not seen: ${marks.why}`)];
  const byNote = "value" in notes ? notes.value : new Map<number, Bookkeeping>();
  const byGroup = "value" in offsets ? offsets.value : new Map<number, number | null>();
  let [waiting, lost] = [0, 0];
  for (const [partition, { low, high }] of marks.value) {
    const next = byNote.get(partition)?.inputOffset ?? byGroup.get(partition) ?? undefined;
    waiting += Math.max(0, high - Math.max(low, next ?? low));
    if (next !== undefined) lost += Math.max(0, low - next);
  }
  const findings: Finding[] = [];
  if (lost > 0) {
    const text = `${counted(lost, "record")} of ${inputTopic} left the topic before being counted`;
    findings.push(warning(text, "Raise retention.ms of the topic, and keep an aggregator running"));
  }
  const is = waiting === 1 ? "waits" : "wait";
  const text = `${counted(waiting, "record")} of ${inputTopic} ${is}`;
  const isAlone = "value" in members && members.value.length === 0;
  if (waiting > 0 && isAlone && !config.isEmbedded) {
    const what = `${text}, and no aggregator of group ${group} runs`;
    return [...findings, warning(what, "Start one: salesboard aggregate, with these options")];
  }
  return [...findings, ok(waiting === 0 ? `No record of ${inputTopic} waits` : `${text} at most`)];
}
