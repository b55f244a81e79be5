/**
 * An Avro schema and the places of a mapping → what the fast path follows through a record's bytes.
 * `native-fold/avro_schema.h` is the other side. A list of nodes, the first for the whole record,
 * each with these words:
 *
 *   kind, meaning
 *   decimals of a decimal, or of a second
 *   size     of fixed: its bytes
 *   place?   whose slots it fills; without one the value is checked and skipped
 *   below    numbers of the nodes that read what is inside:
 *              record  one for each field, in the order of the schema
 *              union   one for each branch
 *              array   one for elements that no rule reads, then one for each element of the place,
 *                      then one for the lines if the place has any
 *              map     one for keys that no rule reads, then one for each field of the place
 *   symbols  of an enum
 */

import type { NumberedPlaces, PlaceNode } from "../../model/place.ts";
import { Words } from "../../program/words.ts";
import { type AvroRecord, type AvroType, primitives } from "./types.ts";

const kinds: readonly AvroType["kind"][] = [
  ...primitives,
  ...(["fixed", "enum", "array", "map", "union", "record"] as const),
];
const meanings = ["", "decimal", "timestamp", "local timestamp", "clock", "date", "uuid"];
/** Also bounds how deep this recursion goes. */
const NODES_MAX = 2_000;
/** What C++ accepts of one schema, with room to spare. */
const BYTES_MAX = 200_000;
const FIXED_BYTES_MAX = 100_000_000;
const SYMBOLS_MAX = 10_000;
const SYMBOL_CHARS_MAX = 1_000;

interface AvroNode {
  readonly type: AvroType;
  readonly place: PlaceNode | undefined;
  below: readonly number[];
}

/** Undefined = the fast path cannot follow this schema. */
export function compileAvro(type: AvroType, places: NumberedPlaces): ArrayBuffer | undefined {
  const compiler = new AvroCompiler();
  compiler.number(type, places.root);
  return compiler.isSure ? compiler.memory(places) : undefined;
}

class AvroCompiler {
  readonly #nodes: AvroNode[] = [];
  readonly #known = new Map<AvroType, Map<PlaceNode | undefined, number>>();
  isSure = true;

  /** The node that reads a value of `type`, and fills the slots of `place`. */
  number(type: AvroType, place: PlaceNode | undefined): number {
    const known = this.#known.get(type) ?? new Map<PlaceNode | undefined, number>();
    this.#known.set(type, known);
    const before = known.get(place);
    if (before !== undefined) return before;
    const number = this.#nodes.length;
    if (number >= NODES_MAX || isTooLarge(type)) {
      this.isSure = false;
      return 0;
    }
    const node: AvroNode = { type, place, below: [] };
    this.#nodes.push(node);
    // Noted before what is below, because a record may contain itself.
    known.set(place, number);
    node.below = this.#below(type, place);
    return number;
  }

  memory({ numbers }: NumberedPlaces): ArrayBuffer | undefined {
    const words = new Words();
    words.list(this.#nodes, ({ type, place, below }) => {
      words.word(kinds.indexOf(type.kind));
      words.word(meanings.indexOf(meaningOf(type)));
      words.word(decimalsOf(type));
      words.word(type.kind === "fixed" ? type.size : 0);
      words.maybe(place && numbers.get(place), (number) => words.word(number));
      words.list(below, (number) => words.word(number));
      words.list(type.kind === "enum" ? type.symbols : [], (symbol) => words.text(symbol));
    });
    const memory = words.memory();
    return words.isExact && memory.byteLength <= BYTES_MAX ? memory : undefined;
  }

  #below(type: AvroType, place: PlaceNode | undefined): number[] {
    switch (type.kind) {
      case "record":
        return this.#fields(type, place);
      case "union":
        return type.branches.map((branch) => this.number(branch, place));
      case "array": {
        const lines = place?.each ? [place.each] : [];
        const asked = [...(place?.elements.values() ?? []), ...lines];
        return [undefined, ...asked].map((below) => this.number(type.items, below));
      }
      case "map":
        return [undefined, ...(place?.fields.values() ?? [])].map((below) =>
          this.number(type.values, below),
        );
      default:
        return [];
    }
  }

  #fields({ fields }: AvroRecord, place: PlaceNode | undefined): number[] {
    const asked = fields.filter(({ name }) => place?.fields.has(name)).map(({ name }) => name);
    // No schema should have two fields of one name: the judge takes the last.
    if (new Set(asked).size < asked.length) this.isSure = false;
    return fields.map(({ name, type }) => this.number(type, place?.fields.get(name)));
  }
}

function isTooLarge(type: AvroType): boolean {
  if (type.kind === "fixed") return type.size > FIXED_BYTES_MAX;
  if (type.kind !== "enum") return false;
  const { symbols } = type;
  return symbols.length > SYMBOLS_MAX || symbols.some(({ length }) => length > SYMBOL_CHARS_MAX);
}

function meaningOf(type: AvroType): string {
  const logical = "logical" in type ? type.logical : undefined;
  if (logical?.kind === "timestamp" && logical.zone === "") return "local timestamp";
  return logical?.kind ?? "";
}

function decimalsOf(type: AvroType): number {
  const logical = "logical" in type ? type.logical : undefined;
  if (logical?.kind === "decimal") return logical.scale;
  return logical?.kind === "timestamp" || logical?.kind === "clock" ? logical.places : 0;
}
