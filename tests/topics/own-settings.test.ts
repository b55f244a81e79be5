/** What a topic is created with when a policy of the cluster refuses a setting. */

import { expect, test } from "bun:test";
import { OUTPUT_SETTINGS, withoutRefused } from "../../src/topics/own-settings.ts";

test("small segments become the smallest that managed clusters allow, and then the default", () => {
  const refusal = "Topic config segment.bytes must be at least 52428800.";
  const first = withoutRefused(OUTPUT_SETTINGS, refusal);
  expect(first.settings).toEqual({ ...OUTPUT_SETTINGS, "segment.bytes": "67108864" });
  expect(first.leftOut).toEqual([{ name: "segment.bytes", value: "4194304", instead: "67108864" }]);
  const second = withoutRefused(first.settings, refusal);
  const { "segment.bytes": _, ...others } = OUTPUT_SETTINGS;
  expect(second.settings).toEqual(others);
  expect(second.leftOut).toEqual([
    { name: "segment.bytes", value: "67108864", instead: undefined },
  ]);
});

test("a refusal that names no setting leaves out all", () => {
  const { settings, leftOut } = withoutRefused(OUTPUT_SETTINGS, "Nobody may do that.");
  expect(settings).toEqual({});
  expect(leftOut.map(({ name }) => name)).toEqual(Object.keys(OUTPUT_SETTINGS));
});
