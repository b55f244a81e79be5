/** Random mappings over the fields that the records of `plan-records.ts` have. */

import type { Random } from "./generate.ts";

/** Where the records of a mapping have their lines. */
const shapes = [
  "",
  "items[]",
  "order.items[]",
  "checks[].sel[]",
  "[]",
  "items[].d",
  "json(body).items[]",
  "list[1].items[]",
] as const;
type Shape = (typeof shapes)[number];

const TEXTS = ["name", "n.en", "['x y']", "tags[0]", "json(j).v", "sku", "missing"];
const NUMBERS = ["qty", "unit.price", "cents", "fee", "json(j).q", "tags[1]", "sku"];
const TIMES = ["ts", "when.at", "sku", "missing"];
const OF_RECORD = ["$.cur", "$.meta.type", "$.ts", "$.ok", "$.meta", "$.items[0].qty", "$.id"];
const OUTSIDE = ["$key", "json($key).id", "$topic", "$header.type", "$header.time"];
const CONSTANT_TEXTS = ["'Shop'", "'é x'", "'USD'"];
/** Some are base64 too. */
const CONSTANT_NUMBERS = ["1", "-2.5", "0.5", "1000", "99999999"];
const WORDS = ["paid", "true", "false", "1", "USD", "'it''s'", "3.0", "é", "sales"];

export interface FuzzedMapping {
  shape: Shape;
  rules: string;
}

export function randomMapping(random: Random): FuzzedMapping {
  const shape = random.below(3) === 0 ? "" : random.pick(shapes);
  const rules = [
    ...(shape === "" ? [] : [`lines: ${shape}`]),
    `product: ${texts(random)}`,
    ...(random.below(4) === 0 ? [] : [`quantity: ${number(random, "qty")}`]),
    `${random.pick(["price", "amount"])}: ${number(random, "unit.price")}`,
    ...(random.below(3) === 0 ? [] : [`time: ${time(random)}`]),
    ...(random.below(3) === 0 ? [`currency: ${choice(random, ["cur", "$.cur"])}`] : []),
    ...Array.from({ length: random.below(3) }, () => `only: ${condition(random)}`),
    ...(random.below(4) === 0 ? [`minus: ${path(random, ["kind", "ok"])} in (refund, true)`] : []),
    ...(random.below(3) === 0 ? ["returns: subtract"] : []),
    ...(random.below(3) === 0 ? [`by name: ${texts(random)}`] : []),
    ...(random.below(4) === 0 ? [`by odd: ${choice(random, ["kind", ...TIMES])}`] : []),
  ];
  return { shape, rules: rules.join("\n") };
}

function path(random: Random, usual: readonly string[]): string {
  const kind = random.below(30);
  if (kind === 0) return random.pick(OUTSIDE);
  return kind < 4 ? random.pick(OF_RECORD) : random.pick(usual);
}

/** Nearly always a field that the records have, so that most of them count. */
function choice(
  random: Random,
  usual: readonly string[],
  constants: readonly string[] = CONSTANT_TEXTS,
): string {
  const first = random.below(3) === 0 ? path(random, usual) : (usual[0] as string);
  const others = Array.from({ length: random.below(3) === 0 ? 1 + random.below(2) : 0 }, () =>
    path(random, usual),
  );
  const constant = random.below(4) === 0 ? [random.pick(constants)] : [];
  return [first, ...others, ...constant].join(" else ");
}

function texts(random: Random): string {
  const parts = [choice(random, TEXTS)];
  if (random.below(4) === 0) parts.push("' '", choice(random, TEXTS));
  return parts.join(" + ");
}

function number(random: Random, usual: string): string {
  if (random.below(8) === 0) return random.pick(["1", "0", "12.50"]);
  const terms = [term(random, usual)];
  if (random.below(6) === 0) terms.push(term(random, random.pick(NUMBERS)));
  const sum = terms.join(random.pick([" + ", " - "]));
  return random.below(5) === 0 ? `${sum} round ${random.below(7)}` : sum;
}

function term(random: Random, usual: string): string {
  const kind = random.below(12);
  if (kind === 0) {
    const encoded = [random.pick(["b64", "missing"]), "b64"];
    return `${choice(random, encoded, CONSTANT_NUMBERS)} decimal ${random.below(9)}`;
  }
  if (kind === 1) return `cents / 10^${random.pick(["exp", "$.meta.exp", "2", "0"])}`;
  if (kind === 2)
    return `${choice(random, NUMBERS, CONSTANT_NUMBERS)} / ${random.pick(["10", "100", "1000"])}`;
  return choice(random, [usual, ...NUMBERS], CONSTANT_NUMBERS);
}

function time(random: Random): string {
  const unit = random.pick(["", "", "", " s", " ms", " us", " ns", " days"]);
  const parts = [choice(random, random.below(3) === 0 ? TIMES : ["ts"])];
  if (random.below(8) === 0) parts.push("'T10:00'", choice(random, ["zone"]));
  return parts.join(" + ") + unit;
}

function condition(random: Random): string {
  const where = path(random, ["kind", "ok", "cur", "qty", "name", "tags", "missing"]);
  const not = random.below(3) === 0 ? "not " : "";
  if (random.below(3) === 0) return `${where} ${not}exists`;
  const list = Array.from({ length: 1 + random.below(3) }, () => random.pick(WORDS));
  return `${where} ${not}in (${list.join(", ")})`;
}
