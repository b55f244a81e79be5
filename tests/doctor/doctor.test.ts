/** What `doctor` says of healthy deployments and of faults that were planted. */

import { describe, expect, test } from "bun:test";
import { type Admin, KafkaError } from "../../src/kafka/kafka.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { sendAll } from "../support/records.ts";
import { Examined, examined, note } from "./examined.ts";

const nobody = () => {
  throw new Error("Nobody is asked");
};

async function send(kafka: Examined["kafka"], values: readonly (string | Uint8Array)[]) {
  const bytes = (value: string | Uint8Array) =>
    typeof value === "string" ? new TextEncoder().encode(value) : value;
  const records = values.map((value) => ({ value: bytes(value), partition: 0 }));
  await sendAll(kafka, "in", records);
}

const sale = encodeSale({ product: "Kite", quantity: 1, price: 17_250_000n });

const refused =
  (code: string, message = "No") =>
  () =>
    Promise.reject(new KafkaError(message, { code, verdict: "fatal" }));

describe("of a deployment", () => {
  // The port in these tests throws when a producer is made, or a topic created, changed or deleted.
  test("that works, it says that nothing is wrong, and writes nothing", async () => {
    await using deployment = new Examined();
    await send(deployment.kafka, [sale, sale]);
    await note(deployment.kafka, { inputTopic: "in", inputOffset: 2, sales: 2n });
    const { status, bad, page, state, of } = await deployment.look();
    expect(bad).toEqual([]);
    expect({ status, state }).toEqual({ status: 0, state: "ok" });
    expect(page).toContain("ok       brokers    1 broker answers");
    expect(page).toEndWith("Nothing was written to Kafka.");
    expect(of("mapping")[0]?.text).toBe("2 of the latest 2 records of in count: the mapping fits.");
    expect(of("lag")[0]?.text).toBe("No record of in waits.");
    const admin = deployment.kafka.admin();
    for (const [topic, count] of Object.entries({ in: 2, out: 2, "out.history": 0, "in.dlq": 0 })) {
      const marks = await admin.allWatermarks(topic, [0, 1]);
      expect([...marks.values()].reduce((sum, { high }) => sum + high, 0)).toBe(count);
    }
    await admin.close();
  });

  test("without brokers, it says so, and looks at what is left", async () => {
    const { status, findings } = await examined({ args: ["doctor", "--port", "0"], kafka: nobody });
    expect(findings.map(({ check, state }) => [check, state])).toEqual([
      ["settings", "ok"],
      ["brokers", "ok"],
    ]);
    expect(findings[1]?.text).toStartWith("No brokers are configured");
    expect(status).toBe(0);
  });

  test("without an aggregator, it says that records wait", async () => {
    await using deployment = new Examined();
    await send(deployment.kafka, [sale, sale, sale]);
    await note(deployment.kafka, { inputTopic: "in", inputOffset: 1, sales: 1n });
    const { bad, status } = await deployment.look({ groupMembers: async () => [] });
    expect(status).toBe(1);
    expect(bad.map(({ text }) => text)).toEqual([
      "2 records of in wait, and no aggregator of group salesboard runs.",
    ]);
  });

  // The end of the input was asked for before the offsets that are counted. On a board that counts
  // 500 sales a second, doctor said that the log was cut, and to start over with `reset`.
  test("that counts while it looks, it does not say that sales are gone", async () => {
    await using deployment = new Examined();
    const { kafka } = deployment;
    await send(kafka, [sale]);
    await note(kafka, { inputTopic: "in", inputOffset: 1, sales: 1n });
    const admin = kafka.admin();
    let isCounting = false;
    const { bad, of } = await deployment.look({
      allWatermarks: async (topic, partitions) => {
        const marks = await admin.allWatermarks(topic, partitions);
        if (topic !== "in.dlq" || isCounting) return marks;
        isCounting = true;
        // The last question before what is counted.
        await send(kafka, [sale, sale]);
        await note(kafka, { inputTopic: "in", inputOffset: 3, sales: 3n });
        return marks;
      },
    });
    await admin.close();
    expect(bad).toEqual([]);
    expect(of("lag")[0]?.text).toBe("No record of in waits.");
  });

  test("that shares its output with another group, it names who counts there", async () => {
    await using deployment = new Examined("--group", "shop-2");
    await note(deployment.kafka, { group: "shop-1", inputTopic: "in" });
    const { of, status } = await deployment.look();
    expect(of("totals")[0]).toMatchObject({
      state: "problem",
      text: "The totals in out belong to group shop-1, not to shop-2: salesboard at 10.0.0.7 counts there now.",
      mend: "Stop the aggregators of one of the two groups",
    });
    expect(status).toBe(2);
    const idle = await deployment.look({ groupMembers: async () => [] });
    expect(idle.of("totals")[0]).toMatchObject({ state: "warning", mend: "--group shop-1" });
  });

  test("another program in the group is named with the partitions that nobody counts", async () => {
    await using deployment = new Examined();
    const assigned = [{ topic: "in", partition: 1 }];
    const stranger = { client: "warehouse", host: "/10.0.0.9", assigned };
    const { of } = await deployment.look({ groupMembers: async () => [stranger] });
    expect(of("group")).toMatchObject([
      { state: "problem", mend: "Stop that program, or --group ID" },
    ]);
    expect(of("group")[0]?.text).toStartWith("Partition 1 of in belongs to warehouse at 10.0.0.9");
    const { assigned: _, ...idle } = stranger;
    const harmless = await deployment.look({ groupMembers: async () => [idle] });
    expect(harmless.of("group")).toMatchObject([{ state: "warning", mend: "--group ID" }]);
  });

  // The name of the group stands in a record that anybody may have written.
  test("that a stranger's group counts, it hands no control character to the terminal", async () => {
    await using deployment = new Examined();
    await note(deployment.kafka, { group: "shop 1\u001b[2J", inputTopic: "in" });
    const { of, page } = await deployment.look({ groupMembers: async () => [] });
    expect(of("totals")[0]?.mend).toBe("--group 'shop 1\u001b[2J'");
    expect(page).not.toContain("\u001b");
    expect(page).toContain("--group 'shop 1");
  });

  test("whose totals were counted with other rules, it says that they would be refused", async () => {
    await using deployment = new Examined();
    await note(deployment.kafka, { inputTopic: "in", mapping: "2074d38c20ca2b71" });
    const { of } = await deployment.look();
    expect(of("totals")[0]?.text).toMatch(
      /^Partition 0 would be refused: the totals in out were counted with the mapping 2074d38c/,
    );
  });
});

describe("of a fault", () => {
  test("in the topics, it gives the command that mends it", async () => {
    await using deployment = new Examined();
    const { status, of } = await deployment.look({
      topicSettings: async (topic) => ({
        replicas: 1,
        values: new Map([
          ["cleanup.policy", "delete"],
          ["retention.ms", "604800000"],
          ["min.insync.replicas", topic === "in" ? "2" : "1"],
        ]),
      }),
    });
    expect(status).toBe(2);
    const [input, output] = of("topics");
    expect(input).toMatchObject({
      state: "problem",
      text:
        "Brokers before Kafka 4 take no record for the topic in: its min.insync.replicas is 2, and a " +
        "partition has 1 replica.",
    });
    expect(output?.text).toStartWith("Kafka deletes records of the topic out after 7 days");
    expect(output?.mend).toContain(
      "--alter --entity-type topics --entity-name out --add-config cleanup.policy=compact,",
    );
  });

  test("a missing input topic is a problem, and a missing output topic is not, at first", async () => {
    await using deployment = new Examined();
    const { of } = await deployment.look({ describeTopic: async () => undefined });
    expect(of("topics").map(({ state }) => state)).toEqual(["problem", "ok", "ok", "ok"]);
    expect(of("topics")[0]?.mend).toEndWith("--create --topic in --partitions 4");
    const serving = await deployment.look({ describeTopic: async () => undefined }, [
      "--roles",
      "dashboard",
    ]);
    const states = serving.of("topics").map(({ state }) => String(state));
    expect(states).toEqual(["problem", "warning", "warning", "warning"]);
  });

  test("each missing right is named with its command", async () => {
    await using deployment = new Examined();
    const rights: Record<string, string[]> = { in: ["DESCRIBE"], out: ["READ", "WRITE"] };
    const describeTopic: Admin["describeTopic"] = async (topic) => {
      if (topic === "in.dlq") return refused("TOPIC_AUTHORIZATION_FAILED")();
      return { partitions: 2, rights: rights[topic] ?? ["ALL"] };
    };
    const groupMembers = refused("GROUP_AUTHORIZATION_FAILED", "There is no right");
    const { of, status } = await deployment.look({ describeTopic, groupMembers });
    expect(status).toBe(2);
    const found = of("rights").map(({ state, mend }) => `${state} ${mend?.split("User:USER ")[1]}`);
    expect(found).toEqual([
      "problem --topic in --operation Read",
      "problem --topic in.dlq --operation Write",
      "warning --topic in.dlq --operation Read",
      "problem --resource-pattern-type prefixed --group salesboard --operation Read",
      "skipped --resource-pattern-type prefixed --transactional-id salesboard --operation Write",
    ]);
  });

  test("settings that may not be read, and Kafka's own topics that may not be seen, are left out", async () => {
    await using deployment = new Examined();
    const { bad, of } = await deployment.look({
      topicSettings: refused("TOPIC_AUTHORIZATION_FAILED"),
    });
    expect(bad).toEqual([]);
    const skipped = of("topics").filter(({ state }) => state === "skipped");
    expect(skipped.map(({ mend }) => mend?.split(" --").at(-1))).toEqual([
      ...Array.from({ length: 4 }, () => "operation DescribeConfigs"),
    ]);
  });

  test("in the mapping, it gives the reason and the rules that would count", async () => {
    await using deployment = new Examined();
    await send(deployment.kafka, [
      '{"item":"Kite","qty":1,"unit_price":17.25}',
      '{"item":"Tent","qty":2,"unit_price":99.5}',
    ]);
    const { of, status } = await deployment.look();
    expect(status).toBe(2);
    const [finding] = of("mapping");
    expect(finding?.text).toMatch(/^No record of in counts \(the latest 2 were looked at\)\. The /);
    expect(finding?.mend).toMatch(/^salesboard reset .*&& \\\nsalesboard .*--map '\n {2}product: /);
  });

  test("a part of the records that becomes dead letters is a warning", async () => {
    await using deployment = new Examined();
    await send(deployment.kafka, [sale, sale, sale, "no sale"]);
    const { of, status } = await deployment.look();
    expect(status).toBe(1);
    expect(of("mapping")[0]?.text).toBe(
      "3 of the latest 4 records of in count, and 1 becomes a dead letter. The reason in 1 of them: " +
        "the value is not JSON.",
    );
  });

  // It proposed the mapping that was in effect already, as if that could mend anything.
  test("a mapping that is in effect is not proposed again", async () => {
    const item = '{"item":"Kite","qty":1,"unit_price":17.25}';
    const map = "product: item; quantity: qty; price: unit_price";
    await using deployment = new Examined("--map", map);
    await send(deployment.kafka, [item, item, item, "no sale"]);
    const [finding] = (await deployment.look()).of("mapping");
    expect(finding?.text).toStartWith(
      "3 of the latest 4 records of in count, and 1 becomes a dead",
    );
    expect(finding?.mend).toMatch(/^salesboard inspect /);
  });

  test("one question without an answer costs the others nothing", async () => {
    await using deployment = new Examined();
    await send(deployment.kafka, [sale]);
    const { of } = await deployment.look({
      identity: refused("_TIMED_OUT"),
      groupMembers: refused("_WAIT_COORD", "Kafka has no coordinator."),
    });
    expect(of("group")[0]).toMatchObject({
      state: "skipped",
      text: "The members of group salesboard were not seen: Kafka has no coordinator.",
    });
    expect(of("mapping")[0]?.state).toBe("ok");
    expect(of("topics")).toHaveLength(4);
  });
});

test("brokers that do not answer are one problem, and nothing else is asked", async () => {
  await using deployment = new Examined();
  const { status, findings } = await deployment.look({
    ping: refused("_AUTHENTICATION", "The brokers refuse the login"),
  });
  expect(status).toBe(2);
  expect(findings.map(({ check, state }) => `${check} ${state}`)).toContain("topics skipped");
  expect(findings.filter(({ check }) => check === "rights")).toEqual([]);
});

test("an advertised name that cannot be reached is told with the setting", async () => {
  await using deployment = new Examined();
  const { of } = await deployment.look({
    ping: async () => ({ brokers: 1, addresses: ["nowhere.invalid:9092"] }),
  });
  expect(of("brokers")).toMatchObject([
    {
      state: "problem",
      text: expect.stringContaining(
        "they answer, but call themselves nowhere.invalid:9092, and that cannot be reached from here",
      ),
      mend: "advertised.listeners of the broker, in place of nowhere.invalid:9092",
    },
  ]);
});
