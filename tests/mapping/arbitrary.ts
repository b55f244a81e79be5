/** Random mappings and random records that nearly fit them. */

import fc from "fast-check";
import type {
  Alternatives,
  Mapping,
  NumberRule,
  Path,
  Predicate,
  Source,
  Step,
  Term,
} from "../../src/mapping/model/mapping.ts";

/** No rule can hold a line break or a control character. */
const oddText = fc
  .string({ unit: "binary", maxLength: 8 })
  .map((text) => text.replace(/[\p{Cc}\u2028\u2029]/gu, "'"));
const plainKey = fc.constantFrom(
  "a",
  "b",
  "items",
  "unit_price",
  "0",
  "$numberDecimal",
  "@timestamp",
);
const key = fc.oneof(
  { arbitrary: plainKey, weight: 4 },
  fc.constantFrom("b c", "it's", "a-b", "x;y", "#1", "null", "é", ""),
  oddText,
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: key.map((key): Step => ({ kind: "key", key })), weight: 5 },
  fc.nat(20).map((index): Step => ({ kind: "index", index })),
  fc.constant<Step>({ kind: "json" }),
);
const steps = fc.array(step, { minLength: 1, maxLength: 4 });
/** The first step of a path in the record is a key or an index: `json()` needs a path inside. */
const valueSteps = steps.map((steps) =>
  steps[0]?.kind === "json" ? [{ kind: "key", key: "a" } as const, ...steps] : steps,
);

export const path: fc.Arbitrary<Path> = fc.oneof(
  {
    arbitrary: fc.record({
      origin: fc.constantFrom({ kind: "line" as const }, { kind: "record" as const }),
      steps: valueSteps,
    }),
    weight: 6,
  },
  fc.constantFrom<Path>(
    { origin: { kind: "key" }, steps: [] },
    { origin: { kind: "topic" }, steps: [] },
    { origin: { kind: "key" }, steps: [{ kind: "json" }, { kind: "key", key: "id" }] },
  ),
  fc
    .oneof(
      fc.constantFrom("type", "ce_type", "spring.json.type", "x y"),
      oddText.filter((name) => name !== ""),
    )
    .map((name): Path => ({ origin: { kind: "header", name }, steps: [] })),
);

const pathSource = path.map((path): Source => ({ kind: "path", path }));
const choice = (constant: fc.Arbitrary<string>): fc.Arbitrary<Alternatives> => {
  const text = constant.map((text): Source => ({ kind: "text", text }));
  return fc
    .tuple(fc.array(pathSource, { maxLength: 3 }), fc.option(text, { nil: undefined }))
    .filter(([paths, text]) => paths.length > 0 || text !== undefined)
    .map(([paths, text]) => (text ? [...paths, text] : paths));
};

const number = fc.constantFrom("0", "1", "-2.5", "007.50", ".5", "1e3", "0.000001");
const places = fc.nat(38).map((places) => ({ kind: "places" as const, places }));
const term: fc.Arbitrary<Term> = fc
  .record({
    choice: choice(number),
    isNegative: fc.boolean(),
    decimal: fc.option(fc.nat(38), { nil: undefined }),
    shift: fc.option(
      fc.oneof(
        places,
        path.map((path) => ({ kind: "path" as const, path })),
      ),
      {
        nil: undefined,
      },
    ),
  })
  .map((term) => (term.choice[0]?.kind === "text" ? { ...term, decimal: undefined } : term));

const numberRule: fc.Arbitrary<NumberRule> = fc.record({
  terms: fc
    .array(term, { minLength: 1, maxLength: 3 })
    .map(([first, ...others]) => [{ ...(first as Term), isNegative: false }, ...others]),
  round: fc.option(fc.nat(6), { nil: undefined }),
});

const word = fc.oneof(
  fc.constantFrom("paid", "Order Completed", "false", "1", "it's", ""),
  oddText,
);
const membership = fc.record({
  path,
  isNegated: fc.constant(false),
  texts: fc.array(word, { minLength: 1, maxLength: 4 }),
});
const condition: fc.Arbitrary<Predicate> = fc.oneof(
  fc.record({ path, isNegated: fc.boolean(), texts: fc.constant(undefined) }),
  membership.chain((found) => fc.boolean().map((isNegated) => ({ ...found, isNegated }))),
);

const lines: fc.Arbitrary<Path> = fc
  .tuple(fc.array(step, { maxLength: 2 }), steps, fc.boolean())
  .map(([before, behind, hasTail]): Path => {
    const first = before[0]?.kind === "json" ? [{ kind: "key", key: "a" } as const] : [];
    const tail = hasTail ? behind : [];
    return {
      origin: { kind: "record" },
      steps: [...first, ...before, { kind: "each" }, ...tail],
    };
  });

const texts = fc.array(choice(oddText), { minLength: 1, maxLength: 3 });

const dimensionNames = ["till", "a-b_9"];
const by = fc
  .array(fc.array(choice(plainKey), { minLength: 1, maxLength: 2 }), {
    maxLength: dimensionNames.length,
  })
  .map((all) => all.map((text, i) => ({ name: dimensionNames[i] as string, text })));

/** Not yet in normal form. */
export const mapping: fc.Arbitrary<Mapping> = fc.record({
  columns: fc.constant(undefined),
  lines: fc.option(lines, { nil: undefined }),
  product: texts,
  quantity: numberRule,
  money: fc.record({
    kind: fc.constantFrom("price" as const, "amount" as const),
    rule: numberRule,
  }),
  time: fc.option(
    fc.record({
      parts: texts,
      unit: fc.option(fc.constantFrom("s" as const, "ms" as const, "days" as const), {
        nil: undefined,
      }),
    }),
    { nil: undefined },
  ),
  currency: fc.option(texts, { nil: undefined }),
  only: fc.array(condition, { maxLength: 3 }),
  minus: fc.option(membership, { nil: undefined }),
  returns: fc.constantFrom("reject" as const, "subtract" as const),
  by,
});

/** JSON in whose objects the mappings' keys are common. */
export const json = fc
  .letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, depthSize: "medium" },
      fc.constantFrom<unknown>(null, true, 1, -2.5, 39.900000000000006, 1e21, "7.50", "paid", "é"),
      fc.constantFrom<unknown>('{"a":[1,{"b":"2"}]}', "B8s=", "2026-03-01 08:16:00", 5e-324),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(plainKey, tie("value"), { maxKeys: 5 }),
    ),
  }))
  .value.map((value) => JSON.stringify(value));
