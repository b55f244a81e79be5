/**
 * Times of sales that look like a mistake: another unit than milliseconds, or a wrong clock. The
 * sales count all the same; but a graph that stays empty must say why.
 */

import type { RoleContext } from "../role.ts";

/** Seconds since 1970 of today, taken for milliseconds, are in January 1970 until the year 2054. */
const JANUARY_1970_SECONDS = 31 * 24 * 60 * 60;
/** Days since 1970 of today, taken for milliseconds, are in its first minutes. */
const DAYS_SECONDS_MAX = 1_000;
/** No clock is that wrong: 10^14 milliseconds are the year 5138, 10^14 microseconds March 1973. */
const FINE_UNIT_MS_MIN = 1e14;
/** Clocks and time zones differ by less. */
const LATER_MS_MIN = 24 * 60 * 60 * 1000;
const REPORT_INTERVAL_MS = 1_000;

/** What follows "50 sales carry times". */
const KINDS = {
  days: "of 1 January 1970: are timestamps in days? They are read as milliseconds.",
  seconds: "of January 1970: are timestamps in seconds? They are read as milliseconds.",
  fine:
    "after the year 5000: are timestamps in microseconds? They are read as milliseconds, and the " +
    "times of the records count.",
  later:
    "more than a day after those of their records: is a clock wrong? The times of the records count.",
} as const;

export class OddTimes {
  readonly #context: Pick<RoleContext, "clock" | "log" | "report">;
  readonly #counts: Record<keyof typeof KINDS, number> = { days: 0, seconds: 0, fine: 0, later: 0 };
  readonly #logged = new Set<string>();
  #isNews = false;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(context: Pick<RoleContext, "clock" | "log" | "report">) {
    this.#context = context;
  }

  /** Sales that count in this second since 1970; negative = unknown. */
  counted(second: number, sales: number): void {
    if (second >= JANUARY_1970_SECONDS || second < 0) return;
    this.#add(second < DAYS_SECONDS_MAX ? "days" : "seconds", sales);
  }

  /** A sale with this time in a record with that one, epoch milliseconds. */
  carried(saleMs: number | undefined, recordMs: number): void {
    if (saleMs === undefined || recordMs < 0 || saleMs - recordMs < LATER_MS_MIN) return;
    this.#add(saleMs >= FINE_UNIT_MS_MIN ? "fine" : "later", 1);
  }

  /** Tells log and page, at most once a second. Cheap. */
  tell(): void {
    if (!this.#isNews) return;
    const { clock, log, report } = this.#context;
    if (clock.now() - this.#reportedAt < REPORT_INTERVAL_MS) return;
    this.#reportedAt = clock.now();
    this.#isNews = false;
    report({ oddTimes: this.sentences, figures: { salesboard_aggregator_odd_times: this.#sum } });
    for (const sentence of this.sentences) {
      const kind = sentence.replace(/^.*? times? /, "");
      if (!this.#logged.has(kind)) log.warning(sentence);
      this.#logged.add(kind);
    }
  }

  /** What is odd since the start of this process. */
  get sentences(): string[] {
    return Object.entries(KINDS).flatMap(([kind, text]) => {
      const count = this.#counts[kind as keyof typeof KINDS];
      if (count === 0) return [];
      return [count === 1 ? `1 sale carries a time ${text}` : `${count} sales carry times ${text}`];
    });
  }

  get #sum(): number {
    return Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
  }

  #add(kind: keyof typeof KINDS, sales: number): void {
    this.#counts[kind] += sales;
    this.#isNews = true;
  }
}
