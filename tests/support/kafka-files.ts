/** What Kafka reads: its settings, its log settings, and the list of its jars. */

/** What the files of deployments run. */
export const KAFKA_RELEASE = "4.3.1";
/** Another version proves that the previous one works too. */
export const KAFKA_VERSION = Bun.env.SALESBOARD_KAFKA ?? KAFKA_RELEASE;
const LOG4J_VERSION = "2.24.3";

/** User → password, on the SASL listener. `limited` may do nothing until a test allows it. */
export const users = { admin: "admin-password", limited: "limited-password" };

/** User → password on the cluster of three brokers. Only `admin` may do all from the start. */
export const scramUsers = { admin: "admin-secret", board: "board-secret", other: "other-secret" };

interface Layout {
  plain: number;
  controller: number;
  sasl?: number;
  proxied?: { port: number; advertised: number };
  logDir: string;
  settings: Readonly<Record<string, string>>;
}

/**
 * Threads look for work a few times a second each, and the controller writes a record of nothing
 * twice a second: a third of what a broker costs that nobody asks for anything.
 */
export const restful = {
  "num.io.threads": "2",
  "num.network.threads": "1",
  "metadata.max.idle.interval.ms": "0",
} as const;

/** Settings of a single KRaft node that is quick to start and creates no topic by itself. */
export function serverProperties(layout: Layout): string {
  const { plain, controller, sasl, proxied, logDir } = layout;
  const listeners = [`PLAINTEXT://127.0.0.1:${plain}`];
  if (sasl) listeners.push(`SASL://127.0.0.1:${sasl}`);
  const advertised = [...listeners];
  if (proxied) {
    listeners.push(`PROXIED://127.0.0.1:${proxied.port}`);
    advertised.push(`PROXIED://127.0.0.1:${proxied.advertised}`);
  }
  const settings: Record<string, string | number> = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    "controller.listener.names": "CONTROLLER",
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${controller}`].join(","),
    "advertised.listeners": advertised.join(","),
    "listener.security.protocol.map":
      "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,PROXIED:PLAINTEXT",
    "log.dirs": logDir,
    // After a kill the node is let in again only when its last session is over: 9 s by default.
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 500,
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": 0,
    "offsets.topic.num.partitions": 4,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    ...(sasl && authentication()),
    ...layout.settings,
  };
  return propertiesText(settings);
}

interface NodeLayout {
  /** From 1. */
  number: number;
  plain: number;
  secured: number;
  /** Of all brokers. */
  controllers: readonly number[];
  dir: string;
  settings: Readonly<Record<string, string>>;
}

/** Settings of one of three nodes that are broker and controller each. */
export function clusterProperties(layout: NodeLayout): string {
  const { number, plain, secured, controllers, dir } = layout;
  const listeners = [`PLAINTEXT://127.0.0.1:${plain}`, `SASL_SSL://localhost:${secured}`];
  const controller = `CONTROLLER://127.0.0.1:${controllers[number - 1]}`;
  const voters = controllers.map((port, i) => `${i + 1}@127.0.0.1:${port}`);
  return propertiesText({
    "process.roles": "broker,controller",
    "node.id": number,
    "controller.quorum.voters": voters.join(","),
    "controller.listener.names": "CONTROLLER",
    listeners: [...listeners, controller].join(","),
    "advertised.listeners": listeners.join(","),
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL",
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": `${dir}/keystore.pem`,
    "sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config":
      "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS;User:admin",
    "broker.rack": "abc"[number - 1] ?? "",
    "replica.selector.class": "org.apache.kafka.common.replica.RackAwareReplicaSelector",
    "log.dirs": `${dir}/data`,
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 500,
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": 0,
    "default.replication.factor": 3,
    "min.insync.replicas": 2,
    "replica.lag.time.max.ms": 5000,
    "offsets.topic.num.partitions": 3,
    "offsets.topic.replication.factor": 3,
    "transaction.state.log.num.partitions": 3,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
    "share.coordinator.state.topic.num.partitions": 1,
    ...restful,
    ...layout.settings,
  });
}

function propertiesText(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

function authentication(): Record<string, string> {
  const passwords = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  const login = "org.apache.kafka.common.security.plain.PlainLoginModule required";
  return {
    "sasl.enabled.mechanisms": "PLAIN",
    "listener.name.sasl.plain.sasl.jaas.config": `${login} ${passwords.join(" ")};`,
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS;User:admin",
  };
}

/** Warnings, and the one line that says that the broker answers. */
export const log4j = `status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
`;

const jars = [
  ["org.apache.kafka", "kafka_2.13", KAFKA_VERSION],
  ["org.apache.kafka", "kafka-server", KAFKA_VERSION],
  ["org.apache.kafka", "kafka-tools", KAFKA_VERSION],
  ["org.apache.logging.log4j", "log4j-api", LOG4J_VERSION],
  ["org.apache.logging.log4j", "log4j-core", LOG4J_VERSION],
  ["org.apache.logging.log4j", "log4j-slf4j-impl", LOG4J_VERSION],
  ["org.apache.logging.log4j", "log4j-1.2-api", LOG4J_VERSION],
];

/** The broker and its tools without the distribution, which is twice as large. */
export const pom = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>salesboard</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${jars.map(([group, artifact, version]) => dependency(group, artifact, version)).join("\n")}
  </dependencies>
</project>
`;

function dependency(group = "", artifact = "", version = ""): string {
  const inner = `<groupId>${group}</groupId><artifactId>${artifact}</artifactId>`;
  return `    <dependency>${inner}<version>${version}</version></dependency>`;
}
