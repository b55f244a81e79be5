/**
 * A mapping → the program that the fast path in C++ follows. `native-fold/program.h` is the other
 * side of these bytes; both sides compare `PROGRAM_VERSION`. In their order, with the words of
 * `words.ts`:
 *
 *   version
 *   isFlat, hasLines, isPrice, subtracts   flags
 *   zone         spans of days: the first one, how many, the offset in seconds
 *   recordSlots, lineSlots, places
 *   each place   slot?, fields (key, place), elements (index, place), kind of [], the place behind
 *                [] unless that kind is 0, embedded?
 *   origins      header?, place: what comes with a record
 *   constants    slot, text
 *   only         conditions: when, slot, isNegated, isExists, texts
 *   minus?       a condition
 *   product, currency   texts: parts of sources, each a slot
 *   expected currency   in capitals
 *   quantity, money     terms (paths, constant?, isNegative, decimal?, places, exponent's slot?),
 *                       round?
 *   time         a text, its unit
 *   by           texts, one for each dimension
 *   format       of records: JSON, Avro, or Avro behind the id of its schema
 *   schemas      id, bytes (`../formats/avro/program.ts`); without bytes the judge reads its records
 *
 * A place has a higher number than those above it. The top bit of a slot says that each line has it
 * anew. Only the last two depend on the format: they say who fills the slots.
 */

import {
  type Alternatives,
  isOutsideOfValue,
  judgesRecord,
  type Mapping,
  type NumberRule,
  type Path,
  type Predicate,
  type Source,
  type Term,
  type TextRule,
  timeUnits,
} from "../model/mapping.ts";
import type { NumberedPlaces, PlaceNode } from "../model/place.ts";
import type { Schemas } from "../model/schema.ts";
import type { DaySpan } from "./days.ts";
import { Places } from "./places.ts";
import { Words } from "./words.ts";

const PROGRAM_VERSION = 4;
/** Places of one object: those that were seen fit a word of the walker. */
const FIELDS_MAX = 64;
const PLACES_MAX = 5_000;
/** When a condition is asked. */
const OUTSIDE = 0;
const RECORD = 1;
const LINE = 2;
/** Formats. */
const JSON_TEXT = 0;
const AVRO = 1;
const NAMED_AVRO = 2;

export interface ProgramOptions {
  readonly topic: string;
  /** What the rule `currency` compares with; without case. */
  readonly currency: string;
  /** Of times without a zone. The judge reads those of days that are in none of the spans. */
  readonly zone: readonly DaySpan[];
  /** The stricter rules of the flat sale. */
  readonly isFlat: boolean;
  /** Of records in Avro; without them records are JSON. */
  readonly schemas?: Pick<Schemas, "areNamed" | "ready"> | undefined;
}

/** Undefined = the fast path cannot follow this mapping: the judge has all records. */
export function compileProgram(mapping: Mapping, options: ProgramOptions): ArrayBuffer | undefined {
  const body = new Words();
  const compiler = new Compiler(mapping, options, body);
  compiler.writeRules();
  const { places } = compiler;
  const list = places.list();
  const isTooLarge =
    list.length > PLACES_MAX || list.some(({ fields }) => fields.size > FIELDS_MAX);
  const head = new Words();
  head.word(PROGRAM_VERSION);
  const { money, returns, lines } = mapping;
  head.flag(options.isFlat);
  head.flag(lines !== undefined);
  head.flag(money.kind === "price");
  head.flag(returns === "subtract");
  head.list(options.zone, ({ first, days, offsetMs }) => {
    head.word(first);
    head.word(days);
    head.word(offsetMs / 1_000);
  });
  head.word(places.recordSlots);
  head.word(places.lineSlots);
  const numbers = new Map(list.map((place, i) => [place, i]));
  writePlaces(head, numbers);
  head.list(places.outside, ({ header, place }) => {
    head.maybe(header, (name) => head.text(name));
    head.word(numbers.get(place) ?? 0);
  });
  head.list([...places.constants], ([text, slot]) => {
    head.word(slot);
    head.text(text);
  });
  writeSchemas(body, options, { root: places.root, numbers });
  if (isTooLarge || !head.isExact || !body.isExact || !places.isSure) return undefined;
  return joined(head.memory(), body.memory());
}

function joined(head: ArrayBuffer, body: ArrayBuffer): ArrayBuffer {
  const bytes = new Uint8Array(head.byteLength + body.byteLength);
  bytes.set(new Uint8Array(head));
  bytes.set(new Uint8Array(body), head.byteLength);
  return bytes.buffer;
}

function writeSchemas(words: Words, { schemas }: ProgramOptions, places: NumberedPlaces): void {
  words.word(schemas === undefined ? JSON_TEXT : schemas.areNamed ? NAMED_AVRO : AVRO);
  words.list(schemas?.ready ?? [], ({ id, schema }) => {
    words.word(id);
    words.bytes(schema.compile?.(places) ?? new ArrayBuffer(0));
  });
}

function writePlaces(words: Words, numbers: ReadonlyMap<PlaceNode, number>): void {
  const number = (place: PlaceNode) => words.word(numbers.get(place) ?? 0);
  words.list([...numbers.keys()], ({ slot, fields, elements, each, eachKind, embedded }) => {
    words.maybe(slot, (slot) => words.word(slot));
    words.list([...fields], ([key, place]) => {
      words.text(key);
      number(place);
    });
    words.list([...elements], ([index, place]) => {
      words.word(index);
      number(place);
    });
    words.word(eachKind);
    if (each) number(each);
    words.maybe(embedded, number);
  });
}

/** The rules, written behind the places that they ask for. */
class Compiler {
  readonly places: Places;
  readonly #mapping: Mapping;
  readonly #options: ProgramOptions;
  readonly #words: Words;

  constructor(mapping: Mapping, options: ProgramOptions, words: Words) {
    this.places = new Places(mapping.lines, options.topic);
    this.#mapping = mapping;
    this.#options = options;
    this.#words = words;
  }

  writeRules(): void {
    const { only, minus, product, currency, quantity, money, time, by } = this.#mapping;
    const words = this.#words;
    words.list(only, (condition) => this.#condition(condition));
    words.maybe(minus, (condition) => this.#condition(condition));
    this.#text(product);
    this.#text(currency ?? []);
    words.text(this.#options.currency.toUpperCase());
    this.#number(quantity);
    this.#number(money.rule);
    this.#text(time?.parts ?? []);
    words.word(time?.unit === undefined ? 0 : 1 + timeUnits.indexOf(time.unit));
    words.list(by, ({ text }) => this.#text(text));
  }

  #condition(condition: Predicate): void {
    const words = this.#words;
    words.word(this.#when(condition));
    this.#slot(condition.path);
    words.flag(condition.isNegated);
    words.flag(condition.texts === undefined);
    words.list(condition.texts ?? [], (text) => words.text(text));
  }

  #when(condition: Predicate): number {
    if (isOutsideOfValue(condition.path)) return OUTSIDE;
    return this.#mapping.lines && !judgesRecord(condition) ? LINE : RECORD;
  }

  #text(parts: TextRule): void {
    this.#words.list(parts, (choice) => this.#choice(choice));
  }

  #number({ terms, round }: NumberRule): void {
    this.#words.list(terms, (term) => this.#term(term));
    this.#words.maybe(round, (decimals) => this.#words.word(decimals));
  }

  #term({ choice, isNegative, decimal, shift }: Term): void {
    const words = this.#words;
    const paths = choice.filter(({ kind }) => kind === "path");
    const constant = choice.find(({ kind }) => kind === "text");
    this.#choice(paths);
    // On its own, because `decimal` does not apply to it.
    words.maybe(constant, (source) => this.#source(source));
    words.flag(isNegative);
    words.maybe(decimal, (decimals) => words.word(decimals));
    words.word(shift?.kind === "places" ? shift.places : 0);
    words.maybe(shift?.kind === "path" ? shift.path : undefined, (path) => this.#slot(path));
  }

  #choice(choice: Alternatives): void {
    this.#words.list(choice, (source) => this.#source(source));
  }

  #source(source: Source): void {
    if (source.kind === "path") this.#slot(source.path);
    else this.#words.word(this.places.constant(source.text));
  }

  #slot(path: Path): void {
    this.#words.word(this.places.slot(path));
  }
}
