/**
 * The command `reset`: deletes what was counted, so that an aggregator counts anew from the start of
 * the input. The input and the dead letters stay.
 *
 * The order makes half a reset safe. The totals go first: totals that stay go on from where they
 * end, also without an offset or a history, and would undo the reset. The offsets go last: an
 * aggregator refuses offsets without totals, and so counts nothing until the reset is complete.
 */

import { boardTopicsAmong, type Config, type InputSettings, perTopic } from "../config/config.ts";
import { type Admin, type Kafka, KafkaError, memberNames } from "../kafka/kafka.ts";
import { SalesboardError, usageError } from "../lib/errors.ts";
import { counted, withoutStop } from "../lib/text.ts";

export interface ResetOptions {
  readonly kafka: Kafka;
  readonly config: InputSettings & Pick<Config, "yes">;
  readonly print: (text: string) => void;
  /** Asks on the terminal; undefined = there is no terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

interface Doomed {
  /** Existing topics, in the order in which they are deleted, with their partitions. */
  readonly topics: readonly {
    readonly name: string;
    readonly holds: string;
    readonly partitions: number;
  }[];
  /** Partitions of the input in which the group has an offset. */
  readonly offsets: readonly number[];
}

/**
 * Returns the exit status: 0 when nothing is left of the totals, 1 when the user said no.
 * @throws SalesboardError when a group has members, nobody can be asked, or Kafka refuses
 */
export async function runReset({ kafka, config, print, ask }: ResetOptions): Promise<0 | 1> {
  const admin = kafka.admin();
  const topics = perTopic(config);
  try {
    for (const { group } of topics) await refuseMembers(admin, group);
    const doomed: (readonly [ResetOptions["config"], Doomed])[] = [];
    for (const of of topics) doomed.push([of, await find(kafka, admin, of)]);
    const there = doomed.filter(([, { topics, offsets }]) => topics.length + offsets.length > 0);
    if (there.length === 0) {
      for (const of of topics) print(nothing(of));
      return 0;
    }
    print(listOf(there));
    if (!config.yes && !(await isAgreed(ask))) {
      print("Nothing was deleted.");
      return 1;
    }
    // Somebody may have started an aggregator while the question was open.
    for (const { group } of topics) await refuseMembers(admin, group);
    for (const [{ group, inputTopic }, { topics, offsets }] of there) {
      for (const { name } of topics) await admin.deleteTopic(name);
      await admin.deleteOffsets(group, inputTopic, offsets);
    }
    print("Deleted. An aggregator that starts now counts anew from the start of the input.");
    return 0;
  } catch (cause) {
    throw resetError(cause);
  } finally {
    await admin.close();
  }
}

function resetError(cause: unknown): unknown {
  if (!(cause instanceof KafkaError)) return cause;
  if (cause.code === "_UNSUPPORTED_FEATURE") {
    return usageError(
      "Cannot reset at these brokers: they cannot delete topics and offsets. An embedded broker keeps " +
        "its data in memory, so that each start counts anew.",
    );
  }
  const reason = withoutStop(cause.message);
  const advice = "What is deleted so far does no harm: type the same command again";
  return new SalesboardError(`Cannot reset: ${reason}. ${advice}.`, { final: true, cause });
}

function nothing({ outputTopic, historyTopic, group, inputTopic }: ResetOptions["config"]): string {
  return (
    `Nothing to delete: there is neither a topic ${outputTopic} nor ` +
    `${historyTopic}, and group ${group} has no offset in ${inputTopic}.`
  );
}

async function refuseMembers(admin: Admin, group: string): Promise<void> {
  const members = await admin.groupMembers(group);
  if (members.length === 0) return;
  const count = members.length === 1 ? "1 member" : `${members.length} members`;
  throw new SalesboardError(
    `Cannot reset: group ${group} has ${count}, ${memberNames(members)}. Stop all aggregators of ` +
      "the group first. A process that was killed stays a member until its session ends.",
    { final: true },
  );
}

async function find(
  kafka: Kafka,
  admin: Admin,
  { inputTopic, outputTopic, historyTopic, deadLetterTopic, group }: ResetOptions["config"],
): Promise<Doomed> {
  const topics: Doomed["topics"][number][] = [];
  // Those of former mappings too: their totals would belong to nothing.
  const boards = boardTopicsAmong(await admin.topicNames(), outputTopic);
  const holdings = new Map([
    [outputTopic, "totals"],
    ...boards.map(({ name, topic }) => [topic, `totals by ${name}`] as const),
  ]);
  if (!holdings.has(historyTopic)) holdings.set(historyTopic, "history");
  for (const [name, holds] of holdings) {
    // With --history off, nothing else keeps the name of the history topic apart.
    if (name === inputTopic || name === deadLetterTopic) continue;
    const described = await admin.describeTopic(name);
    if (described) topics.push({ name, holds, partitions: described.partitions });
  }
  const input = await admin.describeTopic(inputTopic);
  if (!input) return { topics, offsets: [] };
  const partitions = Array.from({ length: input.partitions }, (_, id) => id);
  const observer = kafka.groupConsumer({ topic: inputTopic, group });
  try {
    const committed = await observer.committed(partitions);
    const offsets = committed.flatMap(({ partition, offset }) =>
      offset === null ? [] : [partition],
    );
    return { topics, offsets };
  } finally {
    await observer.close();
  }
}

function listOf(all: readonly (readonly [ResetOptions["config"], Doomed])[]): string {
  const lines = all.flatMap(([{ inputTopic, group }, { topics, offsets }]) => {
    const doomed = topics.map(({ name, holds, partitions }) => {
      return `  topic ${name}: the ${holds}, ${counted(partitions, "partition")}`;
    });
    if (offsets.length === 0) return doomed;
    const where = `in ${counted(offsets.length, "partition")} of ${inputTopic}`;
    return [...doomed, `  offsets of group ${group} ${where}`];
  });
  const names = all.flatMap(([{ inputTopic, deadLetterTopic }]) => [inputTopic, deadLetterTopic]);
  const [last, ...others] = [...new Set(names)].reverse();
  const stays = `${others.reverse().join(", ")} and ${last} stay as they are.`;
  return ["This will be deleted:", ...lines, stays].join("\n");
}

/** @throws SalesboardError with exit status 2 when nobody can be asked */
async function isAgreed(ask: ResetOptions["ask"]): Promise<boolean> {
  if (!ask) {
    throw usageError(
      "Cannot reset without an answer: standard input is not a terminal. Read the list, and add --yes.",
    );
  }
  const answer = await ask("Delete all of this? Type yes: ");
  return /^y(es)?$/i.test(answer.trim());
}
