/** What the end of a run says of the tests that failed. */

import { expect, test } from "bun:test";

const module = new URL("../scripts/lib/failures.mjs", import.meta.url).href;
const { failuresOf } = (await import(module)) as { failuresOf: (junit: string) => string[] };

const report = (message: string, stack = "") => `<testsuites tests="2">
  <testcase name="counts" time="0.1" file="tests/a.test.ts" line="3" assertions="1" />
  <testcase name="names the browser&apos;s &quot;zone&quot;" file="tests/b.test.ts" line="9">
    <failure type="Error" message="${message}">Error: ${message}&#10;${stack}</failure>
  </testcase>
</testsuites>`;

// Whoever saw only the end of a run on another machine saw names, and no cause.
test("a failed test is told with its error, and where that was thrown", () => {
  const stack = "      at waitFor (tests/support/wait.ts:16:17)&#10;      at tests/b.test.ts:9:1";
  expect(failuresOf(report("Expected: &lt;= 1&#10;&#10;Received: 2", stack))).toEqual([
    [
      'tests/b.test.ts: names the browser\'s "zone"',
      "    Expected: <= 1",
      "    Received: 2",
      "    at tests/support/wait.ts:16:17",
    ].join("\n"),
  ]);
});

test("a long error is told by its beginning and its end, and long lines are cut", () => {
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i} ${"x".repeat(500)}`);
  const [failure = ""] = failuresOf(report(lines.join("&#10;")));
  const told = failure.split("\n");
  expect(told.map((line) => line.slice(0, 12).trim())).toEqual([
    "tests/b.test",
    ...Array.from({ length: 8 }, (_, i) => `line ${i} x`),
    "... 38 l",
    ...["line 46", "line 47", "line 48", "line 49"],
  ]);
  expect(Math.max(...told.map((line) => line.length))).toBeLessThan(310);
});

test("a report without failures has none", () => {
  expect(failuresOf('<testsuites><testcase name="a" file="b" /></testsuites>')).toEqual([]);
});
