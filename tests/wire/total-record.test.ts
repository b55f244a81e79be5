import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dayText } from "../../src/domain/day.ts";
import { NO_SUMS } from "../../src/domain/sums.ts";
import { NotATotalError } from "../../src/wire/output-record.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { decodeTotal, decodeTotalRecord, encodeTotal } from "../../src/wire/total-record.ts";
import { decodeSale, NotASaleError } from "../support/decode-sale.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const sale = (fields: string) => `{"product":"Laptop","quantity":2,"price":499.99${fields}}`;

describe("decodeSale", () => {
  test.each([
    sale(""),
    sale(',"other":[{"price":"x"},null]'),
    sale(',"timestamp":1996'),
    '  {"price":499.99, "quantity":2.0,\n"product":"\\u004captop"}\t',
    '{"price":1,"quantity":2e0,"price":49999e-2,"product":"x","product":"Laptop"}',
    '{"pr\\u006fduct":"Laptop","quantity":20e-1,"price":"no","price":499.990000000}',
    sale(`,"deep":${"[".repeat(10_000)}${"]".repeat(10_000)}`),
    sale(',"__proto__":{"price":1}'),
  ])("accepts form %#", (text) => {
    const { product, quantity, price } = decodeSale(bytes(text));
    expect({ product, quantity, price }).toEqual({
      product: "Laptop",
      quantity: 2,
      price: 499_990_000n,
    });
  });

  test.each([
    ["", "the value is empty"],
    ["null", "a sale must be a JSON object, received null"],
    ["[]", "received an array"],
    ["not json", "the value is not JSON"],
    [`\ufeff${sale("")}`, "the value is not JSON"],
    [sale(","), "the value is not JSON"],
    ['{"quantity":2,"price":1}', "product must be a string, received nothing"],
    ['{"product":5,"quantity":2,"price":1}', "product must be a string, received 5"],
    [
      '{"product":"a","quantity":"2","price":1}',
      'quantity must be a JSON number, received the string "2"',
    ],
    [
      '{"product":"a","quantity":0,"price":1}',
      "quantity must be an integer from 1 to 1000000000, received 0",
    ],
    ['{"product":"a","quantity":-1,"price":1}', "received -1"],
    ['{"product":"a","quantity":1.5,"price":1}', "received 1.5"],
    ['{"product":"a","quantity":1000000001,"price":1}', "received 1000000001"],
    ['{"product":"a","quantity":1,"price":-0.01}', "price must be from 0 to 1000000000000"],
    ['{"product":"a","quantity":1,"price":NaN}', "the value is not JSON"],
    ['{"product":"a","quantity":1,"price":1.0000001}', "with at most 6 decimals"],
    ['{"product":"a","quantity":1,"price":1e400}', "received 1e400"],
    [
      '{"product":"a","quantity":1,"price":1,"price":null}',
      "price must be a JSON number, received null",
    ],
    ['{"product":"a\\r\\nb","quantity":1,"price":1}', "control characters"],
    ['{"product":"\\ud800","quantity":1,"price":1}', "lone surrogate"],
    [`{"product":"${"x".repeat(900_000)}","quantity":1,"price":1}`, "received 900000"],
    [sale(',"timestamp":"yesterday"'), "timestamp must be"],
    [sale(',"timestamp":null'), "received null"],
    [sale(',"timestamp":1.5'), "received 1.5"],
  ])("refuses form %#", (text, reason) => {
    expect(() => decodeSale(bytes(text))).toThrow(NotASaleError);
    expect(() => decodeSale(bytes(text))).toThrow(reason);
  });

  test("refuses a record without a value, and bytes that are not UTF-8", () => {
    expect(() => decodeSale(null)).toThrow("the record has no value");
    expect(() => decodeSale(bytes(sale("")).fill(0xc3, 13, 14))).toThrow("not valid UTF-8");
    expect(() => decodeSale(new Uint8Array([0xed, 0xa0, 0x80]))).toThrow("not valid UTF-8");
  });

  test.each([
    ["1700000000000", 1_700_000_000_000],
    ["-1", -1],
    ['"1996-07-04T00:00:00Z"', 836_438_400_000],
    ['"1996-07-04T02:00:00+02:00"', 836_438_400_000],
    ['"1996-07-04T00:00:00"', 836_438_400_000],
    ['"1996-07-04"', 836_438_400_000],
  ])("reads timestamp %p", (text, epochMs) => {
    expect(decodeSale(bytes(sale(`,"timestamp":${text}`))).timestamp).toBe(epochMs);
  });

  test("reads back what encodeSale wrote", () => {
    const product = fc
      .string({ unit: "binary", minLength: 1, maxLength: 40 })
      .filter((name) => !/\p{Cc}/u.test(name));
    const quantity = fc.integer({ min: 1, max: 1e9 });
    fc.assert(
      fc.property(product, quantity, fc.bigInt(0n, 10n ** 18n), (product, quantity, price) => {
        const read = decodeSale(encodeSale({ product, quantity, price }));
        expect(read).toEqual({ product, quantity, price, timestamp: undefined });
      }),
    );
  });
});

describe("decodeTotal", () => {
  test("reads back what encodeTotal wrote, beyond the integers of a float", () => {
    const total = {
      product: '<img src=x onerror=alert("1")>\u2028',
      quantity: 9_007_199_254_740_993n,
      revenue: 10n ** 27n + 1n,
      sales: 2n ** 64n,
      returns: 3n,
      updatedAt: "2026-11-23T17:00:00.123Z",
    };
    expect(decodeTotal(encodeTotal(total))).toEqual(total);
  });

  test("reads the form that we write and any other form of it to the same total", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom('a"b', "\uFEFFx", "\\", "é\u0085")),
        fc.tuple(fc.bigInt(-(2n ** 80n), 2n ** 80n), fc.bigInt(-(2n ** 80n), 2n ** 80n)),
        fc.tuple(fc.bigInt(0n, 2n ** 80n), fc.bigInt(0n, 2n ** 80n)),
        (name, [quantity, revenue], [sales, returns]) => {
          const product = name.toWellFormed();
          const figures = { quantity, revenue, sales, returns };
          const total = { product, ...figures, updatedAt: "2026-11-25T01Z" };
          const written = encodeTotal(total);
          const foreign = ` ${new TextDecoder("utf-8", { ignoreBOM: true }).decode(written)}`;
          expect(decodeTotal(written)).toEqual(total);
          expect(decodeTotal(bytes(foreign))).toEqual(total);
        },
      ),
    );
  });

  test("reads back the day of a total, and any other form of it to the same", () => {
    const date = fc.integer({ min: 0, max: 2_932_896 }).map(dayText);
    const figure = fc.bigInt(-(2n ** 80n), 2n ** 80n);
    const count = fc.bigInt(0n, 2n ** 80n);
    fc.assert(
      fc.property(date, figure, figure, count, count, (date, quantity, revenue, sales, returns) => {
        const sums = { quantity, revenue, sales, returns };
        const total = { product: "Tea", ...sums, updatedAt: "2026-11-25T01Z" };
        const written = encodeTotal({ ...total, day: { date, ...sums } });
        const foreign = bytes(` ${new TextDecoder().decode(written)}`);
        expect(decodeTotal(written)).toEqual({ ...total, day: { date, ...sums } });
        expect(decodeTotal(foreign)).toEqual({ ...total, day: { date, ...sums } });
      }),
    );
  });

  test("refuses a day that is no date or lacks a figure", () => {
    const total = (day: string) =>
      bytes(
        `{"product":"Tea","totalQuantity":1,"totalPrice":"1.00","sales":1,"returns":0,"day":${day},` +
          '"updatedAt":"2026-11-25T01Z"}',
      );
    const figures = '"dayQuantity":1,"dayPrice":"1.00","daySales":1,"dayReturns":0';
    expect(decodeTotal(total(`"2026-02-28",${figures}`)).day?.date).toBe("2026-02-28");
    const noDate = () => decodeTotal(total(`"2026-02-30",${figures}`));
    expect(noDate).toThrow("must be a date such as 2026-11-26");
    const lacking = () => decodeTotal(total('"2026-02-28","daySales":1'));
    expect(lacking).toThrow("a day must have dayQuantity, dayPrice, daySales and dayReturns");
  });

  // Bytes of a date that are no UTF-8 ended the whole restore instead of refusing one partition.
  test.each([4, 7])("refuses a date with byte 0xff at %d", (at) => {
    const [product, day] = ["Tea", { date: "2031-03-04", ...NO_SUMS }];
    const value = encodeTotal({ product, ...NO_SUMS, day, updatedAt: "2026-11-25T01:02:03.004Z" });
    value[new TextDecoder().decode(value).indexOf(day.date) + at] = 0xff;
    expect(() => decodeTotalRecord(bytes(product), value)).toThrow(NotATotalError);
  });

  test("reads a record as the schema does, whatever its bytes are", () => {
    const number = fc.oneof(fc.bigInt(-(2n ** 60n), 2n ** 60n), fc.bigInt(-(10n ** 9n), 10n ** 9n));
    const count = fc.oneof(fc.bigInt(0n, 2n ** 60n), fc.bigInt(0n, 1_000n));
    const sums = fc.record({ quantity: number, revenue: number, sales: count, returns: count });
    const date = fc.option(fc.integer({ min: 0, max: 2_932_896 }).map(dayText));
    const name = fc.constantFrom("Tea", "Caf\u00e9", 'a"b', "\u0085", "x".repeat(257));
    const edit = fc.tuple(
      fc.nat(400),
      fc.constantFrom(...bytes('0019-.",:{}eE\\ x\0\u00e9')),
      fc.nat(2),
    );
    const updatedAt = "2026-11-25T01:02:03.004Z";
    let read = 0;
    fc.assert(
      fc.property(name, sums, date, sums, fc.array(edit, { maxLength: 2 }), (...of) => {
        const [product, total, date, ofDay, edits] = of;
        const day = date === null ? undefined : { date, ...ofDay };
        const value = [...encodeTotal({ product, ...total, day, updatedAt })];
        for (const [at, byte, kind] of edits) {
          if (kind === 0) value[at % value.length] = byte;
          else value.splice(at % value.length, kind - 1, byte);
        }
        const record = [bytes(product), new Uint8Array(value)] as const;
        const received = outcomeOf(() => decodeTotalRecord(...record));
        // White space is no part of our form, so that the schema reads this one.
        const expected = outcomeOf(() => decodeTotalRecord(record[0], bytesBehindSpace(record[1])));
        expect(received).toEqual(expected);
        if (typeof expected === "object") read++;
      }),
      { numRuns: 1_000 },
    );
    // Records that nobody can read would prove nothing.
    expect(read).toBeGreaterThan(100);
  });

  test("writes the form of the contract", () => {
    const total = {
      product: "Laptop",
      quantity: 42_000_000n,
      revenue: 20_999_580_000n,
      sales: 17n,
      returns: 0n,
    };
    const record = encodeTotal({ ...total, updatedAt: "2026-11-23T17:00:00.123Z" });
    expect(new TextDecoder().decode(record)).toBe(
      '{"product":"Laptop","totalQuantity":42,"totalPrice":"20999.58","sales":17,' +
        '"returns":0,"updatedAt":"2026-11-23T17:00:00.123Z"}',
    );
    const sums = { quantity: 3_500_000n, revenue: 12_500_000n, sales: 2n, returns: 1n };
    const day = { date: "2026-11-23", ...sums };
    const dated = encodeTotal({ ...total, updatedAt: "2026-11-23T17:00:00.123Z", day });
    expect(new TextDecoder().decode(dated)).toBe(
      '{"product":"Laptop","totalQuantity":42,"totalPrice":"20999.58","sales":17,"returns":0,' +
        '"day":"2026-11-23","dayQuantity":3.5,"dayPrice":"12.50","daySales":2,"dayReturns":1,' +
        '"updatedAt":"2026-11-23T17:00:00.123Z"}',
    );
    const cheese = { ...total, quantity: -450_000n, revenue: -8_100_000n, returns: 20n };
    const returned = encodeTotal({ ...cheese, updatedAt: "2026-11-23T17:00:00.123Z" });
    expect(new TextDecoder().decode(returned)).toContain(
      '"totalQuantity":-0.45,"totalPrice":"-8.10","sales":17,"returns":20,',
    );
  });

  // Builds without mappings counted units and wrote no returns.
  test.each(["", " "])("reads what earlier builds wrote, with %p before it", (space) => {
    const text =
      '{"product":"Laptop","totalQuantity":42,"totalPrice":"20999.58","sales":17,' +
      '"updatedAt":"2026-11-23T17:00:00.123Z"}';
    expect(decodeTotal(bytes(space + text))).toEqual({
      product: "Laptop",
      quantity: 42_000_000n,
      revenue: 20_999_580_000n,
      sales: 17n,
      returns: 0n,
      updatedAt: "2026-11-23T17:00:00.123Z",
    });
  });

  test("names what is wrong with a foreign record", () => {
    const foreign = bytes('{"product":"a","totalQuantity":0.0000001}');
    expect(() => decodeTotal(foreign)).toThrow("received 0.0000001");
  });
});

/** What is read, or the message of the refusal. */
function outcomeOf<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NotATotalError)) throw error;
    return error.message;
  }
}

function bytesBehindSpace(value: Uint8Array): Uint8Array {
  return new Uint8Array([0x20, ...value]);
}
