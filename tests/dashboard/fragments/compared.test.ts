/** Figures beside those of an earlier time, as they stand on the pages. */

import { expect, test } from "bun:test";
import { comparedCell, comparisonNote } from "../../../src/dashboard/fragments/compared.ts";
import { changeFrame } from "../../../src/dashboard/fragments/fragments.ts";
import { productFigures } from "../../../src/dashboard/fragments/product.ts";
import { tiles } from "../../../src/dashboard/fragments/tiles.ts";
import { formatFor } from "../../../src/dashboard/look/format.ts";
import type { Comparison, Pair } from "../../../src/dashboard/model/comparison.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { dayNumber, dayText } from "../../../src/domain/day.ts";
import { NO_SUMS, type Sums } from "../../../src/domain/sums.ts";
import { momentAt } from "../../support/clock.ts";
import { DayWriter } from "../day-writer.ts";
import { lookOf, sceneOf, site } from "../fixture.ts";

const noon = momentAt(Date.UTC(2026, 10, 26, 14, 20));
const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf: noon };
const today = dayNumber("2026-11-26") ?? 0;
const format = formatFor("en", "USD");

const sums = (dollars: bigint, units: bigint, sales: bigint): Sums => {
  return { revenue: dollars * 1_000_000n, quantity: units * 1_000_000n, sales, returns: 0n };
};

/** Today beside last Thursday until 14:00, where Tea did worse and Cup did not sell. */
function comparison(of: Pair): Comparison {
  const days = { first: today, last: today };
  const daysBefore = { first: today - 7, last: today - 7 };
  const products: Record<string, Pair> = {
    Tea: { sums: sums(36n, 4n, 4n), before: sums(40n, 5n, 5n) },
    Cup: { sums: sums(9n, 1n, 1n), before: sums(0n, 0n, 0n) },
  };
  return { ...of, days, daysBefore, hour: 14, of: (product) => products[product] };
}

function shop(status: Partial<Status> = {}): SalesView {
  const view = new SalesView();
  new DayWriter(view).sell("Tea", "2026-11-26").sell("Cup", "2026-11-26").commit();
  view.publish({ ...live, ...status }, noon);
  return view;
}

/** Without its tags. */
const plain = (note: unknown) => String(note).replace(/<[^>]*>/g, "");

const better = comparison({ sums: sums(45n, 9n, 4n), before: sums(40n, 10n, 5n) });

test("the page of today says how it goes and until when, in the reader's words, and no other", () => {
  const view = shop({ comparison: better });
  const { text, values } = comparisonNote(view.boardOf("today"), lookOf(), format) ?? {};
  expect(plain(text)).toMatch(/^▲ 12\.5% vs last Thursday until 2:00\sPM$/);
  expect(values).toMatch(
    /^Thu, Nov 26, 2026: \$45\.00; Thu, Nov 19, 2026: \$40\.00 until 2:00\sPM \(UTC\)$/,
  );
  expect(comparisonNote(view.boardOf("7d"), lookOf(), format)).toBeUndefined();
  expect(comparisonNote(view.boardOf("all"), lookOf(), format)).toBeUndefined();
  // Midnight comes before the next comparison.
  view.publish({ ...live, comparison: better }, momentAt(Date.UTC(2026, 10, 27)));
  expect(comparisonNote(view.boardOf("today"), lookOf(), format)).toBeUndefined();
});

test("each tile has its own comparison, with both values in title and text", () => {
  const board = shop({ comparison: better }).boardOf("today");
  const page = String(tiles(board, site, lookOf()));
  const noteOf = (id: string) => {
    const note = `tile ${id}"[\\s\\S]*?<p title="([^"]*)">(.*?)<span class="away">. ([^<]*)`;
    return new RegExp(note).exec(page)?.slice(1);
  };
  const expected: Record<string, [string, string, string]> = {
    units: ["▼ 10.0%", "9", "10"],
    sales: ["▼ 20.0%", "4", "5"],
    average: ["▲ 40.6%", "$11.25", "$8.00"],
  };
  for (const [id, [growth, now, before]] of Object.entries(expected)) {
    const [title = "", note, text = ""] = noteOf(id) ?? [];
    const direction = growth.startsWith("▲") ? "up" : "down";
    expect(note).toBe(`<span class="compared ${direction}">${growth}</span>`);
    expect(text).toBe(title);
    expect(title).toStartWith(`Thu, Nov 26, 2026: ${now}; Thu, Nov 19, 2026: ${before} until`);
  }
  const masked = String(tiles(board, site, lookOf("mask")));
  expect(masked).toContain("▲ 40.6%");
  expect(masked).not.toMatch(/\$\d/);
});

test("there is no average of nothing", () => {
  const view = new SalesView();
  view.publish(live, noon);
  const page = String(tiles(view.boardOf("today"), site, lookOf()));
  expect(page).toMatch(/tile average"[\s\S]*?>–</);
  const none = comparison({ sums: sums(0n, 0n, 0n), before: sums(40n, 10n, 5n) });
  const board = shop({ comparison: none }).boardOf("today");
  expect(plain(comparisonNote(board, lookOf(), format)?.text)).toMatch(/^▼ 100\.0%/);
});

// Its share was that of the moment at which the product itself had sold last.
test("a product's figures have their own comparison, and change when others sell", () => {
  const view = shop();
  const scene = sceneOf(view);
  const look = lookOf("view=product&product=Tea");
  expect(String(productFigures(scene("today"), look))).not.toContain("compared");
  const frameOf = (status: Partial<Status> = {}) => {
    const change = view.publish({ ...live, ...status }, noon)?.periods.get("today");
    return new TextDecoder().decode(changeFrame(scene("today"), change, look));
  };
  const compared = frameOf({ comparison: better });
  expect(compared).toMatch(
    /<dd translate="no" title="Thu, Nov 26, 2026: \$36\.00; Thu, Nov 19, 2026: \$40\.00 until/,
  );
  expect(compared).toContain('<span class="compared down">▼ 20.0%</span>');
  new DayWriter(view, 1).sell("Hat", "2026-11-26", "8").commit();
  const sold = frameOf({ comparison: better });
  expect(sold).toMatch(/Share<\/dt><dd translate="no">10\.0%/);
  expect(sold).not.toContain("#partitions");
  expect(frameOf({ comparison: better, lag: 3 })).not.toContain('"#product"');
});

test("the table compares each product, and sends its heads again when the column comes", () => {
  const view = shop();
  const { table, board } = sceneOf(view)("today");
  const look = lookOf("view=table");
  expect(String(table.heads(board, look))).not.toContain("compared");
  void table.rows(board, look);
  const change = view.publish({ ...live, comparison: better }, noon);
  table.turn(change, noon.date.getTime());
  const [heads = "", rows = ""] = table.changes(view.boardOf("today"), look).map(String);
  expect(heads).toMatch(
    /"#heads"[\s\S]*title="Revenue: [^"]* until 2:00\sPM"[^>]*>vs last Thursday</,
  );
  expect(rows).toMatch(/Tea[\s\S]*class="compared down" title="\$36\.00 \/ \$40\.00">▼ 10\.0%/);
  expect(rows).toMatch(/Cup[\s\S]*class="compared same" title="\$9\.00 \/ \$0\.00">–</);
});

// Early in the day most products have not sold: each had its cell made again in each frame.
test("a cell is made once for its sums, also of products that have not sold today", () => {
  const before = { Tea: sums(40n, 5n, 5n), Cup: sums(9n, 1n, 1n) };
  const of = (product: string) => ({ sums: NO_SUMS, before: before[product as "Tea"] ?? NO_SUMS });
  const board = { ...shop().boardOf("today"), compared: { ...comparison(better), of } };
  const cell = (product: string, query = "") => {
    const look = lookOf(query);
    return comparedCell(board, product, look, formatFor("en", "USD", look.mask));
  };
  const [tea, cup] = [cell("Tea"), cell("Cup")];
  expect(String(tea)).toContain('title="$0.00 / $40.00">▼ 100.0%');
  expect(String(cup)).toContain('title="$0.00 / $9.00">▼ 100.0%');
  expect([cell("Tea") === tea, cell("Cup") === cup]).toEqual([true, true]);
  expect(String(cell("Hat"))).toContain('title="$0.00 / $0.00">–');
  expect(String(cell("Tea", "mask"))).toContain('title="••• / •••">▼ 100.0%');
});

test("a week is compared by its ended days, which the note names", () => {
  const view = new SalesView();
  const writer = new DayWriter(view);
  for (let back = 20; back >= 0; back--) {
    writer.sell("Tea", dayText(today - back), back < 7 ? "3" : "2");
  }
  writer.commit();
  view.publish(live, noon);
  const board = view.boardOf("7d");
  const { text, values } = comparisonNote(board, lookOf(), format) ?? {};
  expect(plain(text)).toMatch(/^▲ 50\.0% vs Nov 13\s–\s18$/);
  expect(values).toMatch(/Nov 25, 2026: \$18\.00; .*Nov 18, 2026: \$12\.00 \(UTC\)$/);
  const { table } = sceneOf(view)("7d");
  expect(String(table.rows(board, lookOf("view=table&period=7d")))).toContain("▲ 50.0%");
});
