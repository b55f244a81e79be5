/**
 * One real broker, as hand-made set-ups have it: with settings left out, with listeners of all
 * kinds, with ids that expire, and wiped under a process that runs. The tests are one story: a
 * broker costs seconds to start.
 */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { logged, newTopics, Runs, totalsWhen } from "../support/board.ts";
import { Authority, keyStore } from "../support/certificates.ts";
import { runSalesboard, type Salesboard } from "../support/executable.ts";
import { type KafkaBroker, startKafka } from "../support/kafka.ts";
import { freePorts } from "../support/ports.ts";
import { missingOf, requirement } from "../support/require.ts";
import { quick, quickArgs } from "../support/timeouts.ts";
import { waitFor } from "../support/wait.ts";

const needs = ["java", "maven", "openssl"] as const;
const test = requirement(...needs);
setDefaultTimeout(600_000);

/** A producer that is silent for so long is forgotten by the broker. */
const EXPIRES_MS = 3_000;
const EXPIRIES = {
  "transactional.id.expiration.ms": String(EXPIRES_MS),
  "transaction.remove.expired.transaction.cleanup.interval.ms": "500",
  "producer.id.expiration.ms": String(EXPIRES_MS),
  "producer.id.expiration.check.interval.ms": "500",
};
const REPLICATION = "transaction.state.log.replication.factor";
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);

let broker: KafkaBroker;
let authority: Authority;
let ports: number[];
const runs = new Runs();
/** Counts from the beginning to the end of the story. */
let board: Salesboard;
const topics = newTopics("lone");

beforeAll(async () => {
  if (missingOf(...needs)) return;
  authority = new Authority();
  ports = await freePorts(4);
  const [unreachable = 0] = ports;
  // Without its line, Kafka takes this one for 3.
  const settings = { ...quick.broker, ...EXPIRIES, [REPLICATION]: "3" };
  broker = await startKafka({ proxiedBy: unreachable, settings });
}, 600_000);
afterAll(async () => {
  await runs.end();
  await broker?.stop();
  authority?.close();
});

const boardOf = (brokers: string, ...args: string[]) =>
  runs.start([
    ...["run", "--roles", "aggregator,dashboard", "--port", "0", "--brokers", brokers],
    ...[...quickArgs, ...args],
  ]);

async function sell(count: number, { args }: { args: string[] }, brokers = broker.brokers) {
  const flow = ["--count", String(count), "--rate", "0", "--seed", "1", ...args];
  const sold = await runSalesboard(["produce", "--brokers", brokers, ...flow]);
  expect(sold.status, sold.stderr).toBe(0);
}

async function untilSaid(run: Salesboard, words: RegExp): Promise<string> {
  const reasons = async () => (await fetch(`${await run.url()}/readyz`)).text();
  return await waitFor(
    async () => {
      const text = await reasons();
      return words.test(text) ? text : undefined;
    },
    { what: `/readyz to say ${words}` },
  );
}

// It took two minutes to say that a topic was missing, which was there.
test("an advertised address that nobody can reach ends each command with the setting", async () => {
  const brokers = `127.0.0.1:${broker.proxiedPort}`;
  const commands = [["aggregate"], ["serve", "--port", "0"], ["verify"], ["produce"]];
  const ended = commands.map((command) => runSalesboard([...command, "--brokers", brokers]));
  for (const { status, stderr } of await Promise.all(ended)) {
    expect(stderr).toContain("advertised.listeners");
    expect(stderr).toContain(`127.0.0.1:${ports[0]}`);
    expect(status).toBe(69);
  }
});

// "Timed out waiting for operation to finish", said the log each half minute, and the page was live.
test("the setting that keeps one broker from transactions is named, and then all is counted", async () => {
  for (const name of [topics.input, topics.output]) await broker.createTopic(name, 2);
  board = boardOf(broker.brokers, ...topics.args);
  const said = await untilSaid(board, /transaction\.state\.log\.replication\.factor/);
  expect(said).toContain(`${REPLICATION}=1 in the properties of the broker, and its restart`);
  await sell(5, topics);
  const [, tls12, tls13, v6] = ports;
  const all = [`TLS12://localhost:${tls12}`, `TLS13://localhost:${tls13}`];
  if (hasIpv6) all.push(`IPV6://[::1]:${v6}`);
  await broker.shutDown();
  mend(all);
  await broker.start();
  await totalsWhen(board, ({ total }) => total.sales === 5);
});

/** Makes the broker right, and lets it listen at more addresses from its next start on. */
function mend(listeners: readonly string[]): void {
  const file = `${broker.dir}/server.properties`;
  const more = listeners.join(",");
  const text = readFileSync(file, "utf8")
    .replace(`${REPLICATION}=3`, `${REPLICATION}=1`)
    .replace(/^listeners=(.*),CONTROLLER/m, `listeners=$1,${more},CONTROLLER`)
    .replace(/^(advertised\.listeners=.*)$/m, `$1,${more}`)
    .replace(/^(listener\.security.*)$/m, "$1,TLS12:SSL,TLS13:SSL,IPV6:PLAINTEXT");
  const store = `${broker.dir}/keystore.pem`;
  writeFileSync(store, keyStore(authority.issue("salesboard-test-broker")));
  const tls = [
    ...["ssl.keystore.type=PEM", `ssl.keystore.location=${store}`],
    "listener.name.tls12.ssl.enabled.protocols=TLSv1.2",
    "listener.name.tls13.ssl.enabled.protocols=TLSv1.3",
  ];
  writeFileSync(file, `${text}${tls.join("\n")}\n`);
}

describe("a board counts", () => {
  const tls = () => ["-X", "security.protocol=SSL", "-X", `ssl.ca.location=${authority.file}`];
  const counts = async (name: string, brokers: string, args: string[] = []) => {
    const own = newTopics(name);
    await broker.createTopic(own.input, 1);
    await sell(3, { args: [...own.args, ...args] }, brokers);
    const run = boardOf(brokers, ...own.args, ...args);
    await totalsWhen(run, ({ total }) => total.sales === 3);
    expect(await run.stop()).toBe(0);
  };

  test("by TLS 1.2 alone", () => counts("tls12", `localhost:${ports[1]}`, tls()));
  test("by TLS 1.3 alone", () => counts("tls13", `localhost:${ports[2]}`, tls()));
  const ipv6 = hasIpv6 ? test : test.skip;
  ipv6("at an address of IPv6", () => counts("ipv6", `[::1]:${ports[3]}`));
});

// A shop that is closed for a week: Kafka forgets the ids of a producer that is silent.
test("sales and dead letters after a silence in which the producer's ids expired are counted", async () => {
  const before = board.stderr().length;
  await Bun.sleep(3 * EXPIRES_MS);
  await broker.consoleProduce(topics.input, { text: "no sale\n" });
  await sell(1, topics);
  await totalsWhen(board, ({ total }) => total.sales === 6);
  expect(board.stderr().slice(before)).not.toMatch(/The aggregator failed and restarts in/);
  const verified = await runSalesboard(["verify", "--brokers", broker.brokers, ...topics.args]);
  expect(verified.status, verified.stdout + verified.stderr).toBe(0);
});

// The totals of before stood on the page, live, over an empty new topic of the same name.
test("a cluster that is wiped under a running board is told, and its sales are counted anew", async () => {
  await broker.kill();
  rmSync(`${broker.dir}/data`, { recursive: true, force: true });
  await broker.format(readFileSync(`${broker.dir}/server.properties`, "utf8"));
  await broker.start();
  await untilSaid(board, /lead to another Kafka cluster than before/);
  const { input, output, deadLetters } = topics;
  for (const name of [input, output, `${output}.history`, deadLetters]) {
    await broker.createTopic(name, 2);
  }
  await sell(9, topics);
  await logged(board, "lead to another Kafka cluster than before: the addresses are wrong, or");
  // All of it is new, so that counting begins anew, and nothing of before is added.
  await totalsWhen(board, ({ total }) => total.sales === 9);
  const verified = await runSalesboard(["verify", "--brokers", broker.brokers, ...topics.args]);
  expect(verified.status, verified.stdout + verified.stderr).toBe(0);
});
