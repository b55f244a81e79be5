/** All paths of a mapping, each with the rule that has it. */

import type { Alternatives, Mapping, NumberRule, Path, TextRule } from "./model/mapping.ts";

export interface RulePath {
  /** What stands before the colon, such as `product` or `by store`. */
  readonly rule: string;
  readonly path: Path;
  /** The rule reads a value there: a text, a number, a boolean or bytes. */
  readonly readsValue: boolean;
}

export function rulePaths(mapping: Mapping): RulePath[] {
  const { lines, product, quantity, money, time, currency, only, minus, by } = mapping;
  const all = (rule: string, paths: readonly Path[], readsValue = true) =>
    paths.map((path) => ({ rule, path, readsValue }));
  return [
    ...all("lines", lines ? [lines] : [], false),
    ...all("product", pathsOfText(product)),
    ...all("quantity", pathsOfNumber(quantity)),
    ...all(money.kind, pathsOfNumber(money.rule)),
    ...all("time", pathsOfText(time?.parts ?? [])),
    ...all("currency", pathsOfText(currency ?? [])),
    ...only.flatMap(({ path, texts }) => all("only", [path], texts !== undefined)),
    ...all("minus", minus ? [minus.path] : [], minus?.texts !== undefined),
    ...by.flatMap(({ name, text }) => all(`by ${name}`, pathsOfText(text))),
  ];
}

function pathsOfText(parts: TextRule): Path[] {
  return parts.flatMap(pathsOfChoice);
}

function pathsOfNumber({ terms }: NumberRule): Path[] {
  return terms.flatMap(({ choice, shift }) => [
    ...pathsOfChoice(choice),
    ...(shift?.kind === "path" ? [shift.path] : []),
  ]);
}

function pathsOfChoice(choice: Alternatives): Path[] {
  return choice.flatMap((source) => (source.kind === "path" ? [source.path] : []));
}
