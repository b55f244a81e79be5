import { describe, expect, test } from "bun:test";
import { contradictionOf } from "../../src/aggregator/belonging/laws.ts";
import { Totals } from "../../src/domain/totals.ts";
import {
  type Admin,
  type Consumer,
  type GroupMember,
  type Kafka,
  KafkaError,
} from "../../src/kafka/kafka.ts";
import { runReset } from "../../src/reset/reset.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf } from "../support/context.ts";

interface Cluster {
  topics: Map<string, number>;
  /** Of the group, by partition of the input. */
  offsets: Map<number, number>;
  members: GroupMember[];
  deleted: string[];
  /** The broker dies when this is to be deleted. */
  diesAt?: string;
}

function clusterOf(of: Partial<Cluster> = {}): Cluster {
  const topics = new Map([
    ["orders", 2],
    ["orders.dlq", 2],
    ["totals", 2],
    ["totals.history", 2],
  ]);
  return { topics, offsets: new Map([[1, 7]]), members: [], deleted: [], ...of };
}

function kafkaOf(cluster: Cluster): Kafka {
  const remove = (what: string) => {
    if (cluster.diesAt === what) {
      throw new KafkaError("The broker is gone.", { code: "_TRANSPORT", verdict: "retry" });
    }
    cluster.deleted.push(what);
  };
  const admin = {
    describeTopic: async (topic) => {
      const partitions = cluster.topics.get(topic);
      return partitions === undefined ? undefined : { partitions };
    },
    topicNames: async () => [...cluster.topics.keys()],
    groupMembers: async () => cluster.members,
    deleteTopic: async (topic) => {
      remove(topic);
      cluster.topics.delete(topic);
    },
    deleteOffsets: async (group, topic, partitions) => {
      if (partitions.length > 0) remove(`${group} in ${topic}: ${partitions.join(",")}`);
      for (const partition of partitions) cluster.offsets.delete(partition);
    },
    close: async () => {},
  } as Partial<Admin> as Admin;
  const observer = {
    committed: async (partitions) =>
      partitions.map((partition) => ({
        partition,
        offset: cluster.offsets.get(partition) ?? null,
      })),
    close: async () => {},
  } as Partial<Consumer> as Consumer;
  return { admin: () => admin, groupConsumer: () => observer } as Partial<Kafka> as Kafka;
}

const names = ["--input-topic", "orders", "--output-topic", "totals", "--group", "board"];

async function reset(cluster: Cluster, { args = ["--yes"], answer }: Answering = {}) {
  const printed: string[] = [];
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return answer ?? "";
  };
  const status = await runReset({
    kafka: kafkaOf(cluster),
    config: configOf("reset", "--brokers", "k:9092", ...names, ...args),
    print: (text) => void printed.push(text),
    ask: answer === undefined ? undefined : ask,
  });
  return { status, text: printed.join("\n"), questions };
}

interface Answering {
  args?: string[];
  answer?: string;
}

const everything = ["totals", "totals.history", "board in orders: 1"];

describe("runReset", () => {
  test("names what it deletes, and deletes the totals first and the offsets last", async () => {
    const cluster = clusterOf();
    expect(await reset(cluster)).toEqual({
      status: 0,
      text: [
        "This will be deleted:",
        "  topic totals: the totals, 2 partitions",
        "  topic totals.history: the history, 2 partitions",
        "  offsets of group board in 1 partition of orders",
        "orders and orders.dlq stay as they are.",
        "Deleted. An aggregator that starts now counts anew from the start of the input.",
      ].join("\n"),
      questions: [],
    });
    expect(cluster.deleted).toEqual(everything);
    expect([...cluster.topics.keys()]).toEqual(["orders", "orders.dlq"]);
  });

  test("deletes the totals by dimensions too, those of former mappings among them", async () => {
    const boards = [
      "totals.by-till",
      "totals.by-store",
      "other.by-store",
      "totals.by-",
      "totals.x",
    ];
    const topics = new Map([...clusterOf().topics, ...boards.map((name) => [name, 2] as const)]);
    const cluster = clusterOf({ topics });
    const { text } = await reset(cluster);
    expect(text).toContain("  topic totals.by-store: the totals by store, 2 partitions\n");
    const [totals, history, offsets] = everything as [string, string, string];
    const ours = [totals, "totals.by-store", "totals.by-till", history];
    expect(cluster.deleted).toEqual([...ours, offsets]);
  });

  test("deletes what was counted of each of several topics, in the safe order for each", async () => {
    const ours = [
      "tills",
      "totals.of-tills",
      "totals.of-tills.by-store",
      "totals.of-tills.history",
    ];
    const topics = new Map([...clusterOf().topics, ...ours.map((name) => [name, 2] as const)]);
    const cluster = clusterOf({ topics });
    const { text } = await reset(cluster, { args: ["--input-topic", "orders,tills", "--yes"] });
    expect(text).toContain("  topic totals.of-tills: the totals, 2 partitions\n");
    expect(text).toContain("  offsets of group board.of-tills in 1 partition of tills\n");
    expect(text).toContain("orders, orders.dlq, tills and tills.dlq stay as they are.");
    // The cluster of this test has one set of offsets for both groups.
    expect(cluster.deleted).toEqual([
      ...everything,
      ...ours.slice(1),
      "board.of-tills in tills: 1",
    ]);
    expect([...cluster.topics.keys()]).toEqual(["orders", "orders.dlq", "tills"]);
  });

  test("refuses while a member of any group of several topics is there", async () => {
    const cluster = clusterOf({ members: [{ client: "salesboard", host: "/10.0.0.7" }] });
    const args = ["--input-topic", "orders,tills", "--yes"];
    await expect(reset(cluster, { args })).rejects.toThrow(
      "Cannot reset: group board has 1 member",
    );
    expect(cluster.deleted).toEqual([]);
  });

  test("does the rest of a reset that broke off at any place", async () => {
    for (const diesAt of everything) {
      const cluster = clusterOf({ diesAt });
      await expect(reset(cluster)).rejects.toThrow(
        "Cannot reset: The broker is gone. What is deleted so far does no harm: type the same " +
          "command again.",
      );
      const again = { ...cluster, diesAt: "nothing" };
      expect((await reset(again)).status).toBe(0);
      expect(again.deleted).toEqual(everything);
    }
  });

  // Offsets went first. Totals that are whole go on without an offset, so that an aggregator that
  // started after half a reset undid the reset, and said so in its log alone.
  test("leaves nothing that an aggregator goes on with, wherever it broke off", async () => {
    const config = configOf("run", "--brokers", "k:9092", ...names);
    const none = { totals: new Totals(), bookkeeping: undefined, problem: undefined, end: 0 };
    const origin = { inputTopic: "orders", topicId: undefined, clusterId: undefined };
    for (const diesAt of everything.slice(1)) {
      const cluster = clusterOf({ diesAt });
      await expect(reset(cluster)).rejects.toThrow("Cannot reset");
      expect([...cluster.topics.keys()]).not.toContain("totals");
      const offset = cluster.offsets.get(1) ?? null;
      expect(contradictionOf(offset, none, config, origin)).toStartWith(
        "group board has read up to offset 7, but totals holds no totals; to count anew, stop all " +
          "aggregators and type `salesboard reset",
      );
    }
  });

  test("says so when nothing is left", async () => {
    const cluster = clusterOf();
    await reset(cluster);
    const { status, text } = await reset(cluster, { args: [] });
    expect(status).toBe(0);
    expect(text).toBe(
      "Nothing to delete: there is neither a topic totals nor totals.history, and group board has " +
        "no offset in orders.",
    );
  });

  test("refuses while the group has members, and names them", async () => {
    const members = [{ client: "salesboard", host: "/10.0.0.7" }];
    const cluster = clusterOf({ members });
    await expect(reset(cluster)).rejects.toThrow(
      "Cannot reset: group board has 1 member, salesboard at 10.0.0.7. Stop all aggregators",
    );
    expect(cluster.deleted).toEqual([]);
  });

  test("looks for members again when the answer has taken its time", async () => {
    const cluster = clusterOf();
    const kafka = kafkaOf(cluster);
    const ask = async () => {
      cluster.members.push({ client: "late", host: "/10.0.0.8" });
      return "yes";
    };
    const config = configOf("reset", "--brokers", "k:9092", ...names);
    const print = () => {};
    await expect(runReset({ kafka, config, print, ask })).rejects.toThrow("late at 10.0.0.8");
    expect(cluster.deleted).toEqual([]);
  });

  test.each([
    ["yes", 0, everything],
    ["Y", 0, everything],
    ["no", 1, []],
    ["", 1, []],
  ])("asks, and the answer %j gives status %d", async (answer, status, deleted) => {
    const cluster = clusterOf();
    const result = await reset(cluster, { args: [], answer });
    expect(result.questions).toEqual(["Delete all of this? Type yes: "]);
    expect(result.status).toBe(status as 0 | 1);
    expect(cluster.deleted).toEqual(deleted);
  });

  test("without a terminal and --yes it lists and deletes nothing", async () => {
    const cluster = clusterOf();
    await expect(reset(cluster, { args: [] })).rejects.toMatchObject({
      message: expect.stringContaining("standard input is not a terminal"),
      exitStatus: 2,
    });
    expect(cluster.deleted).toEqual([]);
  });

  test("says that an embedded broker of another process cannot be reset", async () => {
    const { cluster, kafka } = openCluster(configOf("run"), 1);
    const config = configOf("reset", "--brokers", cluster.bootstrapServers, "--yes");
    const reset = runReset({ kafka, config, print: () => {}, ask: undefined });
    await expect(reset).rejects.toMatchObject({
      message: expect.stringContaining("An embedded broker keeps its data in memory"),
      exitStatus: 2,
    });
    cluster.close();
  });

  test("never touches input and dead letters, even if the history is said to be there", async () => {
    for (const history of ["orders", "orders.dlq"]) {
      const cluster = clusterOf();
      await reset(cluster, { args: ["--yes", "--history", "off", "--history-topic", history] });
      expect(cluster.deleted).toEqual(["totals", "board in orders: 1"]);
    }
  });
});
