/** The commands that end by themselves: `produce`, `config`, `health`, help and version. */

import { afterEach, test as always, describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { newTopics, Runs } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { readCommitted } from "../support/read.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("java", "maven", "kcat");
const runs = new Runs();
afterEach(() => runs.end());

/** Runs `produce` on a topic of its own; the values that arrived, sorted. */
async function produced(args: readonly string[], stdin?: string) {
  const { brokers } = await sharedKafka();
  const { input } = newTopics("produce");
  const command = ["produce", "--brokers", brokers, "--input-topic", input, ...args];
  const run = await runSalesboard(command, stdin === undefined ? {} : { stdin });
  const records = await readCommitted({ brokers, topic: input });
  const values = records.map(({ value }) => new TextDecoder().decode(value ?? undefined)).sort();
  return { ...run, values };
}

describe("salesboard produce", () => {
  test("sends exactly --count sales and ends with 0 once they are acknowledged", async () => {
    const { status, values, stderr } = await produced(["--count", "500", "--rate", "0"]);
    expect(status).toBe(0);
    expect(values).toHaveLength(500);
    expect(stderr).toContain("All sales acknowledged.");
  });

  test("sends the same sales for the same seed", async () => {
    const args = ["--count", "200", "--rate", "0", "--seed"];
    const [first, again, other] = [
      await produced([...args, "11"]),
      await produced([...args, "11"]),
      await produced([...args, "12"]),
    ];
    expect(again.values).toEqual(first.values);
    expect(other.values).not.toEqual(first.values);
  });

  test("sends a file, or standard input, line by line", async () => {
    const lines = Array.from(
      { length: 50 },
      (_, i) => `{"product":"p${i}","quantity":1,"price":${i}}`,
    );
    const folder = mkdtempSync(`${tmpdir()}/salesboard-input-`);
    const file = `${folder}/sales.ndjson`;
    writeFileSync(file, lines.join("\n"));
    const fromFile = await produced(["--input", file, "--rate", "0"]);
    rmSync(folder, { recursive: true });
    expect(fromFile).toMatchObject({ status: 0, values: [...lines].sort() });
    const fromStdin = await produced(["--input", "-", "--rate", "0"], lines.join("\n"));
    expect(fromStdin).toMatchObject({ status: 0, values: [...lines].sort() });
  });
});

describe("salesboard", () => {
  always("--help names every command and --version a version", async () => {
    const help = await runSalesboard(["--help"]);
    for (const command of ["run", "produce", "aggregate", "serve", "verify", "health", "config"]) {
      expect(help.stdout).toContain(command);
    }
    const version = await runSalesboard(["--version"]);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect([help.status, version.status]).toEqual([0, 0]);
  });

  always("config says where each setting comes from and hides secrets", async () => {
    const args = ["config", "--json", "--brokers", "kafka:9092", "--port", "8080"];
    const env = { SALESBOARD_CURRENCY: "EUR", SALESBOARD_RDKAFKA_SASL_PASSWORD: "hunter2" };
    const { status, stdout } = await runSalesboard(args, { env });
    expect(status).toBe(0);
    expect(stdout).not.toContain("hunter2");
    expect(JSON.stringify(JSON.parse(stdout))).toMatch(/EUR/);
    expect(stdout).toContain("SALESBOARD_CURRENCY");
  });

  always("health asks a running dashboard", async () => {
    const run = runs.start(["--port", "0", "--base-path", "/shop/board"]);
    const url = await run.url();
    const health = () => runSalesboard(["health", "--url", url, "--json"]);
    // A single answer says little of a machine that is busy.
    const healthy = await waitFor(
      async () => {
        const answer = await health();
        return answer.status === 0 ? answer : undefined;
      },
      { what: "the dashboard to be ready" },
    );
    expect(JSON.parse(healthy.stdout)).toMatchObject({ ready: true });
    await run.stop();
    expect((await health()).status).toBe(1);
  });
});
