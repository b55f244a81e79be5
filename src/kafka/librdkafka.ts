/** The port `kafka.ts` on librdkafka: the settings of each client, and their reasons. */

import { messageOf, usageError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { timeoutsMs } from "../lib/timeouts.ts";
import { type Concerned, explained } from "./explanations.ts";
import type { Kafka } from "./kafka.ts";
import { LibrdkafkaAdmin } from "./librdkafka-admin.ts";
import {
  LibrdkafkaConsumer,
  LibrdkafkaProducer,
  LibrdkafkaTransactionalProducer,
} from "./librdkafka-clients.ts";
import { CLIENT_ID } from "./members.ts";
import { type NativeClient, type NativeConfig, type NativeEvent, native } from "./native.ts";
import { Hearing, lineSentence, ownCertificateProblem, Troubles } from "./trouble.ts";

/** For every client. The user's properties override these. */
const COMMON: NativeConfig = {
  "client.id": CLIENT_ID,
  "log.connection.close": "false",
  // Finds a returning broker within seconds instead of librdkafka's ten.
  "reconnect.backoff.ms": "50",
  "reconnect.backoff.max.ms": "2000",
  "allow.auto.create.topics": "false",
  // With sparse connections each request resets the wait above, and the address of a broker that is
  // down is tried a thousand times a second.
  "enable.sparse.connections": "false",
};

const CONSUMER: NativeConfig = {
  "isolation.level": "read_committed",
  "enable.auto.commit": "false",
  "enable.auto.offset.store": "false",
  // Reports a position outside the log. Silently starting elsewhere would lose sales.
  "auto.offset.reset": "error",
  "check.crcs": "true",
  // The default of a second costs a consumer that keeps up most of its throughput.
  "fetch.queue.backoff.ms": "5",
  // How long a broker holds a fetch that finds nothing. A record ends the wait at once. A change of
  // the partitions waits for the answer.
  "fetch.wait.max.ms": "100",
  // Everything waits behind a silent connection. The default is a minute.
  "socket.timeout.ms": "10000",
  // Bounds the memory of a consumer that lags.
  "queued.max.messages.kbytes": "16384",
  "queued.min.messages": "1000000",
};

/** For consumers that keep their partitions: a quiet topic costs its brokers less. */
const STAYS: NativeConfig = { "fetch.wait.max.ms": "500" };
/** The parts of a transaction, which appear within milliseconds, come at once: fetch-rest.patch. */
const FOLLOWS: NativeConfig = { ...STAYS, "fetch.rest.ms": "10" };

/** One message for each record batch instead of one for each record: whole-batches.patch. */
const WHOLE_BATCHES: NativeConfig = { "fetch.whole.batches": "true" };

const GROUP: NativeConfig = {
  ...STAYS,
  ...WHOLE_BATCHES,
  "partition.assignment.strategy": "cooperative-sticky",
  "session.timeout.ms": String(timeoutsMs["session.timeout.ms"]),
  "heartbeat.interval.ms": "1500",
  "max.poll.interval.ms": "300000",
};

// librdkafka wants a group id even for a consumer that never joins one.
const READER_GROUP = "salesboard-reader";
const READER: NativeConfig = { ...CONSUMER, ...WHOLE_BATCHES, "group.id": READER_GROUP };

const UNDECIDED_TOO: NativeConfig = { "isolation.level": "read_uncommitted" };

const PRODUCER: NativeConfig = {
  "enable.idempotence": "true",
  // Java's default, so that all producers of a topic agree on the partition of a product.
  partitioner: "murmur2_random",
  // Failures are enough: what is acknowledged is counted beside the reports.
  "delivery.report.only.error": "true",
  // The topic decides how large a record may be.
  "message.max.bytes": "100000000",
  "linger.ms": "5",
};

const TRANSACTIONAL: NativeConfig = {
  ...PRODUCER,
  "transaction.timeout.ms": String(timeoutsMs["transaction.timeout.ms"]),
  "linger.ms": "0",
  // A request has records of one partition, and a transaction writes to hundreds. Of a partition,
  // librdkafka never has more under way than a broker puts in order: partitions-in-flight.patch.
  "max.in.flight": "128",
  // The broker often still writes the markers of the last transaction when the next one begins.
  // librdkafka asks again after this time; the default of 100 ms would separate transactions.
  "retry.backoff.ms": "5",
};

export interface LibrdkafkaOptions {
  brokers: string;
  /** The user's librdkafka properties. */
  properties: Readonly<Record<string, string>>;
  log: Log;
  /** Absent brokers are not worth a warning for this time after the start: they may be starting. */
  startupMs?: number;
}

/** @throws SalesboardError from the first client, when a property is unknown or refused */
export function librdkafka(options: LibrdkafkaOptions): Kafka {
  refuseUnusable(options.properties);
  const config = (own: NativeConfig): NativeConfig => ({
    ...COMMON,
    ...(usesTls(options.properties) && PROBE),
    ...own,
    ...options.properties,
    "bootstrap.servers": options.brokers,
  });
  const user = options.properties["sasl.username"];
  const troubles = new Troubles();
  const hearing = new Hearing((reader: NativeClient) => reader.answeredMsAgo);
  const onEvent = eventLogger(options.log, options.startupMs ?? 0, {
    user,
    ownCertificate: () => ownCertificateProblem(options.properties),
    troubles,
    hearing,
  });
  const open = <T extends NativeClient>(make: () => T) => hearing.added(openClient(make));
  return {
    groupConsumer: ({ topic, group }) => {
      const own = { ...CONSUMER, ...GROUP, "group.id": group };
      const consumer = open(() => new native.Consumer(config(own), onEvent));
      return new LibrdkafkaConsumer(consumer, { topic, group, subscribes: true });
    },
    reader: ({ topic, isUndecidedToo = false, stays = false }) => {
      const isolation: NativeConfig = isUndecidedToo ? UNDECIDED_TOO : {};
      const patience: NativeConfig = stays ? FOLLOWS : {};
      const own = { ...READER, ...isolation, ...patience, "enable.partition.eof": "true" };
      const consumer = open(() => new native.Consumer(config(own), onEvent));
      return new LibrdkafkaConsumer(consumer, { topic, group: READER_GROUP, subscribes: false });
    },
    producer: () =>
      new LibrdkafkaProducer(open(() => new native.Producer(config(PRODUCER), onEvent))),
    transactionalProducer: ({ transactionalId, batchBytesMax }) => {
      const own = { ...TRANSACTIONAL, "transactional.id": transactionalId };
      // Comes after the user's properties, because the topic refuses larger batches.
      const bounds: NativeConfig = batchBytesMax ? { "batch.size": String(batchBytesMax) } : {};
      const producer = open(() => new native.Producer({ ...config(own), ...bounds }, onEvent));
      return new LibrdkafkaTransactionalProducer(producer, transactionalId);
    },
    admin: () => {
      // For high watermarks instead of last stable offsets.
      const own = { ...READER, ...UNDECIDED_TOO };
      const admin: LibrdkafkaAdmin = new LibrdkafkaAdmin(
        open(() => new native.Consumer(config(own), onEvent)),
        open(
          () =>
            new native.Admin(config({}), (event) => {
              if (event.type === "error") admin.noteClientError(event.error);
              onEvent(event);
            }),
        ),
        user,
      );
      return admin;
    },
    trouble: () => troubles.current,
    heardMsAgo: () => hearing.msAgo,
  };
}

/** Finds the authorities of any distribution. Our OpenSSL knows only where Debian keeps them. */
const PROBE: NativeConfig = { "ssl.ca.location": "probe" };
const MECHANISMS = "PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512";

function usesTls(properties: Readonly<Record<string, string>>): boolean {
  return (
    /ssl$/i.test(properties["security.protocol"] ?? "") && properties["ssl.ca.pem"] === undefined
  );
}

/** @throws SalesboardError for a login that would wait for ever, because a part is not built in */
function refuseUnusable(properties: Readonly<Record<string, string>>): void {
  const mechanism = properties["sasl.mechanism"] ?? properties["sasl.mechanisms"];
  if (mechanism?.toUpperCase() !== "OAUTHBEARER") return;
  if (properties["enable.sasl.oauthbearer.unsecure.jwt"] === "true") return;
  throw usageError(
    "Cannot use -X sasl.mechanism=OAUTHBEARER: nothing in Salesboard gets its tokens. " +
      `Accepted are ${MECHANISMS}.`,
  );
}

/** Opens a client. librdkafka accepts our properties, so a refused one is the user's. */
function openClient<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const [, property, problem] = /config\.([\w.]+):? (.+)$/s.exec(messageOf(cause)) ?? [];
    if (property) throw usageError(`Cannot use -X ${property}: ${problem}`);
    const reason = messageOf(cause).replace(/^Cannot create an? \w+: /, "");
    const [, mechanism] = /No provider for SASL mechanism (\w+)/.exec(reason) ?? [];
    if (mechanism) {
      throw usageError(
        `Cannot use -X sasl.mechanism=${mechanism}: it is not built in. ` +
          `Accepted are ${MECHANISMS}.`,
      );
    }
    const [, file] = /(ssl\.\w+\.location) failed/.exec(reason) ?? [];
    if (file) {
      throw usageError(
        `Cannot use -X ${file}: its file cannot be read, or holds nothing usable (${reason})`,
      );
    }
    throw usageError(`Cannot use the librdkafka properties (-X): ${reason}`);
  }
}

/** Syslog levels, as librdkafka counts them. */
const LOG_ERROR = 3;
const LOG_WARNING = 4;
const LOG_INFO = 6;

/** While brokers are away, librdkafka reports so up to forty times a second. */
const SAME_ERROR_INTERVAL_MS = 30_000;

function eventLogger(
  log: Log,
  startupMs: number,
  of: Concerned & { troubles: Troubles; hearing: Pick<Hearing<NativeClient>, "isIdleEnd"> },
): (event: NativeEvent) => void {
  const loggedAt = new Map<string, number>();
  const isNews = (kind: string): boolean => {
    const now = performance.now();
    const before = loggedAt.get(kind) ?? Number.NEGATIVE_INFINITY;
    const isNew = now >= startupMs && now - before >= SAME_ERROR_INTERVAL_MS;
    if (isNew) loggedAt.set(kind, now);
    return isNew;
  };
  return (event) => {
    if (event.type === "stats") return;
    if (event.type === "error") {
      const { code, message } = event.error;
      const clause = explained(code, message, of);
      of.troubles.failed(code, clause, message);
      const isWorth = !of.hearing.isIdleEnd(code) && isNews(code);
      log[isWorth ? "warning" : "debug"](`${clause}.`, { code });
    } else if (event.type === "throttle") {
      const { broker, ms } = event;
      const clause = of.troubles.throttled(broker, ms, of.user);
      if (clause) log[isNews("throttle") ? "warning" : "debug"](`${clause}.`, { broker, ms });
    } else {
      of.troubles.line(event.message);
      logLine(log, event, isNews);
    }
  };
}

function logLine(
  log: Log,
  { level, facility, message }: Extract<NativeEvent, { type: "log" }>,
  isNews: (kind: string) => boolean,
): void {
  // Lines about brokers come as error events too, so the lines are detail. So are complaints that a
  // producer does not use a consumer property, because every client gets all properties.
  if (level <= LOG_ERROR || level > LOG_INFO || facility === "CONFWARN") {
    log.debug(message, { facility });
  } else {
    const severity = level === LOG_WARNING ? "warning" : "info";
    log[isNews(facility) ? severity : "debug"](lineSentence(message), {
      facility,
      client: message,
    });
  }
}
