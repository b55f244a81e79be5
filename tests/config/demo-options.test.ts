/** What `--demo-past` takes, and what it is when nobody sets it. */

import { expect, test } from "bun:test";
import { settingsText } from "../../src/config/help.ts";
import { kafka, read, refusal } from "../support/settings.ts";

test.each(["7", "61d", "-1d", "1.5d", "24h", ""])("--demo-past refuses %j", (text) => {
  expect(refusal([`--demo-past=${text}`])).toBe(
    `Cannot use --demo-past ${JSON.stringify(text).replace(/^"(.+)"$/, "$1")}: ` +
      "it must be a number of days from 0d to 60d, such as 7d.",
  );
});

test.each<[string[], number, boolean]>([
  [["--demo", "orders"], 60, true],
  [["--demo-past", "7d"], 7, true],
  [["--demo-past", "7d", "--rate", "200"], 7, false],
  [["--demo-past", "0d"], 0, false],
  [["--rate", "200"], 0, false],
  [["--count", "5"], 0, false],
  [["--input", "-"], 0, false],
  [["--history", "off"], 0, false],
  [["--roles", "aggregator,dashboard"], 0, false],
  [kafka, 0, false],
  [["produce", ...kafka], 0, false],
])("the demo's past with %j is of %i days", (args, demoPast, hasShopPace) => {
  expect(read(args).config).toMatchObject({ demoPast, hasShopPace });
});

// The dashboard of a cluster would wait for a past that nobody sends.
test("a variable for the demo's past is no matter to a cluster, and to other commands", () => {
  const env = { SALESBOARD_DEMO_PAST: "7d" };
  expect(read([], env).config.demoPast).toBe(7);
  expect(read(["health"], env).config.demoPast).toBe(0);
  expect(read(["serve", ...kafka], env).config.demoPast).toBe(0);
  expect(read(kafka, env).config.demoPast).toBe(0);
});

// The lines of the file would have followed 7 days of made-up sales, at the pace of a made-up shop.
test("a variable for the demo's past is no matter to the sales of a file", () => {
  const { config } = read(["--input", "-"], { SALESBOARD_DEMO_PAST: "7d" });
  expect(config).toMatchObject({ demoPast: 0, hasShopPace: false });
});

// It printed 0d, whatever had been given.
test("the command config shows the past that run would make up", () => {
  const shown = (...args: string[]) => {
    return JSON.parse(settingsText(read(["config", "--json", ...args])))["--demo-past"].value;
  };
  expect(shown()).toBe("60d");
  expect(shown("--demo-past", "7d")).toBe("7d");
  expect(shown("--rate", "5")).toBe("0d");
  expect(shown(...kafka)).toBe("0d");
});
