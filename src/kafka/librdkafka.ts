/** The port `kafka.ts` on librdkafka: which client gets which settings, and why. */

import { timeoutsMs } from "../config.ts";
import type { Log } from "../log.ts";
import type { Kafka } from "./kafka.ts";
import {
  LibrdkafkaAdmin,
  LibrdkafkaConsumer,
  LibrdkafkaProducer,
  LibrdkafkaTransactionalProducer,
} from "./librdkafka-clients.ts";
import { type NativeConfig, type NativeEvent, native } from "./native.ts";

/** For every client. The user's own properties come after these. */
const COMMON: NativeConfig = {
  "client.id": "salesboard",
  "log.connection.close": "false",
  // A broker that is back is found within seconds, not after librdkafka's ten.
  "reconnect.backoff.ms": "50",
  "reconnect.backoff.max.ms": "2000",
  "allow.auto.create.topics": "false",
};

const CONSUMER: NativeConfig = {
  "isolation.level": "read_committed",
  "enable.auto.commit": "false",
  "enable.auto.offset.store": "false",
  // A position outside the log is reported: silently starting elsewhere would lose sales.
  "auto.offset.reset": "error",
  "check.crcs": "true",
  // The default of a second costs most of the throughput of a consumer that keeps up.
  "fetch.queue.backoff.ms": "5",
  "fetch.wait.max.ms": "100",
  // Bounds the memory of a consumer that lags.
  "queued.max.messages.kbytes": "16384",
  "queued.min.messages": "1000000",
};

const GROUP: NativeConfig = {
  "partition.assignment.strategy": "cooperative-sticky",
  "session.timeout.ms": String(timeoutsMs["session.timeout.ms"]),
  "heartbeat.interval.ms": "1500",
  "max.poll.interval.ms": "300000",
};

// librdkafka wants a group id even of a consumer that never joins one.
const READER: NativeConfig = { ...CONSUMER, "group.id": "salesboard-reader" };

const PRODUCER: NativeConfig = {
  "enable.idempotence": "true",
  // Java's default, so that all producers of a topic agree on a product's partition.
  partitioner: "murmur2_random",
  // Only failures are reported: a record neither in flight nor failed was acknowledged.
  "delivery.report.only.error": "true",
  "linger.ms": "5",
};

const TRANSACTIONAL: NativeConfig = {
  ...PRODUCER,
  "transaction.timeout.ms": String(timeoutsMs["transaction.timeout.ms"]),
  "linger.ms": "0",
  // The next transaction often meets the markers of the last one being written, and asks again after
  // this time; the default of 100 ms would be the time between two transactions.
  "retry.backoff.ms": "5",
  // A dead letter is a little larger than the record it was; the broker has the last word.
  "message.max.bytes": "100000000",
};

export interface LibrdkafkaOptions {
  brokers: string;
  /** The user's librdkafka properties. */
  properties: Readonly<Record<string, string>>;
  log: Log;
}

/** @throws SalesboardError from the first client made, when a property is unknown or refused */
export function librdkafka(options: LibrdkafkaOptions): Kafka {
  const config = (own: NativeConfig): NativeConfig => ({
    ...COMMON,
    ...own,
    ...options.properties,
    "bootstrap.servers": options.brokers,
  });
  const onEvent = (event: NativeEvent) => logEvent(options.log, event);
  return {
    groupConsumer: ({ topic, group }) =>
      new LibrdkafkaConsumer(
        new native.Consumer(config({ ...CONSUMER, ...GROUP, "group.id": group }), onEvent),
        { topic, subscribes: true },
      ),
    reader: ({ topic }) => {
      const own = { ...READER, "enable.partition.eof": "true" };
      return new LibrdkafkaConsumer(new native.Consumer(config(own), onEvent), {
        topic,
        subscribes: false,
      });
    },
    producer: () => new LibrdkafkaProducer(new native.Producer(config(PRODUCER), onEvent)),
    transactionalProducer: ({ transactionalId }) => {
      const own = { ...TRANSACTIONAL, "transactional.id": transactionalId };
      return new LibrdkafkaTransactionalProducer(new native.Producer(config(own), onEvent));
    },
    admin: () => {
      const admin: LibrdkafkaAdmin = new LibrdkafkaAdmin(
        // High watermarks, not last stable offsets.
        new native.Consumer(config({ ...READER, "isolation.level": "read_uncommitted" }), onEvent),
        new native.Admin(config({}), (event) => {
          if (event.type === "error") admin.noteClientError(event.error);
          onEvent(event);
        }),
      );
      return admin;
    },
  };
}

/** Syslog levels, as librdkafka counts them. */
const LOG_ERROR = 3;
const LOG_WARNING = 4;
const LOG_INFO = 6;

function logEvent(log: Log, event: NativeEvent): void {
  if (event.type === "stats") return;
  if (event.type === "error") {
    log.warning(event.error.message, { code: event.error.code });
    return;
  }
  const properties = { facility: event.facility };
  // librdkafka repeats as an error event what it logs about brokers, so its own lines are detail.
  if (event.level <= LOG_ERROR) log.debug(event.message, properties);
  else if (event.level === LOG_WARNING) log.warning(event.message, properties);
  else if (event.level <= LOG_INFO) log.info(event.message, properties);
  else log.debug(event.message, properties);
}
