/** One rule as it is read piece by piece; what is wrong is said with a caret under the place. */

import { type SalesboardError, usageError } from "../../lib/errors.ts";
import { quoted } from "../../lib/text.ts";

/** Characters of a rule that an error shows, so that the caret stays on the same line. */
const SHOWN_MAX = 90;
const SHOWN_BEFORE_CARET = 60;

export class RuleText {
  readonly text: string;
  #position = 0;

  constructor(text: string) {
    this.text = text;
    this.#skipSpace();
  }

  /** Characters taken so far, and the space behind them. */
  get position(): number {
    return this.#position;
  }

  get isAtEnd(): boolean {
    return this.#position === this.text.length;
  }

  /** What `pattern` matches right here, without taking it. */
  peek(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern.source, `${pattern.flags.replace("y", "")}y`);
    sticky.lastIndex = this.#position;
    return sticky.exec(this.text)?.[0];
  }

  /** What `pattern` matches right here; undefined, and nothing taken, when it does not. */
  take(pattern: RegExp): string | undefined {
    const match = this.takeExactly(pattern);
    if (match !== undefined) this.#skipSpace();
    return match;
  }

  /** As `take`, but the space behind stays: inside of a path a space ends the path. */
  takeExactly(pattern: RegExp): string | undefined {
    const match = this.peek(pattern);
    if (match !== undefined) this.#position += match.length;
    return match;
  }

  skipSpace(): void {
    this.#skipSpace();
  }

  /** @throws SalesboardError with exit status 2 */
  expect(pattern: RegExp, accepts: string): string {
    return this.take(pattern) ?? this.fail(accepts);
  }

  /** `'it''s'`: a text in single quotes, each quote inside of it written twice. */
  takeQuoted(): string | undefined {
    if (this.peek(/'/) === undefined) return undefined;
    const text = this.takeExactly(/'(?:[^']|'')*'/);
    if (text === undefined) return this.fail("a closing quote behind the text");
    return text.slice(1, -1).replaceAll("''", "'");
  }

  /** @throws SalesboardError always: the rule must have `accepts` at `position` */
  fail(accepts: string, position = this.#position, hint = ""): never {
    const rest = this.text.slice(position);
    const received = rest === "" ? "it ends" : `it has ${quoted(rest)}`;
    throw this.error(`the rule must have ${accepts} where ${received}${hint}`, position);
  }

  /** The failure that says `problem` about the rule, with a caret under `position`. */
  error(problem: string, position = this.#position): SalesboardError {
    const start = Math.max(0, position - SHOWN_BEFORE_CARET);
    const shown = printable(this.text.slice(start, start + SHOWN_MAX));
    const before = [...printable(this.text.slice(start, position))].length;
    const caret = `${" ".repeat(before)}^`;
    return usageError(`Cannot read the mapping: ${problem}\n  ${shown}\n  ${caret}`);
  }

  #skipSpace(): void {
    while (/\s/.test(this.text[this.#position] ?? "")) this.#position++;
  }
}

/** One column for each character, and none that a terminal obeys. */
function printable(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]/gu, " ");
}
