import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  LookError,
  mannerOf,
  parseLook,
  periodAsked,
  queryOf,
} from "../../../src/dashboard/look/look.ts";

const parse = (query: string, accept?: string) => parseLook(new URLSearchParams(query), accept);

describe("parseLook", () => {
  test("takes the defaults, and the browser's language, where the address is silent", () => {
    const look = parse("", "de-AT, en;q=0.5");
    expect(look).toMatchObject({ locale: "de-AT", sort: "-price", page: 1, window: "15m" });
    expect(queryOf(look)).toBe("");
  });

  test("takes a parameter without a value as said", () => {
    expect(parse("kiosk&mask=1&view=graph&theme=dark")).toMatchObject({
      kiosk: true,
      mask: true,
      view: "graph",
      theme: "dark",
    });
  });

  // The form of the time zone sends an empty field where nothing was chosen, and got an error page.
  test("takes an empty field of a form as one that was left out", () => {
    expect(parse("tz=&theme=&q=&page=&sort=").key).toBe(parse("").key);
  });

  test("has no last minute by a dimension, because history is kept of products", () => {
    expect(parse("by=store&sort=-change")).toMatchObject({ by: "store", sort: "-price" });
  });

  test("takes the last one of a parameter that stands twice", () => {
    expect(parse("mask=0&sort=price&mask=1&sort=sales")).toMatchObject({
      mask: true,
      sort: "sales",
    });
    expect(parse("mask=1&mask=0").mask).toBe(false);
  });

  test("takes a product that stands twice once", () => {
    expect(parse("product=a&product=b&product=a").product).toEqual(["a", "b"]);
  });

  test("takes the view of the path before another, and one product alone for its page", () => {
    const search = new URLSearchParams("view=graph&product=a&product=b");
    expect(parseLook(search, "en").product).toEqual(["a", "b"]);
    const look = parseLook(search, "en", "product");
    expect(look).toMatchObject({ view: "product", product: ["a"] });
    expect(look.key).toBe(parse("view=product&product=a").key);
  });

  test.each([
    ["sort=colour", "sort"],
    ["page=0", "page"],
    ["page=1e9", "page"],
    ["tz=Mars/Olympus", "tz"],
    ["lang=xx", "lang"],
    ["kiosk=perhaps", "kiosk"],
    [`q=${"x".repeat(300)}`, "q"],
    ["window=1y", "window"],
    ["period=1y", "period"],
    ["by=store&view=graph", "by"],
    ["by=store&view=product&product=a", "by"],
    [`by=${"x".repeat(33)}`, "by"],
    [Array.from({ length: 13 }, (_, i) => `product=${i}`).join("&"), "product"],
  ])("refuses %s and names it", (query, name) => {
    expect(() => parse(query)).toThrow(LookError);
    expect(() => parse(query)).toThrow(name);
  });

  test("never fails in any other way, and gives every look an address that leads back to it", () => {
    const names = [..."view lang tz theme kiosk mask sort q page product period".split(" ")];
    const values = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "table",
        "de",
        "UTC",
        "dark",
        "on",
        "-sales",
        "3",
        "24h",
        "lines",
        "7d",
        "all",
      ),
    );
    const property = fc.property(
      fc.array(fc.tuple(fc.constantFrom(...names), values)),
      (parameters) => {
        const search = new URLSearchParams(parameters);
        try {
          const look = parseLook(search, "en");
          expect(parse(queryOf(look), "en")).toEqual(look);
        } catch (error) {
          expect(error).toBeInstanceOf(LookError);
        }
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});

// The page of today opened with the last 15 minutes: a few spikes, of most shops.
test("the chart is of the period, until somebody chooses its window", () => {
  const open = (query: string) => parse(`view=graph&${query}`);
  const opened = ["", "period=today", "period=yesterday", "period=7d", "period=30d", "period=all"];
  expect(opened.map((query) => open(query).window)).toEqual([
    ...(["24h", "24h", "24h", "30d", "30d", "60d"] as const),
  ]);
  // With the period, the window is another one, unless it was chosen.
  expect(queryOf(open("period=7d"), { period: undefined })).toBe("?view=graph");
  const chosen = open("window=15m");
  expect(queryOf(chosen, { period: "7d" })).toBe("?view=graph&period=7d&window=15m");
  expect(queryOf(open(""), { window: "15m" })).toBe("?view=graph&window=15m");
  expect(queryOf(chosen, { window: "24h" })).toBe("?view=graph");
  // Programs were promised the last 15 minutes before.
  expect(parse("").window).toBe("15m");
});

// A program that reads the stream was promised all totals, before there were periods.
test("periodAsked leaves it to the page what it opens with, and gives programs all time", () => {
  expect(periodAsked(parse("view=table"))).toBeUndefined();
  expect(periodAsked(parse("view=table&period=all"))).toBe("all");
  expect(periodAsked(parse(""))).toBe("all");
  expect(periodAsked(parse("period=today"))).toBe("today");
});

// A reader at a desk was sent the frames of a wall, and their links led into its kiosk.
test("looks have the same key when their frames, and the links in them, are the same", () => {
  expect(parse("sort=-price&page=1", "en").key).toBe(parse("", "en;q=0.9").key);
  for (const query of ["period=7d", "q=lap", "kiosk", "theme=dark", "tz=UTC", "shape=lines"]) {
    expect(parse(query).key).not.toBe(parse("").key);
  }
  expect(parse("", "de").key).not.toBe(parse("", "en").key);
});

test("queryOf changes what it is told to and keeps the rest", () => {
  const look = parse("q=lap&lang=de&product=a&product=b&kiosk");
  expect(queryOf(look, { sort: "sales", page: 1 })).toBe(
    "?lang=de&kiosk=true&sort=sales&q=lap&product=a&product=b",
  );
});

// The error page of a masked kiosk led to a table with all amounts.
test("mannerOf keeps how an address looks, leaves out at what, and what makes no sense", () => {
  const query = "mask&kiosk&theme=dark&tz=Mars/Olympus&sort=colour&q=lap&product=nix";
  expect(queryOf(mannerOf(new URLSearchParams(query)))).toBe("?theme=dark&kiosk=true&mask=true");
});
