/**
 * Regression: with a mapping, a poll had room for 8,192 records that the fast path had declined.
 * All sales of a product are declined until the poll ends in which the product is new, so that a
 * backlog began with thousands of judgements: a tenth of what a million till's events took.
 */

import { describe, expect, test } from "bun:test";
import { pollBatch } from "../../src/aggregator/poll-batch.ts";

describe("a poll", () => {
  test.each(["json", "avro"] as const)(
    "has room for few records of %s that the fast path declines",
    (format) => {
      expect(pollBatch({ inputFormat: format }).recordsMax).toBeLessThanOrEqual(256);
    },
  );

  test.each(["protobuf", "csv"] as const)("has room for many records of %s", (format) => {
    expect(pollBatch({ inputFormat: format }).recordsMax).toBeGreaterThan(1_000);
  });
});
