/** Random schemas of Avro that nearly fit the mappings of `plan-mappings.ts`, and their records. */

import {
  type AvroChance,
  arrayType,
  embeddedType,
  encodedType,
  mapType,
  nullType,
  numberType,
  oddType,
  recordType,
  textType,
  timeType,
  unionOf,
} from "./avro-types.ts";
import type { Random } from "./generate.ts";
import type { FuzzedMapping } from "./plan-mappings.ts";

type Field = readonly [name: string, make: (random: Random) => AvroChance];

const currency = (random: Random) => textType(random, ["USD", "USD", "usd", "USD", "EUR"]);
const kind = (random: Random) => textType(random, ["paid", "refund", "paid", "sales"]);
const flag = (random: Random) =>
  random.below(4) === 0 ? kind(random) : { schema: "boolean", write: putFlag };
const EMBEDDED = ['{"v":"Kettle","q":2}', '{"q":"12.5","v":"é"}', '{"v":1}', "[]", "{"];

const OF_RECORD: readonly Field[] = [
  ["cur", currency],
  [
    "meta",
    (random) =>
      objectType(random, [
        ["type", kind],
        ["exp", exponentType],
      ]),
  ],
  ["ts", timeType],
  ["ok", flag],
  ["id", numberType],
];
const OF_LINE: readonly Field[] = [
  ["name", textType],
  ["n", (random) => objectType(random, [["en", textType]])],
  ["x y", textType],
  ["tags", (random) => arrayType(usual(random, random.below(2) ? textType : numberType), [2, 3])],
  ["j", () => embeddedType((random) => random.pick(EMBEDDED))],
  ["sku", (random) => (random.below(2) === 0 ? numberType(random) : textType(random))],
  ["qty", numberType],
  ["unit", (random) => objectType(random, [["price", numberType]])],
  ["cents", numberType],
  ["fee", numberType],
  ["b64", encodedType],
  ["exp", exponentType],
  ["ts", timeType],
  ["when", (random) => objectType(random, [["at", timeType]])],
  ["zone", (random) => textType(random, ["Z", "+02:00", ""])],
  ["cur", currency],
  ["kind", kind],
  ["ok", flag],
];
const ONLY_OF_RECORD = OF_RECORD.filter(([key]) => OF_LINE.every(([other]) => other !== key));

/** A schema for records that a mapping reads. */
export function randomSchema(random: Random, { rules, shape }: FuzzedMapping): AvroChance {
  const record = (fields: readonly Field[]) => {
    const kept = fields.filter(([name]) => {
      const isWanted = rules.includes(name) || shape.includes(name);
      return isWanted ? random.below(40) > 0 : random.below(6) === 0;
    });
    const extra = Array.from({ length: random.below(3) }, (_, i): Field => [`x${i}`, oddType]);
    const all = [...kept, ...extra].sort(() => random.below(3) - 1);
    return recordType(all.map(([name, make]) => [name, usual(random, make)]));
  };
  const whole = (name: string, type: AvroChance) => record([[name, () => type], ...OF_RECORD]);
  if (shape === "") return record([...OF_LINE, ...ONLY_OF_RECORD]);
  const lengths = [1, 2, 3, 1, 2, 3, 0];
  const lines = (fields = OF_LINE) =>
    arrayType(
      usual(random, () => record(fields)),
      lengths,
    );
  const items = () => recordType([["items", lines()]]);
  switch (shape) {
    case "[]":
      return lines();
    case "items[]":
      return whole("items", lines());
    case "order.items[]":
      return whole("order", items());
    case "list[1].items[]":
      return whole("list", arrayType(items(), [2, 2, 3, 2, 1]));
    case "items[].d":
      return whole("items", arrayType(recordType([["d", record(OF_LINE)]]), lengths));
    case "json(body).items[]":
      return whole("body", embeddedType(embeddedLines));
    case "checks[].sel[]": {
      const selections = recordType([["sel", usual(random, () => lines())]]);
      return whole("checks", arrayType(selections, [1, 2, 0]));
    }
  }
}

/** Now and then a union, or another type. */
function usual(random: Random, make: (random: Random) => AvroChance): AvroChance {
  if (random.below(30) === 0) return oddType(random);
  const type = make(random);
  const isUnion = random.below(4) === 0 && !Array.isArray(type.schema);
  if (!isUnion) return type;
  const other = random.below(4) === 0 ? [oddType(random)] : [];
  return unionOf(type, [nullType, ...other.filter(({ schema }) => !Array.isArray(schema))], random);
}

function objectType(random: Random, fields: readonly Field[]): AvroChance {
  const made = fields.map(([name, make]) => [name, usual(random, make)] as const);
  const [first] = made;
  if (first && random.below(4) === 0) return mapType([first[0], "other"], first[1]);
  return recordType(made);
}

function exponentType(): AvroChance {
  return { schema: "int", write: (random, out) => out.push(random.pick([4, 4, 0, 6, 1, 80])) };
}

function putFlag(random: Random, out: number[]): void {
  out.push(random.below(2));
}

function embeddedLines(random: Random): string {
  const line = () => ({
    name: random.pick(["Kettle", "x"]),
    sku: "s",
    qty: random.below(5),
    fee: 1,
  });
  const items = Array.from({ length: random.below(4) }, () => ({
    ...line(),
    cents: 1999,
    unit: { price: random.pick(["2.5", "1"]) },
  }));
  return JSON.stringify({ items });
}
