import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodeCsv } from "../../../src/dashboard/http/csv.ts";

/** RFC 4180, read character by character. */
function parse(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let isQuoted = false;
  const end = () => {
    rows.at(-1)?.push(cell);
    cell = "";
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') cell += text[++i];
      else isQuoted = false;
    } else if (char === '"') isQuoted = true;
    else if (char === ",") end();
    else if (char === "\r" && text[i + 1] === "\n") {
      end();
      rows.push([]);
      i++;
    } else cell += char;
  }
  return rows.slice(0, -1);
}

test("encodeCsv writes what a reader gets back", () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom(..."\",\r\n;'a"), fc.string()) });
  const property = fc.property(fc.array(fc.tuple(text, fc.bigInt({ min: 0n }))), (rows) => {
    const csv = encodeCsv(
      ["product", "sales"],
      rows.map(([product, sales]) => [{ text: product }, { digits: String(sales) }]),
    );
    expect(csv).toStartWith("\ufeff");
    const [head, ...read] = parse(csv.slice(1));
    expect(head).toEqual(["product", "sales"]);
    const safe = (name: string) => (/^[=+\-@\t\r\n＝＋－＠]/.test(name) ? `'${name}` : name);
    expect(read).toEqual(rows.map(([product, sales]) => [safe(product), String(sales)]));
  });
  fc.assert(property, { numRuns: 300 });
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil.example")'])(
  "encodeCsv makes a text of %p",
  (text) => {
    const [, [cell] = []] = parse(encodeCsv(["a"], [[{ text }]]).slice(1));
    expect(cell).toBe(`'${text}`);
  },
);

test("encodeCsv leaves digits what they are", () => {
  expect(encodeCsv(["a"], [[{ digits: "-12.50" }]])).toBe("\ufeffa\r\n-12.50\r\n");
});

test("encodeCsv keeps a text whole where spreadsheets part cells at semicolons or tabs", () => {
  const csv = encodeCsv(["a"], [[{ text: "x;=1+1" }], [{ text: "x\t=1+1" }]]);
  expect(csv).toBe('\ufeffa\r\n"x;=1+1"\r\n"x\t=1+1"\r\n');
});
