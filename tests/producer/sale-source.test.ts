import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { RecordBatch } from "../../src/kafka/kafka.ts";
import type { Log } from "../../src/lib/log.ts";
import { saleSource } from "../../src/producer/sale-source.ts";
import { configOf, quietLog } from "../support/context.ts";

const folder = mkdtempSync(`${tmpdir()}/salesboard-source-`);
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads `content` to its end; what was warned of on the way. */
async function warningsOf(content: string): Promise<unknown[]> {
  const path = `${folder}/sales.ndjson`;
  writeFileSync(path, content);
  const warnings: unknown[] = [];
  const log: Log = {
    ...quietLog,
    warning: (_message, properties) => void warnings.push(properties),
  };
  const signal = new AbortController().signal;
  const source = saleSource({ config: configOf("run", "--input", path), log, signal });
  const batch = new RecordBatch({ recordsMax: 100, bytesMax: 1024 * 1024 });
  while (await source.fill(batch, 100)) batch.clear();
  return warnings;
}

const sale = '{"product":"a","quantity":1,"price":1}';
const line = (number: number) => ({ line: number, reason: expect.any(String) });

// Empty lines were not counted, and the number was that of another line.
test.each([
  ["after empty ones", `\n\r\n${sale}\n\n\nno sale\n`, 6],
  ["in front", `no sale\n${sale}`, 1],
  ["without an end", `${sale}\n\nno sale`, 3],
  ["far behind in the file", `${`\n\n${sale}`.repeat(10_000)}\nno sale\n`, 20_002],
])("names a line that is no sale as an editor counts it, %s", async (_where, content, number) => {
  expect(await warningsOf(content)).toEqual([line(number), { lines: 1 }]);
});

test("sends bytes as they are when records are binary, and asks no schema what they mean", async () => {
  const path = `${folder}/orders.ndjson`;
  writeFileSync(path, '{"value_base64":"AAAAAAf/"}\nnull\n');
  const args = ["produce", "--brokers", "k:9092", "--input", path, "--input-format", "avro"];
  const source = saleSource({
    config: configOf(...args),
    log: quietLog,
    signal: new AbortController().signal,
  });
  const batch = new RecordBatch({ recordsMax: 100, bytesMax: 1024 });
  await source.fill(batch, 100);
  expect([batch.value(0), batch.value(1)]).toEqual([Uint8Array.of(0, 0, 0, 0, 7, 255), null]);
});
