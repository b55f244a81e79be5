/** The program of the fast path that the settings ask for. */

import { timeZone } from "./exact/zone.ts";
import { FLAT_RULES } from "./flat.ts";
import type { JudgeSettings } from "./input-judge.ts";
import type { ReadySchema, Schemas } from "./model/schema.ts";
import { daySpans } from "./program/days.ts";
import { compileProgram, type ProgramOptions } from "./program/program.ts";
import { parseMapping } from "./rules/parse.ts";

const DAY_MS = 86_400_000;
/** Of a fast path that reads nothing. */
const NOTHING = new ArrayBuffer(0);
const noSchemas: readonly ReadySchema[] = [];

interface InputOptions {
  readonly topic: string;
  /** About when the records are. */
  readonly now: Date;
  /** Those that the judge has: records of the ready ones must not wait there. */
  readonly schemas: Schemas | undefined;
}

export class InputProgram {
  readonly #settings: JudgeSettings;
  readonly #options: Omit<ProgramOptions, "schemas"> | undefined;
  readonly #schemas: Schemas | undefined;
  #ready: readonly ReadySchema[] | undefined;
  #memory = NOTHING;

  constructor(settings: JudgeSettings, { topic, now, schemas }: InputOptions) {
    const { mapping, inputFormat, currency } = settings;
    this.#settings = settings;
    this.#schemas = schemas;
    const isKnown = inputFormat === "json" || (inputFormat === "avro" && schemas);
    if (!isKnown) return;
    const today = Math.floor(now.getTime() / DAY_MS);
    const zone = daySpans(timeZone(settings.timeZone), today);
    const isFlat = mapping === undefined && inputFormat === "json";
    this.#options = { topic, currency, zone, isFlat };
  }

  /**
   * For the polls from now on: it knows the schemas that are ready now. Empty = there is no fast
   * path for these settings, and the judge has all records.
   */
  get memory(): ArrayBuffer {
    const ready = this.#schemas?.ready ?? noSchemas;
    if (this.#options && ready !== this.#ready) {
      this.#ready = ready;
      const mapping = this.#settings.mapping ?? parseMapping(FLAT_RULES);
      const options = { ...this.#options, schemas: this.#schemas };
      this.#memory = compileProgram(mapping, options) ?? NOTHING;
    }
    return this.#memory;
  }
}
