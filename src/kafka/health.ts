/** Says in words why a partition of a topic cannot be read or written, from its description. */

/** A partition as its cluster sees it, with the ids of brokers. */
export interface PartitionState {
  /** −1 = the partition has no leader: nobody can read or write it. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

export interface TopicDescription {
  partitions: number;
  /** By partition; undefined = the cluster did not say. */
  states?: readonly PartitionState[];
  /** What the user may do with the topic, such as "WRITE"; undefined = the cluster did not say. */
  rights?: readonly string[];
  /** The ids of the brokers that are up. */
  brokers?: readonly number[];
}

/** The right to an operation, as Kafka names it. */
export type Right = "Read" | "Write";

/** "no right to write to …", when the cluster says that the user lacks it. */
export function rightProblem(
  topic: string,
  right: Right,
  { rights }: TopicDescription,
): string | undefined {
  if (!rights || rights.includes(right.toUpperCase()) || rights.includes("ALL")) return undefined;
  return missingRight(topic, right);
}

/** The sentence for a right on a topic that the user lacks. */
export function missingRight(topic: string, right: Right): string {
  const verb = right === "Read" ? "read" : "write to";
  return (
    `there is no right to ${verb} the topic ${topic}: the user needs the operation ${right} on ` +
    `the resource Topic ${topic} (kafka-acls.sh --add --operation ${right} --topic ${topic})`
  );
}

/** Partitions of the topic without a leader. Nobody can read or write them. */
export function leaderless({ states = [] }: TopicDescription): number[] {
  return states.flatMap(({ leader }, partition) => (leader < 0 ? [partition] : []));
}

/** Partitions of the topic that can be asked about: one without a leader holds up an answer. */
export function ledPartitions(description: TopicDescription): number[] {
  const headless = new Set(leaderless(description));
  const all = Array.from({ length: description.partitions }, (_, id) => id);
  return all.filter((id) => !headless.has(id));
}

/**
 * "broker 2 at kafka-2:9092, which leads partition 0 of out, does not answer …": what is known when
 * nobody says where the partitions `silent` end, and a broker answers. Undefined = `cluster` knows
 * nothing of these partitions.
 */
export function silenceProblem(
  topic: string,
  silent: readonly number[],
  cluster: SeenCluster,
): string | undefined {
  const states = cluster.topics.find(({ name }) => name === topic)?.partitions ?? [];
  const byLeader = new Map<number, number[]>();
  for (const partition of silent) {
    const leader = states[partition]?.leader ?? -1;
    if (leader >= 0) byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition]);
  }
  const brokers = cluster.brokers.map(({ id }) => id);
  const described = { partitions: states.length, states, brokers };
  const headless = headlessProblem(topic, described, silent);
  const unheard = byLeader.size > 0 ? unheardProblem(topic, byLeader, cluster) : undefined;
  return [headless, unheard].filter((problem) => problem !== undefined).join("; ") || undefined;
}

function unheardProblem(
  topic: string,
  byLeader: ReadonlyMap<number, readonly number[]>,
  { brokers: all }: SeenCluster,
): string {
  const addresses = new Map(all.map(({ id, address }) => [id, address]));
  const brokers = [...byLeader].map(([id, partitions]) => {
    const what = partitions.length === 1 ? "partition" : "the partitions";
    const place = addresses.get(id);
    return `broker ${id}${place ? ` at ${place}` : ""}, which leads ${what} ${partitions.join(", ")} of ${topic},`;
  });
  const one = brokers.length === 1;
  // One of them has said so much. Leaders that have just changed answer for a partition soon.
  if (byLeader.size >= all.length) {
    const silent = [...byLeader.values()].flat().length;
    const what = silent === 1 ? "where that partition ends" : "where these partitions end";
    return `${brokers.join(" and ")} ${one ? "has" : "have"} not said yet ${what}`;
  }
  const [verb, question] = one
    ? ["does", "look whether it runs, and whether its address can be reached from here"]
    : ["do", "look whether they run, and whether their addresses can be reached from here"];
  return `${brokers.join(" and ")} ${verb} not answer, though other brokers do: ${question}`;
}

/** Notes which leaders do not answer a question, and tells the caller who asked it. */
export class SilentLeaders {
  readonly #topic: string;
  readonly #tell: ((problem: string) => void) | undefined;
  #problem: string | undefined;

  constructor(topic: string, tell: ((problem: string) => void) | undefined) {
    this.#topic = topic;
    this.#tell = tell;
  }

  /** What the last look says; undefined = no broker answered it. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** `cluster`: what is known of it; undefined = no broker has answered. */
  note(silent: readonly number[], cluster: SeenCluster | undefined): void {
    this.#problem = cluster && silenceProblem(this.#topic, silent, cluster);
    if (this.#problem) this.#tell?.(this.#problem);
  }
}

/** What a broker says of its cluster. */
export interface SeenCluster {
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly PartitionState[];
  }[];
  readonly brokers: readonly { readonly id: number; readonly address: string }[];
}

/** "partition 2 of out has no leader, because …", or undefined when it has one. */
export function leaderProblem(
  topic: string,
  partition: number,
  description: TopicDescription,
): string | undefined {
  const state = description.states?.[partition];
  if (!state || state.leader >= 0) return undefined;
  const away = absent(state, description);
  // Without a list of brokers it is not known who is up.
  const areUp = away.length === 0 && (description.brokers ?? []).length > 0;
  const names = away.length > 0 ? away : state.replicas;
  const which = `its broker${names.length === 1 ? "" : "s"} ${names.join(", ")}`;
  const verb = names.length === 1 ? "is" : "are";
  const none = `partition ${partition} of ${topic} has no leader`;
  if (!areUp) return `${none}, because ${which} ${verb} away`;
  return (
    `${none}, although ${which} ${verb} up: another one is elected just now, or a disk is full or ` +
    "broken, or no replica is in sync (the log of the broker says which)"
  );
}

/** The problem of the first of `among` without a leader, and which others have none. */
export function headlessProblem(
  topic: string,
  description: TopicDescription,
  among?: readonly number[],
): string | undefined {
  const [first, ...others] = leaderless(description).filter((id) => among?.includes(id) ?? true);
  const problem = first === undefined ? undefined : leaderProblem(topic, first, description);
  if (problem === undefined || others.length === 0) return problem;
  return `${problem} (and so for the partitions ${others.join(", ")})`;
}

/** "only 1 of 3 replicas of partition 2 of out is in sync …", or undefined when all are. */
export function syncProblem(
  topic: string,
  partition: number,
  { states }: TopicDescription,
): string | undefined {
  const state = states?.[partition];
  if (!state || state.inSync.length >= state.replicas.length) return undefined;
  const { inSync, replicas } = state;
  return (
    `only ${inSync.length} of ${replicas.length} in-sync replicas are left of partition ` +
    `${partition} of ${topic}, and its min.insync.replicas may ask for more`
  );
}

/** "1 of 3 brokers answers", or undefined when all do. The replicas name all brokers. */
function brokersProblem({ states = [], brokers = [] }: TopicDescription) {
  const all = new Set(states.flatMap(({ replicas }) => replicas));
  for (const id of brokers) all.add(id);
  if (brokers.length >= all.size) return undefined;
  return `${brokers.length} of ${all.size} brokers answer${brokers.length === 1 ? "s" : ""}`;
}

/** What the cluster says against reading the topic, as a clause. */
export function readProblem(topic: string, described: TopicDescription): string | undefined {
  const reason = rightProblem(topic, "Read", described) ?? headlessProblem(topic, described);
  const brokers = brokersProblem(described);
  return reason && brokers ? `${reason}; ${brokers}` : reason;
}

function absent({ replicas }: PartitionState, { brokers = [] }: TopicDescription): number[] {
  return replicas.filter((id) => !brokers.includes(id));
}

/** Partitions that are named beside their offsets. */
const HELD_NAMED_MAX = 3;

/**
 * What holds up the readers of a topic, as a clause. `held`: partition → the offset of the first
 * record of a transaction that is undecided.
 */
export function undecidedProblem(topic: string, held: ReadonlyMap<number, number>): string {
  const all = [...held];
  const named = all.slice(0, HELD_NAMED_MAX).map(([id, offset]) => `${id} (offset ${offset})`);
  if (all.length > named.length) named.push(`${all.length - named.length} more`);
  const [first = 0] = held.keys();
  return (
    `in ${topic}, nothing behind an undecided transaction can be read, in partition ` +
    `${named.join(", ")}: its program must end the transaction, or Kafka does when that program ` +
    `has died. If it lasts, kafka-transactions.sh describe-producers --topic ${topic} ` +
    `--partition ${first} says whose it is`
  );
}
