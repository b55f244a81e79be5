/** The rule `time`, compiled. It never costs a sale. */

import { parseTime } from "../exact/time.ts";
import type { TimeZone } from "../exact/zone.ts";
import type { TimeRule, TimeUnit } from "../model/mapping.ts";
import { type DecodedValue, UnreadableError } from "../model/value.ts";
import { ChoiceReader, scalarText } from "./choices.ts";
import type { Paths } from "./paths.ts";
import type { Scope } from "./scope.ts";

export class TimeReader {
  readonly #parts: readonly ChoiceReader[];
  readonly #unit: TimeUnit | undefined;
  readonly #zone: TimeZone;

  constructor({ parts, unit }: TimeRule, { paths, zone }: { paths: Paths; zone: TimeZone }) {
    this.#parts = parts.map((choice) => new ChoiceReader(choice, { paths, rule: "time" }));
    this.#unit = unit;
    this.#zone = zone;
  }

  /** Epoch milliseconds; undefined when nothing is there, or no time. */
  read(scope: Scope): number | undefined {
    try {
      return parseTime(this.#value(scope), { unit: this.#unit, zone: this.#zone });
    } catch (error) {
      if (error instanceof UnreadableError) return undefined;
      throw error;
    }
  }

  #value(scope: Scope): DecodedValue | undefined {
    const [first, another] = this.#parts;
    if (!another) return first?.readAny(scope);
    const texts = this.#parts.map((part) => scalarText(part.readAny(scope)));
    return texts.some((text) => text === undefined) ? undefined : texts.join("");
  }
}
