/** The walk through a whole record batch: every record that is due once, and no guess at a lie. */

import { describe, expect, test } from "bun:test";
import {
  type BatchHeader,
  encodeRecord,
  type StoredRecord,
  slowWalk,
  varint,
  walk,
} from "../support/record-batches.ts";
import { seededRandom } from "../support/seed.ts";

const random = seededRandom("BATCH_SEED");
const CASES = Math.min(Number(Bun.env.FUZZ_CASES ?? 8_000), 20_000);
const at = 1_790_000_000_000;

function randomText(): string | null {
  if (random.chance(0.2)) return null;
  // Of one byte each, and now and then longer than a length of one byte can tell.
  const length = random.below(random.chance(0.1) ? 300 : 8);
  return Array.from({ length }, () => String.fromCharCode(random.below(128))).join("");
}

function randomRecord(offset: number): StoredRecord {
  const headers = random.chance(0.2) ? random.below(4) : 0;
  return {
    offset,
    timestamp: at + random.below(100_000) - 50_000,
    key: randomText(),
    value: randomText(),
    headers: Array.from({ length: headers }, () => [randomText() ?? "", randomText()] as const),
  };
}

/** Records with gaps between their offsets, as compaction leaves them. */
function randomBatch(): { header: BatchHeader; records: StoredRecord[] } {
  const baseOffset = random.below(3) * 2 ** 33;
  const records: StoredRecord[] = [];
  let offset = baseOffset + random.below(3);
  for (let left = random.below(12); left >= 0; left--) {
    records.push(randomRecord(offset));
    offset += random.chance(0.8) ? 1 : 1 + random.below(1_000);
  }
  const lastOffset = offset - 1;
  return {
    header: {
      baseOffset,
      lastOffset,
      firstOffset: baseOffset + random.below(lastOffset - baseOffset + 1),
      baseTimestamp: at,
      maxTimestamp: at + 100_000,
      isAppendTime: random.chance(0.2),
      count: records.length,
    },
    records,
  };
}

function encode(records: readonly StoredRecord[], header: BatchHeader): Uint8Array {
  return new Uint8Array(records.flatMap((record) => encodeRecord(record, header)));
}

/** One change that a disk, a network or a faulty producer might make. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = [...bytes];
  const place = random.below(copy.length);
  switch (random.below(5)) {
    case 0:
      copy[place] = (copy[place] as number) ^ (1 << random.below(8));
      break;
    case 1:
      copy[place] = random.pick([0, 1, 2, 127, 128, 254, 255]);
      break;
    case 2:
      copy.splice(place, 1 + random.below(3));
      break;
    case 3:
      copy.splice(
        place,
        0,
        ...varint(random.pick([-2, -1, 0, 1, 64, 2 ** 31, 2 ** 40, -(2 ** 52)])),
      );
      break;
    default:
      copy.splice(place, 0, ...Array.from({ length: 10 }, () => 255));
  }
  return new Uint8Array(copy);
}

describe("RecordBatchReader", () => {
  test("reads every record from the first that is due on, whatever a batch holds", () => {
    for (let i = 0; i < CASES / 10; i++) {
      const { header, records } = randomBatch();
      const due = records.filter(({ offset }) => offset >= header.firstOffset);
      const { maxTimestamp, isAppendTime } = header;
      expect(walk(encode(records, header), header)).toEqual({
        records: isAppendTime ? due.map((one) => ({ ...one, timestamp: maxTimestamp })) : due,
        problem: "",
      });
    }
  });

  test("reads a batch of one record, and one without records", () => {
    const { header } = randomBatch();
    const record = randomRecord(header.baseOffset);
    const one = { ...header, firstOffset: header.baseOffset, isAppendTime: false, count: 1 };
    expect(walk(encode([record], one), one)).toEqual({ records: [record], problem: "" });
    expect(walk(new Uint8Array(), { ...one, count: 0 })).toEqual({ records: [], problem: "" });
  });

  test("finds a batch broken that is cut off anywhere, and hands over whole records only", () => {
    for (let i = 0; i < 20; i++) {
      const { header, records } = randomBatch();
      const whole = encode(records, header);
      const all = walk(whole, header).records;
      for (let length = 0; length < whole.length; length++) {
        const cut = walk(whole.subarray(0, length), header);
        expect(cut.problem).toStartWith("record ");
        expect(cut.records).toEqual(all.slice(0, cut.records.length));
      }
    }
  }, 600_000);

  // Too low a number of records would leave sales out, and too high a one make them up.
  test.each([-1, 1])("finds a batch broken whose header tells %p record more", (more) => {
    const { header, records } = randomBatch();
    const lying = { ...header, firstOffset: header.baseOffset, count: records.length + more };
    const { problem } = walk(encode(records, header), lying);
    expect(problem).toContain(`of ${lying.count}`);
  });

  test("finds a batch broken whose offsets stand still, go back or leave the batch", () => {
    const { header } = randomBatch();
    const first = header.baseOffset;
    for (const offsets of [
      [first, first],
      [first + 1, first],
      [header.lastOffset + 1],
      [first - 1],
    ]) {
      const records = offsets.map((offset) => randomRecord(offset));
      const own = { ...header, firstOffset: first, count: records.length };
      const { problem } = walk(encode(records, header), own);
      expect(problem).toContain("has an offset outside its place");
    }
  });

  test("reads damaged batches as a slow reader does, and nothing behind the damage", () => {
    let broken = 0;
    for (let i = 0; i < CASES; i++) {
      const { header, records } = randomBatch();
      let bytes = damaged(encode(records, header));
      while (random.chance(0.3) && bytes.length > 0) bytes = damaged(bytes);
      const slow = slowWalk(bytes, header);
      const fast = walk(bytes, header);
      expect(fast.problem === "").toBe(slow.isWhole);
      // Ten times as fast as `expect`, which then shows the difference.
      if (!Bun.deepEquals(fast.records, slow.records)) expect(fast.records).toEqual(slow.records);
      if (!slow.isWhole) broken++;
    }
    // Damage that is never found would prove nothing.
    expect(broken).toBeGreaterThan(CASES / 4);
  }, 600_000);
});
