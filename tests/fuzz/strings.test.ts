/** What the fast path expects of a string after the record before changes nothing. */

import { expect, test } from "bun:test";
import { ProductIndex } from "../../src/domain/products.ts";
import { RecordBatch, SaleSums } from "../../src/kafka/kafka.ts";
import { native } from "../../src/kafka/native.ts";
import { programOf, settingsOf } from "../support/programs.ts";

const encoder = new TextEncoder();
const settings = settingsOf("product: product\nquantity: quantity\nprice: price");

/** JSON texts of strings, as they stand between quotes. Some are none. */
const texts = [
  ...["", "a", "b".repeat(15), "c".repeat(16), "d".repeat(17), "e".repeat(32), "f".repeat(33)],
  ...['\\"', "\\u0041", "é", "x\\\\", "x\\", "x\u0001", "ab\ncd", `${"g".repeat(14)}\\`],
  ...[`${"h".repeat(31)}\\`, `${"i".repeat(16)}\\"${"i".repeat(14)}`, `${"j".repeat(15)}"`],
  ...[`${"k".repeat(15)}\u0002`, `${"l".repeat(20)}\u0002${"l".repeat(11)}`, "m,n", '":"'],
];
/** What follows decides how far the fast path may look beyond the string. */
const tails = ["", ',"more":"behind the name stands more than a look"'];

const products = new ProductIndex();
for (const text of texts) products.findOrAdd(encoder.encode(nameOf(text)));
const sums = new SaleSums(100, { program: programOf(settings) });
sums.known = new Map([[0, [products.memory]]]);

// The fast path compares a string with the length that stood there in the record before.
test("each string counts for what it is, whatever stood in its place before", () => {
  const wrong: unknown[] = [];
  let counted = 0;
  for (const tail of tails) {
    const records = texts.map((text) => recordOf(text, tail));
    const alone = records.map((record) => countedOf([record]));
    for (const [i, before] of records.entries()) {
      for (const [k, record] of records.entries()) {
        // The first record says which keys to expect, the second one how long a string is.
        const found = countedOf([before, before, record]);
        const expected = [alone[i], alone[i], alone[k]].flatMap((one) => one ?? []).toSorted();
        if (found.join() !== expected.join()) wrong.push({ before, record, found, expected });
        counted += found.length;
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(counted).toBeGreaterThan(texts.length ** 2);
});

function recordOf(text: string, tail: string): string {
  return `{"note":"${text}","product":"${text}","quantity":1,"price":2${tail}}`;
}

function nameOf(text: string): string {
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}

/** The product of each record that the fast path takes. */
function countedOf(records: readonly string[]): string[] {
  const batch = new RecordBatch({ recordsMax: 3, bytesMax: 10_000 });
  for (const record of records) batch.append({ value: encoder.encode(record), partition: 0 });
  native.sumUp(batch.memory, ...sums.asArguments());
  const names: string[] = [];
  for (let row = 0; row < sums.count; row++) {
    const name = products.name(sums.products[row] as number);
    for (let n = 0; n < (sums.sales[row] as number); n++) names.push(name);
  }
  return names.toSorted();
}
