import { describe, expect, test } from "bun:test";
import { didYouMean, quoted } from "../../src/lib/text.ts";

describe("errors", () => {
  test.each([
    ["plain", "plain"],
    ["", '""'],
    ["a b", '"a b"'],
    ["\x1b[31m\r\n\x9b\x7f", '"\\u001b[31m\\r\\n\\u009b\\u007f"'],
    ["x".repeat(101), `"${"x".repeat(100)}…"`],
  ])("quoted %j", (text, expected) => {
    expect(quoted(text)).toBe(expected);
  });

  test("didYouMean answers the nearest word, or nothing", () => {
    expect(didYouMean("--commit-intervall", ["--count", "--commit-interval"])).toBe(
      "; did you mean --commit-interval?",
    );
    expect(didYouMean("--frobnicate", ["--count", "--seed"])).toBe("");
  });
});
