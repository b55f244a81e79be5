import { expect, test } from "bun:test";
import { streamsMax, streamsMaxOf } from "../../../src/dashboard/stream/open-files.ts";

const limits = (files: string) =>
  `Limit                     Soft Limit           Hard Limit           Units\n` +
  `Max processes             95000                95000                processes\n` +
  `Max open files            ${files}           files\n`;

test.each([
  ["1048576              1048576  ", 20_000],
  ["20000                20000    ", 19_700],
  ["1024                 1048576  ", 724],
  ["256                  256      ", 1],
  ["unlimited            unlimited", 20_000],
])("streamsMaxOf leaves files for the rest: %s", (files, streams) => {
  expect(streamsMaxOf(limits(files))).toBe(streams);
});

test("streamsMaxOf knows a bound also where no limit is told", () => {
  expect(streamsMaxOf("")).toBe(20_000);
});

test("streamsMax is that of this process", () => {
  expect(streamsMax()).toBeGreaterThan(0);
});
