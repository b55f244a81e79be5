/** Whether the user has every right that the roles need, as far as Kafka tells without a write. */

import type { Config } from "../config/config.ts";
import { rightProblem } from "../kafka/kafka.ts";
import { counted } from "../lib/text.ts";
import { allowCommand, type NeededRight, neededRights } from "../topics/rights.ts";
import type { ClusterFacts } from "./facts.ts";
import { type Asked, type Finding, say } from "./finding.ts";

const { ok, warning, problem, skipped } = say("rights");

/** Who may do this with a topic is nobody with a short list of rights. */
const RIGHT_OF_ADMINS = "ALTER_CONFIGS";

export function checkRights(config: Config, cluster: ClusterFacts): Finding[] {
  const needed = neededRights(config);
  const by = { brokers: config.brokers ?? "", user: config.rdkafka["sasl.username"] };
  const findings: Finding[] = [];
  const seen: NeededRight[] = [];
  for (const need of needed.filter(({ resource }) => resource === "Topic")) {
    const rights = rightsOn(need.name, cluster);
    if (rights === undefined) continue;
    seen.push(need);
    const text = rightProblem(need.name, need.right, { partitions: 0, rights });
    const tell = need.isOptional ? warning : problem;
    if (text) findings.push(tell(text, allowCommand(need, by)));
  }
  if (seen.length === 0) findings.push(skipped("The cluster does not say what this user may do"));
  else if (findings.length === 0) {
    findings.push(ok(`The user has all rights on topics that are needed (${seen.length})`));
  }
  return [...findings, ...ofGroup(needed, cluster, by), ...ofIds(config, needed, cluster, by)];
}

/** Undefined = unknown. */
function rightsOn(topic: string, { topics }: ClusterFacts): readonly string[] | undefined {
  const described = topics.get(topic)?.described;
  if (!described) return undefined;
  if ("value" in described) return described.value?.rights;
  return isRefused(described) ? [] : undefined;
}

type By = Parameters<typeof allowCommand>[1];

function ofGroup(needed: readonly NeededRight[], { members }: ClusterFacts, by: By): Finding[] {
  const need = needed.find(({ resource }) => resource === "Group");
  if (!need) return [];
  return isRefused(members) ? [problem(members.why, allowCommand(need, by))] : [];
}

function isRefused<T>(asked: Asked<T>): asked is Extract<Asked<T>, { why: string }> {
  return "why" in asked && /AUTHORIZATION_FAILED$/.test(asked.code ?? "");
}

/** Kafka tells nobody about this right: it can only be used, and that writes. */
function ofIds(
  { group }: Config,
  needed: readonly NeededRight[],
  { topics, notes }: ClusterFacts,
  by: By,
): Finding[] {
  const need = needed.find(({ resource }) => resource === "TransactionalId");
  const all = [...topics.values()].map(({ described }) => described);
  const told = all.flatMap((one) => ("value" in one ? (one.value?.rights ?? []) : []));
  if (!need || told.length === 0 || told.includes(RIGHT_OF_ADMINS)) return [];
  const written = "value" in notes ? [...notes.value.values()] : [];
  const ours = written.filter((note) => note.group === group).length;
  if (ours > 0) {
    const text = `Group ${group} has written transactions in ${counted(ours, "partition")}`;
    return [ok(`${text}, so that it had the right to`)];
  }
  const text = `The right Write on TransactionalId ${group}-… cannot be seen without a write`;
  return [skipped(text, allowCommand(need, by))];
}
