import { describe, expect, test } from "bun:test";
import { styleOf } from "../../src/inspect/print-table.ts";
import { screenLines } from "../../src/top/screen.ts";
import { Tally } from "../../src/top/tally.ts";

const style = styleOf(false);

function tallyOf(
  ...entries: [product: string, units: string, price: string | null, sales: number][]
) {
  const tally = new Tally();
  tally.take({ event: "hb", data: '{"t":0,"asOf":null,"state":"live"}' });
  const texts = entries.map(([product, units, price, sales]) => {
    const [name, money] = [JSON.stringify(product), JSON.stringify(price)];
    return `{"product":${name},"totalQuantity":${units},"totalPrice":${money},"sales":${sales}}`;
  });
  tally.take({ event: "totals", data: `[${texts.join(",")}]` });
  return tally;
}

const shop = () => tallyOf(["Kite", "3", "51.75", 2], ["Tent", "1.5", "149.25", 1]);

describe("the board", () => {
  test("has the largest revenue first, and the sum last", () => {
    expect(screenLines(shop(), { columns: 80 }, { style })).toEqual([
      "Salesboard: live, 2 products, all time",
      "",
      "product       units  sales  revenue",
      "Tent            1.5      1   149.25",
      "Kite              3      2    51.75",
      "all products    4.5      3   201.00",
    ]);
  });

  test("by a dimension names it, and speaks of no products", () => {
    const lines = screenLines(
      shop(),
      { columns: 80, lines: 5 },
      { style, by: "store", period: "7d" },
    );
    expect(lines).toEqual([
      "Salesboard: live, 2 rows by store, 7 days",
      "",
      "store     units  sales  revenue",
      "Tent        1.5      1   149.25",
      "all 2       4.5      3   201.00",
    ]);
  });

  test("loses no digit", () => {
    const tally = tallyOf(["Kite", "12345678901234567.000001", "98765432109876543210.123456", 1]);
    const [, , , row] = screenLines(tally, { columns: 80 }, { style });
    expect(row).toContain("12345678901234567.000001");
    expect(row).toContain("98765432109876543210.123456");
    const two = tallyOf(
      ["Kite", "12345678901234567.000001", "1", 1],
      ["Tent", "-0.000001", "1", 1],
    );
    expect(screenLines(two, { columns: 80 }, { style }).at(-1)).toContain(" 12345678901234567 ");
  });

  // The line of all products had sales and revenue, and an empty place for the units.
  test("names no sum of units that it cannot read", () => {
    const odd = tallyOf(["Kite", "1.0000001", "1", 1], ["Tent", "2", "1", 1]);
    expect(screenLines(odd, { columns: 80 }, { style }).at(-1)).toMatch(/^all products +2 +2\.00$/);
  });

  test("fits any terminal, and keeps the revenue", () => {
    for (let columns = 10; columns <= 100; columns++) {
      for (let lines = 1; lines <= 8; lines++) {
        const drawn = screenLines(shop(), { columns, lines }, { style });
        expect(drawn.length).toBeLessThanOrEqual(lines);
        for (const line of drawn) expect([...line].length).toBeLessThanOrEqual(columns);
      }
      if (columns >= 20) {
        expect(screenLines(shop(), { columns }, { style }).join("\n")).toContain("201.00");
      }
    }
    expect(screenLines(shop(), { columns: 40, lines: 5 }, { style })).toHaveLength(5);
  });

  // A character of Chinese takes two columns. Such names pushed the numbers out of their columns,
  // and lines over the edge of the terminal.
  test("keeps names of wide characters in their column", () => {
    const wide = tallyOf(
      ["便携式无线蓝牙音箱二代", "3", "51.75", 2],
      ["카메라 トースター「白」ｶﾒﾗ ☕🎧 Cafe\u0301", "4", "40.75", 2],
      ["Tent", "1", "9.25", 1],
    );
    for (const columns of [24, 40, 80]) {
      const widths = screenLines(wide, { columns }, { style })
        .slice(2)
        .map((line) => Bun.stringWidth(line));
      expect(new Set(widths).size).toBe(1);
      expect(widths[0]).toBeLessThanOrEqual(columns);
    }
    const narrow = screenLines(wide, { columns: 24 }, { style });
    expect(narrow[3]).toBe("便携式…       2    51.75");
  });

  test("shows masked amounts as the pages do, and no control character of a name", () => {
    const masked = tallyOf(["Kite\u001b[31m", "3", null, 2], ["Tent", "1", null, 5]);
    const text = screenLines(masked, { columns: 80 }, { style });
    expect(text.join("")).not.toContain("\u001b");
    expect(text[3]).toMatch(/^Tent .* •••$/);
    expect(text.at(-1)).toMatch(/^all products .* 7 +•••$/);
  });

  test("lets no server write to the terminal by its state, or by an error", () => {
    const tally = shop();
    tally.take({ event: "hb", data: '{"t":0,"asOf":null,"state":"\\u001b[2Jlive"}' });
    const trouble = "No connection: \u001b]0;owned\u0007";
    for (const lines of [
      screenLines(tally, { columns: 80 }, { style }),
      screenLines(tally, { columns: 80 }, { style, trouble }),
    ]) {
      expect(lines.join("")).not.toMatch(/\p{Cc}/u);
    }
  });

  test("takes a product that changed in place of the one before", () => {
    const tally = shop();
    tally.take({
      event: "totals",
      data: '[{"product":"Kite","totalQuantity":9,"totalPrice":"155.25","sales":6}]',
    });
    expect(screenLines(tally, { columns: 80 }, { style })[3]).toMatch(
      /^Kite .* 9 .* 6 .* 155\.25$/,
    );
  });

  test("says why nothing comes", () => {
    const trouble = "No connection to http://localhost:3000: the stream ended";
    expect(screenLines(new Tally(), { columns: 80 }, { style, trouble })[0]).toBe(trouble);
  });
});
