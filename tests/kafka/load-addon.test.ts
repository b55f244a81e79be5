/** The addon as a guest: whatever it is given, and however its host ends, it does no harm. */

import { dlopen, FFIType } from "bun:ffi";
import { afterAll, afterEach, expect, onTestFinished, test } from "bun:test";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { RecordBatch } from "../../src/kafka/batch.ts";
import { openInMemory } from "../../src/kafka/load-addon.ts";
import { type NativeConfig, native } from "../../src/kafka/native.ts";
import { ANSWER_MS_MAX, batchOf, NativeCluster } from "../support/native.ts";
import { seededRandom } from "../support/seed.ts";
import { waitFor } from "../support/wait.ts";

const cluster = new NativeCluster();
cluster.mock.createTopic("left-open", 1);
afterAll(() => cluster.close());

const client = fileURLToPath(new URL("../fixtures/native-client.ts", import.meta.url));
const loader = fileURLToPath(new URL("../fixtures/addon-in-memory.ts", import.meta.url));
const deno = fileURLToPath(
  new URL("../../node_modules/@deno/linux-x64-glibc/deno", import.meta.url),
);
const none = () => undefined;

/** `npm run sanitize` terminates a thousand. */
const WORKERS = Number(process.env.TERMINATED_WORKERS ?? 300);
const LIFE_MS_MAX = 30;
/** Under AddressSanitizer memory that was freed is not used again for a while. */
const GROWTH_MB_MAX = 32;
/** One worker has more than twenty. */
const GROWTH_FILES_MAX = 8;
/** What the runtime starts when it first needs it: threads of the collector and of its pool. */
const THREADS_OF_RUNTIME_MAX = 8;

const memory = batchOf(["a"]).memory;
const positions = [{ partition: 0, offset: 0 }];
const wrongValues = [undefined, Symbol("s"), 10n, -3, 0.5, Number.NaN, "", "a\u0000b", none, [{}]];

/** By method, arguments that are right; each is replaced in turn by everything that is not. */
function rightCalls(): [object, Record<string, unknown[]>][] {
  const consumer = cluster.consumer();
  const shared = { metadata: ["t", 1], watermarks: ["t", [0], 1], close: [1] };
  const topics = { addPartitions: ["t", 1, 1], topicSettings: ["t", 1] };
  return [
    [
      consumer,
      {
        ...shared,
        subscribe: ["t"],
        poll: [memory, 1],
        assign: ["t", positions],
        unassign: ["t", [0]],
        seek: ["t", positions, 1],
        committed: ["t", [0], 1],
        restFetch: [1],
      },
    ],
    [
      cluster.producer(),
      {
        ...shared,
        produce: ["t", memory, 0],
        flush: [1],
        initTransactions: [1],
        sendOffsets: [consumer, "t", positions, 1],
        commitTransaction: [1],
        abortTransaction: [1],
      },
    ],
    [cluster.admin(), { ...shared, ...topics, createTopic: ["t", 1, 1, {}, 1] }],
    [native.standardError, { write: ["line"], flush: [1] }],
    [
      cluster.mock,
      {
        createTopic: ["t", 1],
        pushRequestErrors: [0, [1]],
        setBrokerDown: [1],
        setBrokerUp: [1],
        setBrokerRtt: [1, 1],
        setCoordinator: ["group", "g", 1],
      },
    ],
  ];
}

test("every method refuses every wrong argument by a TypeError that names it", () => {
  for (const [object, calls] of rightCalls()) {
    for (const [name, right] of Object.entries(calls)) {
      const method = Reflect.get(object, name) as (...args: unknown[]) => unknown;
      for (const [i, wrong] of right.flatMap((_, i) => wrongValues.map((w) => [i, w] as const))) {
        const call = () => method.apply(object, right.with(i, wrong));
        expect(call).toThrow(TypeError);
        expect(call).toThrow(/^Cannot [a-z ]+: .* must be .*, received .*\.$/s);
      }
    }
  }
});

test("every method refuses a receiver of another class", () => {
  const [consumer, producer] = [cluster.consumer(), cluster.producer()];
  const others = [undefined, {}, new RecordBatch({ recordsMax: 1, bytesMax: 1 }), producer];
  for (const other of others) {
    expect(() => consumer.subscribe.call(other as never, "t")).toThrow(
      /^Cannot subscribe: it must be called on a Consumer, received .*\.$/,
    );
  }
  const foreign = () => producer.sendOffsets(producer as never, "t", [], 1);
  expect(foreign).toThrow("consumer must be a Consumer, received an object");
  expect(() => (native.Consumer as unknown as () => void)()).toThrow(TypeError);
});

test("a client refuses a setting in a sentence that names it, and never repeats a secret", () => {
  const refusal = (config: Record<string, unknown>): string => {
    try {
      new native.Producer(config as NativeConfig, none);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      return (error as TypeError).message;
    }
    throw new Error("It should have been refused.");
  };
  expect(refusal({ "no.such": "1" })).toContain("config.no.such");
  expect(refusal({ acks: "banana" })).toContain("config.acks: Invalid value");
  expect(refusal({ acks: 1 })).toContain("config.acks must be a string, received 1");
  const secret = { "security.protocol": "ssl", "ssl.key.pem": "hunter2" };
  for (const refused of [secret, { ssl_key: "hunter2" }]) {
    expect(refusal(refused)).toContain("key");
    expect(refusal(refused)).not.toContain("hunter2");
  }
  expect(() => new native.Consumer({}, none)).toThrow("config.group.id must be set");
});

test("a client reports that no broker is there, and its requests time out", async () => {
  const codes: string[] = [];
  const config = { "bootstrap.servers": "127.0.0.1:1" };
  const admin = new native.Admin(config, (event) => {
    if (event.type === "error") codes.push(event.error.code);
  });
  await expect(admin.metadata(null, 100)).rejects.toMatchObject({ code: "_TRANSPORT" });
  await waitFor(() => codes.includes("_ALL_BROKERS_DOWN"), { what: "the report" });
  await admin.close(ANSWER_MS_MAX);
});

/** What a worker could leave behind in this process. */
function usage(): { memoryMb: number; files: number; threads: string[] } {
  const threads = readdirSync("/proc/self/task").flatMap((id) => {
    const name = `/proc/self/task/${id}/comm`;
    try {
      return readFileSync(name, "utf8").trim();
    } catch {
      return []; // ended meanwhile
    }
  });
  const memoryMb = process.memoryUsage.rss() / 2 ** 20;
  return { memoryMb, files: readdirSync("/proc/self/fd").length, threads };
}

const ofLibrdkafka = ({ threads }: { threads: string[] }) => {
  return threads.filter((name) => name.startsWith("rdk:")).length;
};

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

// The second quarter against the fourth: it takes hundreds of workers until the allocators have
// what they keep. A worker's four clients that nobody freed would be hundreds of kilobytes.
test(`${WORKERS} workers, each terminated at any moment, leave nothing behind`, async () => {
  const random = seededRandom("WORKERS_SEED");
  const before = usage();
  const seen: ReturnType<typeof usage>[] = [];
  for (let i = 0; i < WORKERS; i++) {
    const worker = new Worker(client);
    const opened = new Promise((resolve) => worker.once("message", resolve));
    worker.postMessage(cluster.mock.bootstrapServers);
    if (i % 2) await opened; // the others may still be starting
    await Bun.sleep(random.between(0, LIFE_MS_MAX));
    seen.push(usage());
    await worker.terminate();
  }
  const quarter = (n: 2 | 4) => seen.slice(((n - 1) * WORKERS) / 4, (n * WORKERS) / 4);
  const growth = (of: (at: ReturnType<typeof usage>) => number) => {
    return median(quarter(4).map(of)) - median(quarter(2).map(of));
  };
  const open = seen.filter((at) => ofLibrdkafka(at) > ofLibrdkafka(before));
  expect(open.length).toBeGreaterThanOrEqual(Math.floor(WORKERS / 2));
  await waitFor(() => ofLibrdkafka(usage()) <= ofLibrdkafka(before), { what: "threads to end" });
  await waitFor(() => usage().threads.length <= before.threads.length + THREADS_OF_RUNTIME_MAX, {
    what: "the workers' own threads to end",
  });
  expect(growth(({ files }) => files)).toBeLessThan(GROWTH_FILES_MAX);
  expect(growth(({ memoryMb }) => memoryMb)).toBeLessThan(GROWTH_MB_MAX);
}, 600_000);

const runtimes = { Bun: [process.execPath], Deno: [deno, "run", "--allow-all"] };
for (const [runtime, command] of Object.entries(runtimes)) {
  const isThere = existsSync(command[0] ?? "");
  if (!isThere) console.warn(`Skipped: ${runtime} not found; install by: npm ci`);
  for (const way of ["while a poll waits", "with nothing left to do"]) {
    test.skipIf(!isThere)(
      `a process on ${runtime} ends ${way}`,
      async () => {
        const brokers = cluster.mock.bootstrapServers;
        const child = Bun.spawn([...command, client, brokers, way], { stderr: "pipe" });
        expect(await new Response(child.stderr).text()).toBe("");
        expect(await child.exited).toBe(0);
      },
      600_000,
    );
  }
}

/** As large as an addon, so that writing it takes a while. */
function largeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "salesboard-addon-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "file");
  writeFileSync(file, new Uint8Array(16 * 2 ** 20).fill(7));
  return file;
}

/** Open descriptors of files in memory, lowest first. */
function inMemory(): number[] {
  const isOne = (name: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith("/memfd:salesboard.node");
    } catch {
      return false; // closed meanwhile
    }
  };
  return readdirSync("/proc/self/fd").filter(isOne).map(Number);
}

afterEach(() => inMemory().forEach(closeSync));

// The name of the file was seen before its bytes were there: a second thread opened half of it.
test("a file in memory that is still being written is not taken for a whole one", async () => {
  const file = largeFile();
  const { symbols, close } = dlopen("libc.so.6", {
    memfd_create: { args: [FFIType.cstring, FFIType.u32], returns: FFIType.i32 },
  });
  const draft = symbols.memfd_create(Buffer.from("salesboard.node\0"), 1);
  close();
  writeSync(draft, "half");
  const found = await openInMemory(file);
  expect(readFileSync(found ?? -1).equals(readFileSync(file))).toBe(true);
});

// A thread that loads the library opens the file for a moment. Another thread took the path of that
// descriptor, "/proc/self/fd/7", for the file's, and found nothing there when it was closed.
test("a file in memory stays open while other threads open and close it", async () => {
  const file = largeFile();
  const low = openSync("/dev/null", "r");
  const first = await openInMemory(file);
  const [writers = -1] = inMemory();
  closeSync(low);
  const passing = openSync(`/proc/self/fd/${writers}`, "r");
  expect(passing).toBeLessThan(writers);
  const found = await openInMemory(file);
  closeSync(passing);
  closeSync(first ?? -1);
  expect(readFileSync(found ?? -1).equals(readFileSync(file))).toBe(true);
  closeSync(found ?? -1);
  expect(inMemory()).toEqual([writers]);
});

test("workers that ask for the file at once all get a whole one", async () => {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const file = largeFile();
  const answers = Array.from({ length: 8 }, (_, i) => {
    const worker = new Worker(loader, { workerData: { file, gate, delayMs: 2 * i } });
    const { promise, resolve, reject } = Promise.withResolvers();
    const waits = new Promise((ready) => worker.once("message", ready));
    worker.on("error", reject);
    void waits.then(() => worker.once("message", resolve));
    return { waits, answer: promise };
  });
  await Promise.all(answers.map(({ waits }) => waits));
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  const found = await Promise.all(answers.map(({ answer }) => answer));
  expect(found).toEqual(Array(answers.length).fill({ bytes: 16 * 2 ** 20, isWhole: true }));
}, 600_000);
