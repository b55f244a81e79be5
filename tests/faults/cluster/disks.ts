/** Faults of disks: somebody fills a file system in which a broker keeps its newest topics. */

import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { librdkafka } from "../../../src/kafka/librdkafka.ts";
import { OUTPUT_SETTINGS } from "../../../src/topics/own-settings.ts";
import { quietLog } from "../../support/context.ts";
import type { Salesboard } from "../../support/executable.ts";
import { uuid } from "../../support/kafka-format.ts";
import type { KafkaProcess } from "../../support/kafka-process.ts";
import { recordsOf } from "../../support/records.ts";
import { type ClusterArena, type ClusterFault, grown, healed, said, startBoard } from "./fault.ts";

/** Room for the topics of one arena, and for what is sold until the disk is full. */
const DISK_MB = 48;
/** More than the partitions of an arena and of Kafka's own topics. */
const FILLERS = 60;
const CHUNK_BYTES = 64 * 1024;
/** The output partition that stands there. */
const ON_SMALL = 2;
/** The broker must not end it before we do. */
const FOREIGN_MS = 300_000;
const FLUSH_MS_MAX = 60_000;

const onFullDisk: Pick<ClusterFault, "missing" | "prepare" | "cleanUp"> = {
  missing: () => mountProblem(),
  prepare: async ({ broker, topics }) => {
    // Kafka puts a new partition where there are fewest: these stand on the large disk.
    const others = Array.from({ length: FILLERS }, () => [3]);
    const config = { "min.insync.replicas": "1" };
    await broker.createTopics({ name: `${topics.input}-others`, partitions: others, config });
    await onSmallDisk(broker.node(3));
    await broker.createTopics({
      name: topics.output,
      partitions: [[1], [2], [3], [1]],
      config: { ...OUTPUT_SETTINGS, "min.insync.replicas": "1" },
    });
  },
  cleanUp: ({ broker }) => offSmallDisk(broker.node(3)),
};

export const disks: readonly ClusterFault[] = [
  {
    ...onFullDisk,
    name: "the disk of a broker is full",
    injection:
      "A file fills the file system in which one broker keeps its newest topics, one output " +
      "partition among them; then the file is deleted, and the broker is killed and started again.",
    expected:
      "The page says that a disk may be full. Nothing is counted while a transaction that wrote there " +
      "cannot end, and the same process goes on.",
    run: (arena) => fill(arena),
  },
  {
    ...onFullDisk,
    name: "a disk is full, and a client's transaction is open on it",
    injection:
      "The same, with records of a foreign transaction on that output partition, which is aborted " +
      "after the broker is back.",
    expected:
      "The page names the disk, and then the transaction. The other partitions are counted, and the " +
      "same process goes on.",
    run: fillBehindTransaction,
  },
];

async function fillBehindTransaction(arena: ClusterArena): Promise<void> {
  const { brokers } = arena.broker;
  const properties = { "transaction.timeout.ms": String(FOREIGN_MS) };
  const kafka = librdkafka({ brokers, properties, log: quietLog });
  const { output } = arena.topics;
  const producer = kafka.transactionalProducer({ transactionalId: `foreign-${output}` });
  try {
    await fill(arena, async (run) => {
      await producer.init();
      producer.begin();
      const value = new TextEncoder().encode("{}");
      producer.produce(output, recordsOf([{ key: value, value, partition: ON_SMALL }]));
      await producer.flush(FLUSH_MS_MAX);
      await said(
        arena,
        run,
        /behind an undecided transaction can be read, in partition 2 \(offset/,
      );
      return async () => {
        await said(arena, run, /undecided transaction can be read, in partition 2 \(offset/);
        await grown(run);
        await producer.abort();
      };
    });
  } finally {
    await producer.close();
  }
}

/** `before`: before the disk is full; what it hands back: after the broker is back. */
async function fill(
  arena: ClusterArena,
  before?: (run: Salesboard) => Promise<() => Promise<void>>,
): Promise<void> {
  const node = arena.broker.node(3);
  const run = await startBoard(arena);
  const after = await before?.(run);
  const file = `${smallDisk(node)}/filler`;
  fillUp(file);
  await said(arena, run, /partition 2 of \S+ has no leader, although its broker 3 is up: .*disk/);
  rmSync(file);
  // In order, a broker with a broken disk takes minutes to end.
  await node.kill();
  await node.start();
  await after?.();
  arena.over();
  await healed(arena, run);
}

/** Writes until there is no room for another byte. */
function fillUp(file: string): void {
  for (const bytes of [CHUNK_BYTES, 1]) {
    const chunk = new Uint8Array(bytes);
    try {
      for (;;) writeFileSync(file, chunk, { flag: "a" });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
  }
}

const smallDisk = (node: KafkaProcess) => `${node.dir}/small`;
const settings = (node: KafkaProcess) => `${node.dir}/server.properties`;

/** Gives the broker a second, small file system. Kafka puts new topics where there are fewest. */
async function onSmallDisk(node: KafkaProcess): Promise<void> {
  const small = smallDisk(node);
  await node.shutDown();
  mkdirSync(small);
  mount(small);
  const properties = readFileSync(`${node.dir}/data/meta.properties`, "utf8");
  const own = properties.replace(/^directory\.id=.*$/m, `directory.id=${uuid()}`);
  writeFileSync(`${small}/meta.properties`, own);
  copyFileSync(settings(node), `${settings(node)}.before`);
  const text = readFileSync(settings(node), "utf8");
  const dirs = text.replace(/^log\.dirs=(.*)$/m, `log.dirs=$1,${small}\nmetadata.log.dir=$1`);
  writeFileSync(settings(node), dirs);
  await node.start();
}

async function offSmallDisk(node: KafkaProcess): Promise<void> {
  await node.kill();
  Bun.spawnSync(["umount", "-l", smallDisk(node)]);
  rmSync(smallDisk(node), { recursive: true, force: true });
  renameSync(`${settings(node)}.before`, settings(node));
}

function mount(dir: string): void {
  const { exitCode, stderr } = Bun.spawnSync([
    ...["mount", "-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", dir],
  ]);
  if (exitCode !== 0) throw new Error(`Cannot mount a small file system: ${stderr}`);
}

/** Only root can mount, and not in each container. */
function mountProblem(): string | undefined {
  const dir = mkdtempSync(`${tmpdir()}/salesboard-disk-`);
  try {
    mount(dir);
    Bun.spawnSync(["umount", dir]);
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
