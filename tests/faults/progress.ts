/** How far a group is, asked through the port: an answer costs milliseconds and starts no JVM. */

import type { Admin, Consumer, Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { quietLog } from "../support/context.ts";
import { waitFor } from "../support/wait.ts";

/** Partition → offset. */
type Offsets = Map<number, number>;

export class GroupProgress {
  readonly #topic: string;
  readonly #admin: Admin;
  /** Never polled, so that it is no member of the group. */
  readonly #group: Consumer;
  #lacking = "";

  constructor({ brokers, topic, group }: { brokers: string; topic: string; group: string }) {
    const kafka: Kafka = librdkafka({ brokers, properties: {}, log: quietLog });
    this.#topic = topic;
    this.#admin = kafka.admin();
    this.#group = kafka.groupConsumer({ topic, group });
  }

  /** Unless the fault has made it. */
  async createTopic(partitions: number): Promise<void> {
    if (await this.#admin.describeTopic(this.#topic)) return;
    const options = { partitions, replicationFactor: undefined, config: {} };
    await this.#admin.createTopic(this.#topic, options);
  }

  /** What was committed of the partitions that did not fit when last asked: changes by progress. */
  get lacking(): string {
    return this.#lacking;
  }

  /** Where the topic ends now, or as soon as the broker answers. */
  ends(timeoutMs?: number): Promise<Offsets> {
    return waitFor(() => this.#ends().catch(() => undefined), {
      what: `the ends of topic ${this.#topic}`,
      timeoutMs,
    });
  }

  /** A record at or behind each of these offsets is counted. */
  isBeyond(offsets: Offsets): Promise<boolean> {
    return this.#compare(offsets, (committed, offset) => committed > offset);
  }

  /** All records before these offsets are counted. */
  hasReached(offsets: Offsets): Promise<boolean> {
    return this.#compare(offsets, (committed, offset) => committed >= offset);
  }

  /** For people, when a wait was in vain: by partition, what is committed and where it ends. */
  async described(timeoutMs: number): Promise<string> {
    const ends = await this.ends(timeoutMs);
    const committed = await this.#group.committed([...ends.keys()]);
    const partitions = committed.map(({ partition, offset }) => {
      return `${partition}: ${offset ?? "nothing"} of ${ends.get(partition)}`;
    });
    return `Committed ${partitions.join(", ")}.`;
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#admin.close(), this.#group.close()]);
  }

  async #ends(): Promise<Offsets> {
    const { partitions = 0 } = (await this.#admin.describeTopic(this.#topic)) ?? {};
    if (partitions === 0) throw new Error(`There is no topic ${this.#topic}.`);
    const ids = Array.from({ length: partitions }, (_, partition) => partition);
    const marks = await Promise.all(ids.map((id) => this.#admin.watermarks(this.#topic, id)));
    return new Map(marks.map(({ high }, partition) => [partition, high]));
  }

  /** False too while the broker does not answer. */
  async #compare(
    offsets: Offsets,
    fits: (committed: number, offset: number) => boolean,
  ): Promise<boolean> {
    const answers = await this.#group.committed([...offsets.keys()]).catch(() => undefined);
    if (!answers) return false;
    const lacking = answers.filter(({ partition, offset }) => {
      return !fits(offset ?? 0, offsets.get(partition) as number);
    });
    this.#lacking = lacking.map(({ partition, offset }) => `${partition}: ${offset}`).join(", ");
    return lacking.length === 0;
  }
}
