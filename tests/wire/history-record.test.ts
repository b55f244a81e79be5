import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NO_SUMS } from "../../src/domain/sums.ts";
import { placeOf, RING_NAMES, RINGS } from "../../src/history/rings.ts";
import { REST, Slot } from "../../src/history/slot.ts";
import { isBookkeepingKey } from "../../src/wire/bookkeeping.ts";
import {
  decodeHistoryBookkeeping,
  decodeHistoryKey,
  decodeHistorySlot,
  encodeHistoryBookkeeping,
  encodeHistorySlot,
  HISTORY_BOOKKEEPING_KEY,
  historyKey,
  NotAHistoryError,
} from "../../src/wire/history-record.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (value: Uint8Array) => new TextDecoder().decode(value);
const NOW = Date.parse("2026-11-25T06:38:12Z") / 1000;
const note = {
  group: 'a"b',
  inputOffset: 10,
  head: NOW,
  sales: 7,
  returns: 2,
  older: { quantity: -(2n ** 70n), revenue: 10n ** 30n + 1n, sales: 2n, returns: 1n },
  late: 1,
  untimed: 1,
  ahead: 0,
  unrecorded: 3,
};

describe("a slot", () => {
  test("is written in the form of the contract", () => {
    const slot = new Slot("second", NOW);
    const laptop = { quantity: 2_000_000n, revenue: 999_980_000n, sales: 1n, returns: 0n };
    slot.addLarge(0, laptop, true);
    const key = historyKey({ ring: slot.ring, place: placeOf(slot.ring, slot.index) });
    expect(textOf(key)).toBe("second/852");
    expect(textOf(encodeHistorySlot(slot, () => "Laptop"))).toBe(
      '{"start":"2026-11-25T06:38:12Z","seconds":1,"products":[["Laptop",2,"999.98",1]]}',
    );
    const cheese = { quantity: -450_000n, revenue: -500_000n, sales: 2n, returns: 3n };
    slot.addLarge(1, cheese, false);
    const text = textOf(encodeHistorySlot(slot, () => "Laptop"));
    expect(text).toEndWith(',"rest":[-0.45,"-0.50",2,3]}');
  });

  test("reads back as it was written, at any size and time", () => {
    const size = fc.oneof(
      fc.bigInt(-(2n ** 53n), 2n ** 53n),
      fc.bigInt(-(2n ** 80n), 2n ** 80n),
      // Sixteen digits with decimals: more than a float holds.
      fc.bigInt(10n ** 15n, 10n ** 16n),
    );
    const count = fc.bigInt(0n, 2n ** 53n - 1n);
    const sums = fc.record({ quantity: size, revenue: size, sales: count, returns: count });
    fc.assert(
      fc.property(
        fc.constantFrom(...RING_NAMES),
        fc.nat(250_000_000_000),
        fc.array(sums, { maxLength: 5 }),
        fc.option(sums),
        (ring, second, products, rest) => {
          const index = Math.floor(second / RINGS[ring].seconds);
          const slot = new Slot(ring, index);
          for (const [id, each] of products.entries()) slot.addLarge(id, each, true);
          if (rest) slot.addLarge(REST, rest, false);
          const key = historyKey({ ring, place: placeOf(ring, index) });
          const nameOf = (id: number) => `"\\é${id}`;
          expect(decodeHistorySlot(key, encodeHistorySlot(slot, nameOf))).toEqual({
            ring,
            index,
            products: products.map((each, id) => ({ product: nameOf(id), ...each })),
            rest: rest ?? NO_SUMS,
          });
        },
      ),
    );
  });

  const plain = '{"start":"2026-11-25T06:38:12Z","seconds":1,"products":[["a",1,"1.00",1]]}';
  test.each([
    ["second/852", plain.replace('"seconds":1', '"seconds":60'), "seconds must be 1, received 60"],
    ["second/851", plain, "the key is second/851, but the slot starts at 2026-11-25T06:38:12Z"],
    ["minute/1478", plain, "the key is minute/1478, but the slot starts at 2026-11-25T06:38:12Z"],
    ["second/960", plain, 'the key must be the place of a slot, received "second/960"'],
    ["day/1", plain, 'the key must be the place of a slot, received "day/1"'],
    ["Laptop", plain, 'the key must be the place of a slot, received "Laptop"'],
    ["second/852", plain.replace('"a",1', '"a",0.0000001'), "at most 6 decimals, received 1e-7"],
    [
      "second/852",
      plain.replace('"a",1', '"a",10000000000000000.0000005'),
      "received 10000000000000000.0000005",
    ],
    ["second/852", plain.replace('"a",1', '"a","1"'), "must be a number with at most 6 decimals"],
    ["second/852", plain.replace(",1]", ",-1]"), "must be an integer, received -1"],
    ["second/852", plain.replace(",1]", ",1,-1]"), "must be an integer, received -1"],
    ["second/852", plain.replace('"1.00"', "1"), 'sums must be [quantity, "revenue", sales]'],
    ["second/852", plain.replace('"1.00"', '"x"'), "must be a decimal, received x"],
    ["second/852", plain.replace('"a"', '"a\\n"'), "must not contain control characters"],
    ["second/852", plain.replace("2026", "+2026"), "must be a time such as"],
    ["second/852", `${plain}x`, "JSON"],
    ["second/852", "null", "must be an object, received null"],
    ["second/852", `${"[".repeat(200_000)}1234567890123456`, "the value is not JSON"],
  ])("of key %p is refused: %#", (key, value, reason) => {
    const read = () => decodeHistorySlot(bytes(key), bytes(value));
    expect(read).toThrow(NotAHistoryError);
    expect(read).toThrow(reason);
  });

  test("of more products than a slot has is refused", () => {
    const entries = Array.from({ length: 65 }, (_, i) => `["p${i}",1,"1.00",1]`);
    const value = plain.replace('["a",1,"1.00",1]', entries.join());
    expect(() => decodeHistorySlot(bytes("second/852"), bytes(value))).toThrow("at most 64");
  });
});

describe("the bookkeeping of history", () => {
  test("reads back as it was written, under a key that is no slot's", () => {
    expect(decodeHistoryBookkeeping(encodeHistoryBookkeeping(note))).toEqual(note);
    const first = { ...note, head: -1, older: NO_SUMS };
    expect(decodeHistoryBookkeeping(encodeHistoryBookkeeping(first))).toEqual(first);
    expect(isBookkeepingKey(HISTORY_BOOKKEEPING_KEY)).toBe(true);
    expect(() => decodeHistoryKey(HISTORY_BOOKKEEPING_KEY)).toThrow(NotAHistoryError);
  });

  test("is written in the form of the contract", () => {
    expect(textOf(encodeHistoryBookkeeping({ ...note, group: "salesboard", older: NO_SUMS }))).toBe(
      '{"version":1,"group":"salesboard","inputOffset":10,"head":"2026-11-25T06:38:12Z",' +
        '"sales":7,"returns":2,"older":[0,"0.00",0],"late":1,"untimed":1,"ahead":0,"unrecorded":3}',
    );
  });

  test.each([
    ['{"version":2}', "version must be 1, received 2"],
    ['{"version":1}', "group must be a string"],
    ['{"version":1,"group":"a","inputOffset":-1}', "must be an integer, received -1"],
    ['{"version":1,"group":"a","inputOffset":1,"head":5}', "must be a time such as"],
  ])("that is no Salesboard's is refused: %p", (value, reason) => {
    expect(() => decodeHistoryBookkeeping(bytes(value))).toThrow(reason);
  });
});
