/**
 * Says in words what an error of Kafka, or of its client librdkafka, means, and what to do. Their
 * own words follow in parentheses, for whoever searches for them.
 */

import { upperFirst } from "../lib/text.ts";
import { missingRight } from "./health.ts";

/** What the failed client was about. */
export interface Concerned {
  readonly topic?: string | undefined;
  readonly group?: string | undefined;
  readonly transactionalId?: string | undefined;
  /** The name that the brokers know us by. */
  readonly user?: string | undefined;
  /** What is known of the certificate that we show, as a clause. */
  readonly ownCertificate?: (() => string | undefined) | undefined;
}

type Explain = (raw: string, of: Concerned) => string;

/** The explanation, and the words of the client behind it, without a full stop at the end. */
export function explained(code: string, message: string, of: Concerned = {}): string {
  const raw = cleaned(message);
  if (OURS.has(code)) return raw;
  const explain = EXPLANATIONS[code];
  const sentence = explain
    ? explain(raw, of)
    : `Kafka or its client reports the error ${code}, which Salesboard has no explanation for`;
  return raw === "" ? sentence : `${sentence} (${raw})`;
}

/** Errors that our own addon has worded. */
const OURS = new Set(["_DESTROY", "_ASSIGNMENT_LOST", "_INVALID_ARG", "UNKNOWN_MEMBER_ID"]);

/** Without times and states that mean nothing to a reader, such as "(after 3961107 ms)". */
function cleaned(message: string): string {
  return message
    .replace(/ \(after \d+ ?ms(?:[^()]|\([^)]*\))*\)/g, "")
    .replace(/, retry call to resume/g, "")
    .replace(/\(\(null\)\)/g, "")
    .replace(/\.$/, "");
}

const named = (word: string, name: string | undefined) =>
  name ? `${word} ${name}` : `the ${word}`;

/** Transactions can wait for their coordinator although every broker answers. */
const noAnswer: Explain = (raw, of) => {
  const isGroups = of.transactionalId !== undefined || /committed offsets/.test(raw);
  const found = connection(raw, of) ?? (isGroups && coordinator(raw, of));
  return found || "A broker did not answer in time";
};

/** What a broken or refused connection says about its cause. */
function connection(raw: string, of: Concerned): string | undefined {
  const [, address = "the address"] = /(?:Connect to ipv[46]#|:\/\/)?([\w.-]+:\d+)/.exec(raw) ?? [];
  if (/Failed to resolve/.test(raw)) return unresolved(raw);
  if (/Connection refused/.test(raw)) {
    return `No process listens at ${address}: is the broker running, and is ${ADVERTISED} right?`;
  }
  if (/invalid response size|increase receive\.message\.max\.bytes/i.test(raw)) {
    return (
      `What listens at ${address} is no Kafka broker, or speaks another protocol: check ` +
      `--brokers and -X security.protocol`
    );
  }
  if (/PLAINTEXT broker listener|wrong version number|packet length too long/.test(raw)) {
    return (
      "The broker is starting or stopping, or the broker's port does not speak TLS: use -X " +
      "security.protocol=PLAINTEXT or SASL_PLAINTEXT, or the port of a TLS listener"
    );
  }
  if (/certificate|SSL handshake/i.test(raw)) return certificate(raw, of);
  if (/authenticat/i.test(raw)) return refusedLogin(raw, of);
  if (/ApiVersion|Broken pipe|Connection reset|Disconnected|closed by peer/i.test(raw)) {
    return (
      "The broker closed the connection at once: does its port expect TLS or a login (-X " +
      "security.protocol=SSL, SASL_SSL or SASL_PLAINTEXT), or are too many connections open (its " +
      "max.connections.per.ip and max.connections)?"
    );
  }
  return undefined;
}

const WRONG_TIMES =
  "the clock of this host or of a broker may be wrong, or a dead letter has the time of an old " +
  "record and is written again without that (message.timestamp.after.max.ms and before.max.ms of " +
  "the topic)";

const ADVERTISED = "the broker's advertised.listeners";

function unresolved(raw: string): string {
  const [, address = "of a broker"] = /Failed to resolve '([^']+)'/.exec(raw) ?? [];
  return (
    `The host name ${address} is not known here: when it is not in --brokers, a broker calls ` +
    `itself so, and ${ADVERTISED} must name an address that can be reached from here`
  );
}

/** The broker says so, about the certificate that we showed, or did not show. */
export const REFUSED_CERTIFICATE = /alert.*(certificate|unknown ca)|certificate required/i;

function certificate(raw: string, { ownCertificate }: Concerned): string {
  if (REFUSED_CERTIFICATE.test(raw)) {
    const own = ownCertificate?.();
    return own
      ? `The broker refuses the certificate of this client: ${own}`
      : "The broker wants a valid certificate of the client: check -X ssl.certificate.location " +
          "and ssl.key.location";
  }
  if (/expired/i.test(raw)) {
    return "The broker's certificate has expired: it must be renewed on the broker";
  }
  if (/hostname|IP address mismatch/i.test(raw)) {
    return (
      "The broker's certificate is for another host name: use a name that stands in it in " +
      "--brokers and advertised.listeners, or -X ssl.endpoint.identification.algorithm=none"
    );
  }
  return (
    "The broker's certificate cannot be verified: its authority must be in the file -X " +
    "ssl.ca.location=FILE, and it must neither have expired nor be for another host name"
  );
}

/** The connection broke before the broker said anything about the login. */
export const BROKEN_LOGIN = /mechanism handshake failed: Local:/;

const refusedLogin: Explain = (raw, { user }) => {
  if (BROKEN_LOGIN.test(raw)) return "The connection to a broker broke during the login";
  if (/supported mechanisms: *\)?$|in current SASL state/.test(raw)) return NO_LOGIN;
  if (/mechanism/i.test(raw) && /unsupported|supported mechanisms/i.test(raw)) return NO_MECHANISM;
  const who = user ? ` of user ${user}` : "";
  const what = "-X sasl.username, sasl.password and sasl.mechanism";
  return `The brokers refuse the login${who}: check ${what}`;
};

const NO_LOGIN = "The broker's port takes no login: set -X security.protocol to PLAINTEXT or SSL";
const NO_MECHANISM =
  "The brokers do not offer this login mechanism: set -X sasl.mechanism to one that they offer";

const topicRight: Explain = (raw, { topic }) => {
  const [, named] = /(?:topic|available:) ([\w.-]+)/.exec(raw) ?? [];
  const name = topic ?? named;
  const right = /deliver|produce|commit the trans|send offsets|AddPart|add partition/i.test(raw)
    ? "Write"
    : "Read";
  if (!name) {
    return "A right on a topic is missing: the user needs Read and Write on the topics in use";
  }
  return upperFirst(missingRight(name, right));
};

const groupRight: Explain = (_raw, { group }) =>
  `There is no right to use ${named("group", group)}: the user needs the operation Read on the ` +
  `resource Group ${group ?? "of --group"} (kafka-acls.sh --add --operation Read --group ` +
  `${group ?? "GROUP"})`;

const idRight: Explain = (_raw, { transactionalId }) =>
  "There is no right to use transactions: the user needs the operation Write on the resource " +
  `TransactionalId ${prefixOf(transactionalId)}, prefixed (kafka-acls.sh --add --operation Write ` +
  `--transactional-id ${prefixOf(transactionalId)} --resource-pattern-type prefixed)`;

/** The part before the random id of the process. */
function prefixOf(transactionalId = "GROUP-"): string {
  return transactionalId.replace(/[0-9a-f]{8}-[0-9a-f-]{27}$/, "");
}

const elects: Explain = () =>
  "A partition has no leader at the moment: its brokers are away, or an election is under way";
const coordinator: Explain = (_raw, of) =>
  `Kafka has no coordinator for ` +
  `${of.transactionalId ? "the transactions" : named("group", of.group)} ` +
  "yet. Is a broker away, or is transaction.state.log.replication.factor or " +
  "offsets.topic.replication.factor of the brokers larger than their number?";
const replicas: Explain = () =>
  "Too few in-sync replicas are left: brokers are away, or min.insync.replicas is too large";
const fenced: Explain = () =>
  "A newer process took over this producer's transactions, so that this one must start anew";
const noTopic: Explain = (_raw, { topic }) =>
  `${topic ? `The topic ${topic}` : "A topic"} or one of its partitions does not exist, or is ` +
  "not known to the broker yet";
const membership: Explain = (_raw, { group }) =>
  `The members of ${named("group", group)} are being changed, and the partitions with them`;

/** By code. Each gives one sentence on one line. */
export const EXPLANATIONS: Readonly<Record<string, Explain>> = {
  TOPIC_AUTHORIZATION_FAILED: topicRight,
  GROUP_AUTHORIZATION_FAILED: groupRight,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: idRight,
  CLUSTER_AUTHORIZATION_FAILED: (_raw, { topic = "in use" }) =>
    `A right is missing: the user needs Write on the topic ${topic}, or Create to make topics`,
  SASL_AUTHENTICATION_FAILED: refusedLogin,
  _AUTHENTICATION: refusedLogin,
  UNSUPPORTED_SASL_MECHANISM: () => NO_MECHANISM,
  ILLEGAL_SASL_STATE: () => NO_LOGIN,
  _SSL: (raw, of) => connection(raw, of) ?? certificate(raw, of),
  _RESOLVE: unresolved,
  _TRANSPORT: (raw, of) => connection(raw, of) ?? "The connection to a broker is broken",
  _PARTIAL: () => "The broker knows no brokers and no topics: it is starting or stopping",
  _DESTROY_BROKER: () => "A broker left the cluster before it answered",
  _ALL_BROKERS_DOWN: (raw, of) =>
    connection(raw, of) ?? "This client has lost its connections to brokers, and tries again",
  BROKER_NOT_AVAILABLE: noAnswer,
  NETWORK_EXCEPTION: noAnswer,
  _TIMED_OUT: noAnswer,
  _TIMED_OUT_QUEUE: noAnswer,
  REQUEST_TIMED_OUT: noAnswer,
  _MSG_TIMED_OUT: () =>
    "Records were not accepted in time: a partition has no leader, too few replicas in " +
    "sync, a broker is slow or away, or takes no request of this size (its socket.request.max.bytes)",
  _WAIT_COORD: coordinator,
  COORDINATOR_NOT_AVAILABLE: coordinator,
  COORDINATOR_LOAD_IN_PROGRESS: () => "The coordinator is still starting, and answers soon",
  NOT_COORDINATOR: () => "The coordinator moved to another broker",
  LEADER_NOT_AVAILABLE: elects,
  NOT_LEADER_FOR_PARTITION: elects,
  _NOENT: elects,
  FENCED_LEADER_EPOCH: elects,
  UNKNOWN_LEADER_EPOCH: elects,
  OFFSET_NOT_AVAILABLE: elects,
  REPLICA_NOT_AVAILABLE: elects,
  _UNKNOWN_PARTITION: noTopic,
  _UNKNOWN_TOPIC: noTopic,
  UNKNOWN_TOPIC_OR_PART: noTopic,
  TOPIC_EXCEPTION: (raw, { topic }) => {
    const [, other] = /collides with existing topics?: ([\w.-]+)/.exec(raw) ?? [];
    return other
      ? `Kafka takes ${named("topic", topic)} for ${other}, which exists: names must differ in more ` +
          "than . and _"
      : "Kafka accepts no topic of this name: it may have 249 characters of a-z, A-Z, 0-9, ., _ and -";
  },
  INVALID_SESSION_TIMEOUT: () =>
    "The brokers take no session of this length: set -X session.timeout.ms to a time between their " +
    "group.min.session.timeout.ms and group.max.session.timeout.ms",
  INVALID_TRANSACTION_TIMEOUT: () =>
    "The brokers take no transactions of this length: set -X transaction.timeout.ms to at most " +
    "their transaction.max.timeout.ms",
  NOT_ENOUGH_REPLICAS: replicas,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: replicas,
  CONCURRENT_TRANSACTIONS: () =>
    "The last transaction has not ended everywhere: a partition that it wrote to may have " +
    "no leader",
  INVALID_PRODUCER_EPOCH: fenced,
  PRODUCER_FENCED: fenced,
  _FENCED: fenced,
  TRANSACTION_COORDINATOR_FENCED: fenced,
  FENCED_INSTANCE_ID: () =>
    "Another process uses the same -X group.instance.id: each process needs one of its own",
  INVALID_TXN_STATE: () => "The transaction ended meanwhile, often because it took too long",
  INVALID_PRODUCER_ID_MAPPING: () =>
    "Kafka has forgotten this producer after a quiet time, so that a new one is needed",
  UNKNOWN_PRODUCER_ID: () =>
    "Kafka has forgotten this producer after a quiet time, so that a new one is needed",
  OUT_OF_ORDER_SEQUENCE_NUMBER: () =>
    "The broker lacks records that were sent before, as after an unclean leader election",
  ILLEGAL_GENERATION: membership,
  REBALANCE_IN_PROGRESS: membership,
  INCONSISTENT_GROUP_PROTOCOL: (_raw, { group }) =>
    `Other programs are members of ${named("group", group)}: Salesboard needs a --group of its own`,
  GROUP_MAX_SIZE_REACHED: (_raw, { group }) =>
    `${upperFirst(named("group", group))} has as many members as the brokers allow ` +
    `(group.max.size)`,
  _MAX_POLL_EXCEEDED: () => "The process was stopped or too slow, and left its group for a while",
  UNSTABLE_OFFSET_COMMIT: () =>
    "The group's offsets wait for a transaction that is not decided yet",
  OFFSET_OUT_OF_RANGE: () => "Records at the position of the reader are gone from the log",
  INVALID_TIMESTAMP: () => `The topic refuses the times of the records: ${WRONG_TIMES}`,
  MSG_SIZE_TOO_LARGE: () => "The topic refuses records for their size (its max.message.bytes)",
  INVALID_MSG: () => "The topic refuses the records, perhaps because it wants a key in each",
  // librdkafka says the same of several records with wrong times in one batch.
  INVALID_RECORD: () =>
    `The topic refuses the records: it wants a key in each, or refuses their times: ${WRONG_TIMES}`,
  _INVALID_DIFFERENT_RECORD: () => "The topic refuses other records that were sent with these",
  RECORD_LIST_TOO_LARGE: () => "The topic refuses records for their size (its segment.bytes)",
  KAFKA_STORAGE_ERROR: () => "A broker cannot write to its disk: is the disk full or broken?",
  POLICY_VIOLATION: () => "A policy of the brokers refuses this",
  INVALID_CONFIG: () => "The brokers refuse a setting of the topic",
  INVALID_REPLICATION_FACTOR: () =>
    "There are fewer brokers than replicas wanted: set --replication-factor to at most the " +
    "number of brokers, or mend default.replication.factor of the brokers",
  INVALID_PARTITIONS: () => "The brokers refuse this number of partitions (--partitions)",
  INVALID_REQUIRED_ACKS: () => "The brokers refuse the setting -X acks",
  THROTTLING_QUOTA_EXCEEDED: () => "A quota of the brokers holds this user back",
  _UNSUPPORTED_FEATURE: () =>
    "The port is a controller's, or the broker is too old: check --brokers",
  UNSUPPORTED_VERSION: () => "The brokers are too old for this request",
  CLUSTER_ID_MISMATCH: () => "The address leads to another cluster than before",
  SECURITY_DISABLED: () => "The brokers have no authorizer",
  _PURGE_QUEUE: () => "Records were dropped before they were sent, because the producer failed",
  _PURGE_INFLIGHT: () => "It is not known whether records arrived, because the producer failed",
  _STATE: () => "The client cannot do this after its last failure, so that a new one is needed",
  _FATAL: () => "The client gave up after an error that does not pass",
  _BAD_MSG: (raw, of) =>
    connection(raw, of) ?? "What arrived is damaged, or no answer of a Kafka broker",
  _FAIL: () => "The client failed at this",
  UNKNOWN: () => "The broker failed at this for a reason that stands in its own log",
  UNKNOWN_SERVER_ERROR: () => "The broker failed at this for a reason that stands in its own log",
};
