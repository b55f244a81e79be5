/**
 * Ends undecided transactions that nobody else will end. Kafka 4.3.1 can lose the markers of a
 * transaction that it ends while its broker starts. Readers then wait for ever.
 */

import {
  type Consumer,
  type Kafka,
  KafkaError,
  ledPartitions,
  RecordBatch,
  type TransactionalProducer,
} from "../../kafka/kafka.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { HeldUpError } from "../../state/held-up.ts";

/** Longer than the transaction of a dead process can stay open. */
const UNDECIDED_MS_MAX = 30_000;
/** Another program's transaction cannot be ended here, however often it is tried. */
const TRIES_MAX = 3;

/** No product, day or bookkeeping has such a key. */
const RECORD_KEY = new TextEncoder().encode("\0release");

/** Where records of a transaction can stand. */
export interface WrittenPartitions {
  readonly topics: readonly string[];
  readonly partitions: readonly number[];
}

export interface Means {
  kafka: Pick<Kafka, "admin" | "transactionalProducer">;
  log: Log;
  /** Repeats a step until its outcome is known. */
  untilDefinite: (step: () => Promise<void>) => Promise<void>;
  /** Writes a batch, and waits until it has arrived. */
  deliver: (
    producer: TransactionalProducer,
    written: { topic: string; batch: RecordBatch },
  ) => Promise<void>;
}

interface Held {
  readonly offset: number;
  /** Since when readers wait, or the last try. */
  readonly since: number;
  readonly tries: number;
}

export class Undecided {
  readonly #clock: Pick<Clock, "now">;
  /** By topic and partition. */
  readonly #held = new Map<string, Held>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** The partitions of which the transaction is to be ended now. Each call counts as a try. */
  due({ topic, held, silenceMs }: Pick<HeldUpError, "topic" | "held" | "silenceMs">): number[] {
    const now = this.#clock.now();
    return [...held].flatMap(([partition, offset]) => {
      const place = `${topic} ${partition}`;
      const before = this.#held.get(place);
      const known = before?.offset === offset ? before : { since: now - silenceMs, tries: 0 };
      const { since, tries } = known;
      const isDue = now - since >= UNDECIDED_MS_MAX && tries < TRIES_MAX;
      this.#held.set(
        place,
        isDue ? { offset, since: now, tries: tries + 1 } : { offset, ...known },
      );
      return isDue ? [partition] : [];
    });
  }
}

/**
 * Aborts what each of the ids in `writers` left undecided: offsets of the partition beside it, and
 * records on the partitions of `records`. A new producer of the id sends offsets, writes there, and
 * aborts; the markers of the abort end all that was undecided in these places.
 */
export async function endUndecided(
  by: Means,
  of: {
    consumer: Consumer;
    writers: ReadonlyMap<string, number>;
    records: WrittenPartitions | undefined;
  },
): Promise<void> {
  const { kafka, log, untilDefinite, deliver } = by;
  const { consumer, writers, records } = of;
  for (const [transactionalId, partition] of writers) {
    const producer = kafka.transactionalProducer({ transactionalId });
    try {
      await untilDefinite(() => producer.init());
      producer.begin();
      for (const written of records ? nothingFor(records) : []) await deliver(producer, written);
      // Any offset will do, because it is never committed.
      const positions = [{ partition, offset: 0 }];
      await untilDefinite(() => producer.sendOffsets(consumer, positions));
      await untilDefinite(() => producer.abort());
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      // Another id may be the one. If none is, the offsets stay pending, and that is logged.
      log.warning(error.message, { code: error.code, transactionalId });
    } finally {
      await producer.close();
    }
  }
}

/**
 * Writes to each partition of the dead-letter topic that has a leader, so that the abort of this
 * transaction ends the letters of an earlier one of the same id. No restore reads that topic and
 * would find them.
 * @throws KafkaError when Kafka does not say which partitions there are
 */
export async function coverLetters(
  { kafka, deliver }: Means,
  producer: TransactionalProducer,
  topic: string,
): Promise<void> {
  const admin = kafka.admin();
  try {
    const described = await admin.describeTopic(topic);
    // What has no leader would end this transaction in doubt, and the next one as well.
    const partitions = described ? ledPartitions(described) : [];
    for (const written of nothingFor({ topics: [topic], partitions })) {
      await deliver(producer, written);
    }
  } finally {
    await admin.close();
  }
}

/** One record on each partition of each topic. */
function nothingFor({ topics, partitions }: WrittenPartitions) {
  const recordsMax = partitions.length;
  const batch = new RecordBatch({ recordsMax, bytesMax: recordsMax * RECORD_KEY.length });
  for (const partition of partitions) batch.append({ key: RECORD_KEY, value: null, partition });
  return topics.map((topic) => ({ topic, batch }));
}
