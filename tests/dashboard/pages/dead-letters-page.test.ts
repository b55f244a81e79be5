import { describe, expect, test } from "bun:test";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { loadAssets } from "../../../src/dashboard/pages/assets.ts";
import { lettersPage } from "../../../src/dashboard/pages/dead-letters-page.ts";
import type { StoredRecord } from "../../../src/dashboard/records/records.ts";
import { letter, lookOf, sceneOf } from "../fixture.ts";

const assets = (await loadAssets("")).paths;
const bytes = (text: string) => new TextEncoder().encode(text);
const added = letter().headers;
const header = (name: string, value: string) => ({ name, value: bytes(value) });
function render(records: readonly StoredRecord[], { query = "", isAll = true } = {}): string {
  const page = { ...sceneOf(new SalesView())(), assets, build: "", look: lookOf(query) };
  return String(lettersPage(page, { records, at: 0, looked: 1, since: 0, isAll }));
}

describe("lettersPage", () => {
  test("shows reason, source and bytes", () => {
    const html = render([letter()]);
    expect(html).toContain("received 12.345");
    expect(html).toContain("in, partition 1, offset 42");
    expect(html).toContain("{&quot;price&quot;:98.76}");
  });

  test("takes the headers that the aggregator has added, which are the last", () => {
    const html = render([letter({ headers: [header("source.offset", "made up"), ...added] })]);
    expect(html).toContain("offset 42");
    expect(html).not.toContain("made up");
  });

  test("shows no amounts where they are masked", () => {
    const headers = [header("amount", "55.44"), ...added];
    const html = render([letter({ headers })], { query: "mask" });
    expect(html).toContain("price must be a JSON number");
    expect(html).not.toMatch(/12\.345|6\.789|98\.76|55\.44/);
  });

  // Nanoseconds, as some senders write them, are beyond all calendars: the page answered 500.
  test("has no time for one that no calendar has", () => {
    const html = render([letter({ timestamp: 1.7e18 }), letter({ timestamp: -1 })]);
    // Of both letters, and first and last of their reason.
    expect(html.match(/<td><\/td>/g)).toHaveLength(4);
  });

  test("offers the letters as files, and reads again as the reader looks at them", () => {
    const html = render([letter()], { query: "tz=UTC&kiosk" });
    expect(html).toContain('href="/rejected?tz=UTC&amp;kiosk=true"');
    for (const format of ["csv", "json", "ndjson"]) {
      expect(html).toContain(`href="/download/dead-letters.${format}"`);
    }
    expect(html.match(/<summary class="button">Export<\/summary>/g)).toHaveLength(1);
    // A browser ends a paragraph where a menu begins in it, and the button stood across the page.
    expect(html).not.toMatch(/<p [^>]*>(?:(?!<\/p>).)*<details/s);
    expect(render([letter()], { query: "mask" })).not.toMatch(/\/download\/|Export/);
  });

  // Names of headers stood there as they came, and neither their number nor the reason had a bound.
  test("bounds what senders can make it show, and lets no header's name do anything", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => header(`n${i}`, "x".repeat(100)));
    const long = header("a\u202eb".repeat(100_000), "y".repeat(1_000_000));
    const error = header("error", "z".repeat(1_000_000));
    const key = bytes("k".repeat(1_000_000));
    const html = render([letter({ key, value: key, headers: [long, ...many, ...added, error] })]);
    expect(html.length).toBeLessThan(40_000);
    expect(html).toContain("a\\u{202e}b");
    expect(html).toContain("9991 more headers");
    expect(html).not.toContain("\u202e");
  });

  test("shows a hundred letters, and an older example of a reason that none of them has", () => {
    const old = letter({ headers: [header("error", "an old reason")], offset: 1 });
    const html = render([...Array.from({ length: 200 }, () => letter()), old]);
    expect(html.match(/<tr id="letter-/g)).toHaveLength(101);
    expect(html).toContain("the latest 100 of topic");
    expect(html).toContain("and older examples");
    expect(html).toContain("of all 201 rejected records");
    expect(html).toContain('<tr id="letter-0-1">');
  });

  // With the latest of many records unread, nobody knows what the others are.
  test("says that there are none only when all were read", () => {
    expect(render([])).toContain("Nothing was rejected");
    const html = render([], { isAll: false });
    expect(html).toContain("No rejected records among the latest");
    expect(html).not.toContain("Nothing was rejected");
  });
});
