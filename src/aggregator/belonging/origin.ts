/** Where totals come from: one input topic of one cluster, by their ids and not by name alone. */

import { type ResetSettings, resetCommand } from "../../config/reset-command.ts";
import { type Admin, KafkaError } from "../../kafka/kafka.ts";
import type { RoleContext } from "../../role.ts";
import type { InputOrigin, OwnedPartition } from "../../state/owned-partition.ts";
import { type Bookkeeping, isOther } from "../../wire/bookkeeping.ts";

/** The time between two questions while partitions are read. */
const INTERVAL_MS = 5_000;

/** Asks the cluster what the input topic is. */
export class OriginSource {
  /** By the last answer. Ids that the cluster does not tell are compared with nothing. */
  origin: InputOrigin;
  readonly #context: Pick<RoleContext, "clock" | "config">;
  readonly #admin: Admin;
  #askedAt: number;
  #isAsking = false;

  constructor(context: Pick<RoleContext, "clock" | "config">, admin: Admin) {
    this.origin = { inputTopic: context.config.inputTopic };
    this.#context = context;
    this.#admin = admin;
    this.#askedAt = context.clock.now();
  }

  /**
   * A topic that is not there for the moment is the former one until the cluster says otherwise.
   * @throws KafkaError
   */
  async ask(): Promise<void> {
    const { inputTopic } = this.#context.config;
    this.#askedAt = this.#context.clock.now();
    const identity = await this.#admin.identity(inputTopic);
    if (!identity) return;
    this.origin = { inputTopic, inputTopicId: identity.topicId, clusterId: identity.clusterId };
  }

  /** Cheap enough for every turn of the loop. */
  tick(): void {
    if (this.#isAsking || this.#context.clock.now() - this.#askedAt < INTERVAL_MS) return;
    void this.#askLater();
  }

  async #askLater(): Promise<void> {
    this.#isAsking = true;
    try {
      await this.ask();
    } catch (error) {
      // The broker is unreachable. The loop itself finds that out and says so.
      if (!(error instanceof KafkaError)) throw error;
    } finally {
      this.#isAsking = false;
    }
  }

  /** The partition was restored from another topic or cluster than the one that is there now. */
  isOther({ origin }: Pick<OwnedPartition, "origin">): boolean {
    return (
      isOther(origin.inputTopicId, this.origin.inputTopicId) ||
      isOther(origin.clusterId, this.origin.clusterId)
    );
  }
}

/** Why totals with this bookkeeping were counted from something else; undefined if not. */
export function foreignOrigin(
  bookkeeping: Bookkeeping,
  origin: InputOrigin,
  config: ResetSettings,
): string | undefined {
  const { outputTopic } = config;
  const { inputTopic, clusterId, inputTopicId } = bookkeeping;
  if (inputTopic !== undefined && inputTopic !== origin.inputTopic) {
    return (
      `the totals in ${outputTopic} were counted from the input topic ${inputTopic}, not from ` +
      `${origin.inputTopic}, and two input topics cannot share an output topic. Run with another ` +
      `--output-topic and another --group, or, ${startOver(config)}`
    );
  }
  return anewProblem({ clusterId, inputTopicId }, origin, config);
}

/** Why the input topic is another than that of `before`, by its ids; undefined if it is not. */
export function anewProblem(
  before: Pick<InputOrigin, "clusterId" | "inputTopicId">,
  origin: InputOrigin,
  config: ResetSettings,
): string | undefined {
  const { inputTopic, outputTopic } = config;
  if (isOther(before.clusterId, origin.clusterId)) {
    return (
      `the totals in ${outputTopic} were counted in the Kafka cluster ${before.clusterId}, and ` +
      `this is the cluster ${origin.clusterId}: offsets of one mean nothing in the other. Run ` +
      `with the brokers of the former cluster, or, ${startOver(config)}`
    );
  }
  if (!isOther(before.inputTopicId, origin.inputTopicId)) return undefined;
  return (
    `the input topic ${inputTopic} was deleted and created again: the totals in ${outputTopic} ` +
    `were counted from the topic with the id ${before.inputTopicId}, and its id is ` +
    `${origin.inputTopicId} now. No record of the new topic is counted; ${startOver(config)}`
  );
}

/** Why the log of an input partition is not the one that was read up to `position`. */
export function cutProblem(
  partition: { id: number; position: number },
  { cutAt, high }: { cutAt: number | undefined; high: number },
  config: ResetSettings,
): string | undefined {
  const { id, position } = partition;
  const end = cutAt ?? high;
  if (end >= position) return undefined;
  const others = cutAt === undefined ? 0 : Math.max(0, Math.min(high, position) - cutAt);
  return (
    `the log of the input topic ${config.inputTopic}, partition ${id}, was cut at offset ${end}, ` +
    `as after an unclean leader election: ${position - end} records that were read are gone, and ` +
    `${others} others that stand in their place are not counted; ${startOver(config)}`
  );
}

/** What to do about totals that cannot go on, for the end of a sentence. */
export function startOver(config: ResetSettings): string {
  return `to count anew, stop all aggregators and type \`${resetCommand(config)}\``;
}
