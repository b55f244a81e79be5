/** `a else b`, compiled: the first source that is there and not null. */

import { NumberSource } from "../../domain/money.ts";
import type { Alternatives, Source } from "../model/mapping.ts";
import { type DecodedValue, describe, UnreadableError } from "../model/value.ts";
import type { Paths, ReadPath } from "./paths.ts";
import type { Scope } from "./scope.ts";

export class ChoiceReader {
  readonly #paths: Paths;
  readonly #rule: string;
  readonly #choice: Alternatives;
  readonly #reads: readonly ReadPath[];

  constructor(choice: Alternatives, { paths, rule }: { paths: Paths; rule: string }) {
    this.#paths = paths;
    this.#rule = rule;
    this.#choice = choice;
    this.#reads = choice.map((source) =>
      source.kind === "path" ? paths.compile(source.path, rule) : () => source.text,
    );
  }

  /** Undefined = nothing, or null, at all of the sources. @throws UnreadableError */
  readAny(scope: Scope): Exclude<DecodedValue, null> | undefined {
    for (const read of this.#reads) {
      const value = read(scope);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  }

  /** @throws UnreadableError also where there is nothing */
  read(scope: Scope): Exclude<DecodedValue, null> {
    const value = this.readAny(scope);
    if (value !== undefined) return value;
    const places = this.#choice.map((source) =>
      source.kind === "path" ? this.#paths.place(source.path, scope) : source.text,
    );
    throw new UnreadableError(`${this.#rule}: nothing at ${places.join(" or ")}`);
  }

  /** `read` returns the constant at the end, because nothing is at the paths. */
  isConstant(scope: Scope): boolean {
    return this.#choice.at(-1)?.kind === "text" && this.#sourceAt(scope)?.kind === "text";
  }

  /** The place of what `read` returns, for a reason; undefined for a constant. */
  place(scope: Scope): string | undefined {
    const source = this.#sourceAt(scope);
    return source?.kind === "path" ? this.#paths.place(source.path, scope) : undefined;
  }

  #sourceAt(scope: Scope): Source | undefined {
    return this.#choice[this.#reads.findIndex((read) => (read(scope) ?? null) !== null)];
  }

  /** @throws UnreadableError always: the rule must `accept` something else than `received` */
  fail(accepted: string, received: string, scope: Scope): never {
    throw new UnreadableError(reason(this.#rule, { accepted, received, place: this.place(scope) }));
  }
}

/** The sentence of a dead letter. */
export function reason(
  rule: string,
  { accepted, received, place }: { accepted: string; received: string; place: string | undefined },
): string {
  return `${rule}: must ${accepted}, received ${received}${place ? ` at ${place}` : ""}`;
}

/** The text of a scalar, a number as it was written; undefined for all other values. */
export function scalarText(value: DecodedValue | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (value instanceof NumberSource) return value.text;
  return typeof value === "boolean" ? String(value) : undefined;
}

/** A sum of texts, compiled. */
export class TextReader {
  readonly #parts: readonly ChoiceReader[];
  readonly #rule: string;

  constructor(parts: readonly Alternatives[], options: { paths: Paths; rule: string }) {
    this.#parts = parts.map((choice) => new ChoiceReader(choice, options));
    this.#rule = options.rule;
  }

  /** @throws UnreadableError when a part is nothing, or an object, array or bytes */
  read(scope: Scope): string {
    let text = "";
    for (const part of this.#parts) {
      const value = part.read(scope);
      const piece = scalarText(value);
      if (piece === undefined) {
        part.fail("be a text, a number or a boolean", describe(value), scope);
      }
      text = text === "" ? piece : text + piece;
    }
    return text;
  }

  /** Undefined where `read` throws, except for what cannot be read. @throws UnreadableError */
  readAny(scope: Scope): string | undefined {
    let text = "";
    for (const part of this.#parts) {
      const piece = scalarText(part.readAny(scope));
      if (piece === undefined) return undefined;
      text = text === "" ? piece : text + piece;
    }
    return text;
  }

  /** @throws UnreadableError always */
  fail(accepted: string, received: string, scope: Scope): never {
    const places = this.#parts.flatMap((part) => part.place(scope) ?? []);
    const place = places.length > 0 ? places.join(" + ") : undefined;
    throw new UnreadableError(reason(this.#rule, { accepted, received, place }));
  }
}
