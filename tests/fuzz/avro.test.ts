/**
 * The fast path against the judge, in Avro: random mappings, random schemas that nearly fit them,
 * and records of those. Beside it: nothing is added up behind a record that may have to wait for
 * its schema. The same sample each time; `npm run fuzz` does a million others. FUZZ_SEED repeats
 * a run.
 */

import { expect, test } from "bun:test";
import { type OutgoingRecord, RecordBatch, SaleSums } from "../../src/kafka/kafka.ts";
import { native } from "../../src/kafka/native.ts";
import { avroSchema } from "../../src/mapping/formats/avro/decode.ts";
import { inputJudge, judgedRecord } from "../../src/mapping/input-judge.ts";
import type { AwaitedSchema } from "../../src/mapping/model/awaited.ts";
import { type ReadySchema, SchemaAwaited, type Schemas } from "../../src/mapping/model/schema.ts";
import { frameOf } from "../../src/mapping/registry/frame.ts";
import { sameSchema } from "../../src/mapping/schema-file.ts";
import { programOf, settingsOf } from "../support/programs.ts";
import { casesOf } from "../support/seed.ts";
import { randomSchema } from "./avro-records.ts";
import type { AvroChance } from "./avro-types.ts";
import { damaged, Random } from "./generate.ts";
import { randomMapping } from "./plan-mappings.ts";
import { Scanner, shown, summedUp } from "./scanner.ts";

/** Each mapping has schemas of its own, which cost more than its records: a million has to do. */
const cases = Math.min(casesOf(10_000), 1_000_000);
const seed = Number(Bun.env.FUZZ_SEED ?? 1);
const RECORDS_PER_MAPPING = 50;
/** At the rate of a slow machine. */
const timeoutMs = 600_000 + cases;
const HEADER = "__value_schema_id";
const KEYS = ["k", "", '{"id":"k7"}', '{"id":12.50}'];

const encoder = new TextEncoder();
const batch = new RecordBatch({ recordsMax: RECORDS_PER_MAPPING, bytesMax: 1_000_000 });

/** A schema that the fast path knows, that only the judge knows, or that nobody knows yet. */
interface Named {
  id: number;
  type: AvroChance;
  known: "by both" | "by the judge" | "by nobody";
}

class Setup {
  readonly rules: string;
  readonly schemas: Schemas;
  readonly #named: readonly Named[];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    const mapping = randomMapping(random);
    this.rules = mapping.rules;
    const isFile = random.below(3) === 0;
    const knowledge = ["by both", "by the judge", "by nobody"] as const;
    this.#named = Array.from({ length: isFile ? 1 : 1 + random.below(4) }, (_, i) => ({
      // The highest is the highest that there can be.
      id: i === 0 ? 7 : random.pick([8, 65_536, 2 ** 32 - 4]) + i,
      type: randomSchema(random, mapping),
      known: knowledge[i] ?? "by both",
    }));
    this.schemas = isFile ? this.#file() : new SomeSchemas(this.#named);
  }

  #file(): Schemas {
    const [{ type } = { type: undefined }] = this.#named;
    return sameSchema(avroSchema(JSON.stringify(type?.schema)));
  }

  next(): OutgoingRecord {
    const random = this.#random;
    const { id, type } = random.below(4) > 0 ? (this.#named[0] as Named) : random.pick(this.#named);
    const body: number[] = [];
    type.write(random, body);
    const whole = Uint8Array.from(body);
    const bytes = random.below(9) === 0 && body.length > 0 ? damaged(whole, random) : whole;
    const { value, headers } = this.#framed(bytes, id);
    const type2 = { name: "type", value: encoder.encode("paid") };
    return {
      key: random.below(3) === 0 ? null : encoder.encode(random.pick(KEYS)),
      value: random.below(60) === 0 ? null : value,
      headers: random.below(2) === 0 ? headers : [...headers, type2],
      partition: random.below(2),
      ...(random.below(9) > 0 && { timestamp: Date.UTC(2026, 10, 24) }),
    };
  }

  #framed(body: Uint8Array, id: number): Pick<OutgoingRecord, "value" | "headers"> & Framed {
    const random = this.#random;
    if (!this.schemas.areNamed) return { value: body, headers: [] };
    const shownId = random.below(80) === 0 ? random.below(99) : id;
    const magic = random.below(80) === 0 ? random.below(3) : 0;
    const frame = [magic, ...[24, 16, 8, 0].map((shift) => (shownId >>> shift) & 255)];
    const cut = random.below(80) === 0 ? frame.slice(0, random.below(5)) : frame;
    if (random.below(5) > 0) return { value: Uint8Array.from([...cut, ...body]), headers: [] };
    const guid = Array.from({ length: random.pick([0, 11, 12]) }, () => 7);
    const name = random.below(20) === 0 ? `${HEADER}s` : HEADER;
    const value = random.below(20) === 0 ? null : Uint8Array.from([...cut, ...guid]);
    return { value: body, headers: [{ name, value }] };
  }
}

interface Framed {
  headers: { name: string; value: Uint8Array | null }[];
}

/** As a registry's: a record of a schema that is not here yet must wait. */
class SomeSchemas implements Schemas {
  readonly areNamed = true;
  readonly ready: readonly ReadySchema[];
  readonly #known = new Map<string, ReadySchema>();

  constructor(named: readonly Named[]) {
    const compiled = named.map(({ id, type, known }) => {
      return { id, known, schema: avroSchema(JSON.stringify(type.schema)) };
    });
    this.ready = compiled.filter(({ known }) => known === "by both");
    for (const one of compiled) {
      if (one.known !== "by nobody") this.#known.set(String(one.id), one);
    }
  }

  open(...[record, value]: Parameters<Schemas["open"]>): ReturnType<Schemas["open"]> {
    const { id, body } = frameOf(record, value, { hasIndexes: false });
    const found = this.#known.get(id);
    if (!found) throw new SchemaAwaited(awaited);
    return { schema: found.schema, body };
  }
}

const awaited: AwaitedSchema = {
  name: "a schema",
  isHere: false,
  arrival: Promise.resolve(),
  problem: undefined,
  failure: undefined,
};

function prepare(random: Random) {
  const setup = new Setup(random);
  const settings = {
    ...settingsOf(setup.rules, random.below(4) === 0 ? "Europe/Berlin" : "UTC"),
    inputFormat: "avro",
  } as const;
  return {
    setup,
    judge: inputJudge(settings, setup.schemas),
    program: programOf(settings, { schemas: setup.schemas }),
    dimensions: settings.mapping?.by.length ?? 0,
  };
}

const withoutPartition = (record: OutgoingRecord) => ({ ...record, partition: 0 });

test(
  `${cases} records of seed ${seed} in Avro: the fast path counts as the judge does`,
  () => {
    const random = new Random(seed);
    const seen = { taken: 0, sure: 0, awaiting: 0, deadLetters: 0, counted: 0, untimed: 0 };
    for (let i = 0; i < cases; i += RECORDS_PER_MAPPING) {
      const { setup, judge, program, dimensions } = prepare(random);
      const scanner = new Scanner(program, dimensions);
      for (let k = 0; k < RECORDS_PER_MAPPING; k++) {
        const record = withoutPartition(setup.next());
        batch.clear();
        batch.append(record);
        const verdict = judge.judge(judgedRecord(batch, 0, "sales"));
        const scanned = scanner.scan(batch, verdict);
        if (verdict.kind === "deadLetter") seen.deadLetters++;
        else if (verdict.kind === "awaiting") seen.awaiting++;
        else seen.sure++;
        if (!scanned) continue;
        seen.taken++;
        const expected = summedUp(verdict, record);
        if (!Bun.deepEquals(scanned, expected)) {
          const at = { case: i + k, seed, rules: setup.rules, record: shown(record), verdict };
          expect({ ...at, scanned }).toEqual({ ...at, scanned: expected as never });
        }
        seen.counted += scanned.counted;
        seen.untimed += scanned.untimed;
      }
    }
    console.log(`${JSON.stringify(seen)} of ${cases} records in Avro`);
    // Records that are all refused, or all slow, would prove little.
    expect(seen.counted).toBeGreaterThan(cases / 20);
    expect(seen.taken).toBeGreaterThan(seen.sure / 2);
    expect(seen.awaiting).toBeGreaterThan(cases / 100);
    expect(seen.untimed).toBeGreaterThan(cases / 1_000);
  },
  timeoutMs,
);

/**
 * The position of a partition goes back to the first record that waits. What stood in the sums from
 * behind that record would count twice.
 */
test(
  `${cases} records of seed ${seed} in Avro: none is added up behind one that waits`,
  () => {
    const random = new Random(seed);
    const seen = { taken: 0, waits: 0 };
    for (let i = 0; i < cases; i += RECORDS_PER_MAPPING) {
      const { setup, judge, program, dimensions } = prepare(random);
      const records = Array.from({ length: RECORDS_PER_MAPPING }, () => setup.next());
      const sums = new SaleSums(1_000, { program, isBySecond: true });
      const scanner = new Scanner(program, dimensions);
      const isTaken: boolean[] = [];
      const waits: boolean[] = [];
      for (const record of records) {
        batch.clear();
        batch.append(withoutPartition(record));
        const verdict = judge.judge(judgedRecord(batch, 0, "sales"));
        waits.push(verdict.kind === "awaiting");
        isTaken.push(scanner.scan(batch, verdict) !== undefined);
      }
      const memories = scanner.names.map(({ memory }) => memory);
      sums.known = new Map([0, 1].map((partition) => [partition, memories]));
      batch.clear();
      for (const record of records) expect(batch.append(record)).toBe(true);
      const taken = new Set(native.sumUp(batch.memory, ...sums.asArguments()));
      for (const partition of [0, 1]) {
        const own = [...records.keys()].filter((k) => records[k]?.partition === partition);
        const wait = own.find((k) => waits[k]) ?? records.length;
        const at = { case: i, seed, rules: setup.rules, partition, wait };
        const behind = own.filter((k) => k > wait && taken.has(k));
        expect({ ...at, behind }).toEqual({ ...at, behind: [] });
        const before = own.filter((k) => k < wait && taken.has(k) && !isTaken[k]);
        expect({ ...at, before }).toEqual({ ...at, before: [] });
        seen.waits += Number(wait < records.length);
      }
      seen.taken += taken.size;
    }
    console.log(`${JSON.stringify(seen)} of ${cases} records in Avro together`);
    expect(seen.taken).toBeGreaterThan(cases / 10);
    expect(seen.waits).toBeGreaterThan(cases / RECORDS_PER_MAPPING / 10);
  },
  timeoutMs,
);
