/**
 * Regression: with a mapping, a poll had room for 8,192 records that the fast path had declined.
 * All sales of a product are declined until the poll ends in which the product is new, so that a
 * backlog began with thousands of judgements: a tenth of what a million till's events took.
 */

import { describe, expect, test } from "bun:test";
import { pollBatch } from "../../src/aggregator/poll-batch.ts";

describe("a poll", () => {
  test("has room for few records that the fast path declines", () => {
    expect(pollBatch({ inputFormat: "json" }).recordsMax).toBeLessThanOrEqual(256);
  });

  test.each(["avro", "protobuf", "csv"] as const)("has room for many records of %s", (format) => {
    expect(pollBatch({ inputFormat: format }).recordsMax).toBeGreaterThan(1_000);
  });
});
