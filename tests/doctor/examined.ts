/** A cluster in memory with the topics of a deployment, and what `doctor` says of it. */

import { type DoctorOptions, runDoctor } from "../../src/doctor/doctor.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { findingsPage } from "../../src/doctor/print.ts";
import { styleOf } from "../../src/inspect/print-table.ts";
import type { Admin, Kafka } from "../../src/kafka/kafka.ts";
import type { NativeMockCluster } from "../../src/kafka/native.ts";
import { timeZone } from "../../src/mapping/exact/zone.ts";
import { inputJudge } from "../../src/mapping/input-judge.ts";
import { OUTPUT_SETTINGS } from "../../src/topics/own-settings.ts";
import { BOOKKEEPING_KEY, type Bookkeeping } from "../../src/wire/bookkeeping.ts";
import { encodeTotal } from "../../src/wire/total-record.ts";
import { bookkeepingRecord } from "../support/bookkeeping.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, quietLog } from "../support/context.ts";
import { sendAll } from "../support/records.ts";

/** What a cluster with a good set-up answers, where the one in memory cannot. */
const good: Partial<Admin> = {
  topicSettings: async (topic) => {
    const settings = topic.startsWith("out") ? OUTPUT_SETTINGS : { "cleanup.policy": "delete" };
    return { replicas: 1, values: new Map(Object.entries(settings)) };
  },
  groupMembers: async () => [{ client: "salesboard", host: "/10.0.0.7" }],
};

/** Ends a test in which `doctor` does anything but ask. */
const harmless: Partial<Admin> = Object.fromEntries(
  ["createTopic", "addPartitions", "deleteTopic", "deleteOffsets"].map((name) => [
    name,
    () => Promise.reject(new Error(`${name} writes`)),
  ]),
);

/** Totals of partition 0 of the output, with the bookkeeping that belongs to them. */
export async function note(kafka: Kafka, part: Partial<Bookkeeping>, topic = "out"): Promise<void> {
  const sales = part.sales ?? 0n;
  const sums = { quantity: sales * 1_000_000n, revenue: sales * 17_250_000n, sales, returns: 0n };
  const total = encodeTotal({ product: "Kite", ...sums, updatedAt: "2026-11-28T12:00:00.000Z" });
  const records = [
    ...(sales > 0n ? [{ key: new TextEncoder().encode("Kite"), value: total, partition: 0 }] : []),
    { key: BOOKKEEPING_KEY, value: bookkeepingRecord(part), partition: 0 },
  ];
  await sendAll(kafka, topic, records);
}

export class Examined implements AsyncDisposable {
  readonly cluster: NativeMockCluster;
  /** For the test's own records. */
  readonly kafka: Kafka;
  readonly brokers: string;
  readonly #args: readonly string[];

  constructor(...args: string[]) {
    this.#args = ["--input-topic", "in", "--output-topic", "out", "--port", "0", ...args];
    const config = configOf("doctor", ...this.#args);
    const { cluster, kafka } = openCluster(config, 2);
    cluster.createTopic("__transaction_state", 1);
    cluster.createTopic("__consumer_offsets", 1);
    this.cluster = cluster;
    this.kafka = kafka;
    this.brokers = cluster.bootstrapServers;
  }

  /** @param answers what the cluster answers otherwise */
  async look(answers: Partial<Admin> = {}, args: readonly string[] = []) {
    const all = ["doctor", "--brokers", this.brokers, ...this.#args, ...args];
    return examined({ args: all, kafka: () => this.#readable(answers) });
  }

  #readable(answers: Partial<Admin>): Kafka {
    const refuse = (): never => {
      throw new Error("A producer writes");
    };
    const answered = (admin: Admin): Admin => {
      const own = { ...good, ...harmless, ...answers } as Record<string, unknown>;
      return new Proxy(admin, {
        get: (target, name) => {
          if (typeof name === "string" && name in own) return own[name];
          const value = Reflect.get(target, name);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    };
    return {
      ...this.kafka,
      producer: refuse,
      transactionalProducer: refuse,
      admin: () => answered(this.kafka.admin()),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cluster.close();
  }
}

/** Runs `doctor`; the findings by their checks, and what a person reads. */
export async function examined({ args, kafka }: { args: readonly string[]; kafka: () => Kafka }) {
  const config = configOf(...args);
  const printed: string[] = [];
  const options: Omit<DoctorOptions, "config"> = {
    kafka: async () => kafka(),
    judging: () => ({
      judge: inputJudge(config),
      binary: undefined,
      zone: timeZone(config.timeZone),
    }),
    warnings: [],
    hasColours: false,
    log: quietLog,
    print: (text) => void printed.push(text),
  };
  const status = await runDoctor({ ...options, config: { ...config, json: true } });
  const [json = ""] = printed;
  const { findings, state } = JSON.parse(json) as { state: string; findings: Finding[] };
  const page = findingsPage(findings, styleOf(false));
  const of = (check: string) => findings.filter((finding) => finding.check === check);
  /** The sentences that are not "ok". */
  const bad = findings.filter((one) => one.state === "warning" || one.state === "problem");
  return { status, page, state, findings, of, bad };
}
