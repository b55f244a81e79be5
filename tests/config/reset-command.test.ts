import { describe, expect, test } from "bun:test";
import { resetCommand } from "../../src/config/reset-command.ts";
import { read } from "../support/settings.ts";

const of = (...args: string[]) =>
  resetCommand(read(["aggregate", "--brokers", "k:9092", ...args]).config);

describe("resetCommand", () => {
  test("names only what differs from the defaults", () => {
    expect(of()).toBe("salesboard reset --brokers k:9092");
    expect(of("--input-topic", "orders", "--output-topic", "o", "--group", "team é")).toBe(
      "salesboard reset --brokers k:9092 --input-topic orders --output-topic o --group 'team é'",
    );
    expect(of("--history-topic", "h")).toBe("salesboard reset --brokers k:9092 --history-topic h");
  });

  test("names a pattern as it was given, for a shell that would look for files", () => {
    expect(of("--input-topic", "sales,sales_*")).toBe(
      "salesboard reset --brokers k:9092 --input-topic 'sales,sales_*'",
    );
  });

  test("is the same command for the process that it is typed for", () => {
    const command = of("--group", "it's", "--output-topic", "o", "-X", "client.id=a b");
    const words = Bun.spawnSync(["sh", "-c", `printf '%s\\n' ${command}`]).stdout.toString();
    const [, ...args] = words.trimEnd().split("\n");
    expect(read(args).config).toMatchObject({
      group: "it's",
      outputTopic: "o",
      historyTopic: "o.history",
      rdkafka: { "client.id": "a b" },
    });
  });

  test("shows no value that can be a secret", () => {
    const command = of("-X", "sasl.password=hunter2", "-X", "sasl.username=board");
    expect(command).not.toContain("hunter2");
    expect(command).toEndWith("-X sasl.password=… -X sasl.username=board");
  });
});
