/** What a line counts under in each dimension, compiled from the rules that begin with `by`. */

import { productProblem } from "../../domain/sale.ts";
import { NO_VALUE } from "../model/judgement.ts";
import type { Dimension } from "../model/mapping.ts";
import { UnreadableError } from "../model/value.ts";
import { TextReader } from "./choices.ts";
import type { Paths } from "./paths.ts";
import type { Scope } from "./scope.ts";

export class DimensionReader {
  readonly #texts: readonly TextReader[];

  constructor(by: readonly Dimension[], paths: Paths) {
    this.#texts = by.map(({ name, text }) => new TextReader(text, { paths, rule: `by ${name}` }));
  }

  /** One value for each dimension. Never throws: a dimension never costs a sale. */
  read(line: Scope): readonly string[] {
    return this.#texts.map((text) => textOf(text, line));
  }
}

function textOf(text: TextReader, line: Scope): string {
  try {
    const value = text.readAny(line);
    return value === undefined || productProblem(value) ? NO_VALUE : value;
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return NO_VALUE;
  }
}
