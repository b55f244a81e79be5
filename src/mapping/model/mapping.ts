/**
 * What a mapping says, as a tree in normal form: two spellings of one meaning are one tree. The
 * parser makes it, the printer writes it, the judge is compiled from it.
 */

/** One step of a path: into an object, an array, each line of an array, or JSON in a text. */
export type Step =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "each" }
  | { readonly kind: "json" };

/** Where a path begins. Without a `lines` rule the line is the record: such paths say `line`. */
export type Origin =
  | { readonly kind: "line" | "record" | "key" | "topic" }
  | { readonly kind: "header"; readonly name: string };

export interface Path {
  readonly origin: Origin;
  readonly steps: readonly Step[];
}

/** A path, or a constant: a number is kept as the text that it was written as. */
export type Source =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "text"; readonly text: string };

/** Sources joined by `else`: the first that is there and not null counts. */
export type Alternatives = readonly Source[];

/** What moves the point of a term to the left, by places. */
export type Shift =
  | { readonly kind: "places"; readonly places: number }
  | { readonly kind: "path"; readonly path: Path };

export interface Term {
  readonly choice: Alternatives;
  readonly isNegative: boolean;
  /** `decimal N`: bytes, or base64, of a two's complement integer with so many decimals. */
  readonly decimal: number | undefined;
  readonly shift: Shift | undefined;
}

/** A quantity or money: a sum of terms. */
export interface NumberRule {
  readonly terms: readonly Term[];
  /** Decimals that stay, 0 to 6; undefined = nothing is rounded. */
  readonly round: number | undefined;
}

/** A text: the parts one behind the other. */
export type TextRule = readonly Alternatives[];

export const timeUnits = ["s", "ms", "us", "ns", "days"] as const;
export type TimeUnit = (typeof timeUnits)[number];

export interface TimeRule {
  readonly parts: TextRule;
  /** Of a number; undefined = its size tells. */
  readonly unit: TimeUnit | undefined;
}

export interface Predicate {
  readonly path: Path;
  readonly isNegated: boolean;
  /** Undefined = `exists`. Sorted, each once. */
  readonly texts: readonly string[] | undefined;
}

/** `by store: $.store_id`: the text of a line that a board of its own adds up by. */
export interface Dimension {
  /** See `DIMENSION_NAME`. */
  readonly name: string;
  readonly text: TextRule;
}

/** Lower case and short, because the name of a topic ends with it. */
export const DIMENSION_NAME = /[a-z][a-z0-9_-]{0,31}/;
export const DIMENSIONS_MAX = 4;

export interface Mapping {
  /** Names of the columns of a csv value. */
  readonly columns: readonly string[] | undefined;
  /** Undefined = the record is the line. */
  readonly lines: Path | undefined;
  readonly product: TextRule;
  readonly quantity: NumberRule;
  /** Of one unit, or of the whole line. */
  readonly money: { readonly kind: "price" | "amount"; readonly rule: NumberRule };
  readonly time: TimeRule | undefined;
  readonly currency: TextRule | undefined;
  readonly only: readonly Predicate[];
  readonly minus: Predicate | undefined;
  readonly returns: "reject" | "subtract";
  /** At most `DIMENSIONS_MAX`, sorted by name, no two of one name. */
  readonly by: readonly Dimension[];
}

export const ruleNames = [
  "lines",
  "product",
  "quantity",
  "price",
  "amount",
  "time",
  "currency",
  "only",
  "minus",
  "returns",
  "columns",
  "by",
] as const;
export type RuleName = (typeof ruleNames)[number];

/** A condition judges the record when no line can change its answer. */
export function judgesRecord(condition: Predicate): boolean {
  return condition.path.origin.kind !== "line";
}

/** Known before the value is read. */
export function isOutsideOfValue({ origin }: Path): boolean {
  return origin.kind !== "line" && origin.kind !== "record";
}
