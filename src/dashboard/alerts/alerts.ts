/**
 * Evaluates the rules of alerts on published totals, which are always committed. Each alert is
 * reported when it starts and when it ends, and is on the pages in between.
 */

import { isDeepStrictEqual } from "node:util";
import type { Figure, Operator, Rule } from "../../config/alert-rule.ts";
import { formatAmount, formatQuantity } from "../../domain/money.ts";
import { linesIn, NO_SUMS, type Sums } from "../../domain/sums.ts";
import type { Clock } from "../../lib/clock.ts";
import type { AlertLevel, AlertLine, RuleLine } from "../model/status.ts";
import type { SalesView } from "../model/view.ts";
import { GrowthWindow } from "./alert-window.ts";

type View = Pick<SalesView, "board" | "row" | "sumsOf">;

/** Thresholds are in millionths. */
const MILLION = 1_000_000n;
const MS_PER_SECOND = 1_000n;
/** Where bars are days, also those of 23 and 25 hours. */
const DAY_SECONDS = 24 * 3_600;

/** `unknown`: not evaluated yet, because the figure in the rule's window is unknown. */
export type AlertState = "ok" | "firing" | "unknown";

export interface Alert {
  readonly rule: Rule;
  readonly state: AlertState;
  /** The last value, in millionths; undefined = never evaluated. */
  readonly value: bigint | undefined;
  /** The start of this state; for a firing alert, the time since which the rule holds. */
  readonly since: Date;
}

/** The start or the end of an alert. */
export interface AlertEvent {
  readonly rule: Rule;
  readonly state: "firing" | "resolved";
  readonly value: bigint;
  /** The time since which the rule holds, or held. */
  readonly since: Date;
  readonly at: Date;
}

interface Watch {
  window: GrowthWindow | undefined;
  alert: Alert;
  /** The time since which the rule holds, by both clocks; undefined = the rule does not hold. */
  held: { readonly at: number; readonly date: Date } | undefined;
}

export class Alerts {
  readonly #watches: readonly Watch[];
  readonly #clock: Pick<Clock, "now" | "date">;
  readonly #onEvent: (event: AlertEvent) => void;
  #lines: readonly AlertLine[] = [];
  #rules: readonly RuleLine[] = [];

  /** `onEvent` hears each start and each end once, and must not throw. */
  constructor(options: {
    rules: readonly Rule[];
    clock: Pick<Clock, "now" | "date">;
    onEvent: (event: AlertEvent) => void;
  }) {
    this.#clock = options.clock;
    this.#onEvent = options.onEvent;
    const since = options.clock.date();
    this.#watches = options.rules.map((rule) => ({
      window: windowOf(rule),
      alert: { rule, state: "unknown", value: undefined, since },
      held: undefined,
    }));
  }

  /**
   * Begins all windows anew, because other totals come: what they have more was not sold just now.
   * An alert that fires goes on, so that its end is told.
   */
  restart(): void {
    for (const watch of this.#watches) watch.window = windowOf(watch.alert.rule);
  }

  /** All alerts, in the order of the rules. */
  get all(): readonly Alert[] {
    return this.#watches.map(({ alert }) => alert);
  }

  /** One sentence for each firing alert, unchanged until it ends. Times are ISO 8601. */
  get lines(): readonly AlertLine[] {
    return this.#lines;
  }

  /** How each rule stands, for the pages. The same array as long as nothing differs. */
  get rules(): readonly RuleLine[] {
    const next = this.all.map(({ rule, state, value, since }): RuleLine => {
      const shown = value === undefined ? undefined : formatValue(rule, value);
      const texts = {
        text: rule.text,
        masked: maskedText(rule),
        isMoney: rule.figure === "revenue",
      };
      const level = levelOf(rule);
      return { ...texts, state, value: shown, since: since.toISOString(), level };
    });
    if (!isDeepStrictEqual(next, this.#rules)) this.#rules = next;
    return this.#rules;
  }

  get firing(): number {
    return this.#lines.length;
  }

  /** Call once a second. Returns true if an alert started or ended. */
  evaluate(view: View): boolean {
    const now = this.#clock.now();
    const date = this.#clock.date();
    let hasEvent = false;
    for (const watch of this.#watches) {
      const event = this.#evaluate(watch, view, now, date);
      if (!event) continue;
      hasEvent = true;
      this.#onEvent(event);
    }
    if (hasEvent) this.#lines = this.all.filter(({ state }) => state === "firing").map(lineOf);
    return hasEvent;
  }

  #evaluate(watch: Watch, view: View, now: number, date: Date): AlertEvent | undefined {
    const { rule, state } = watch.alert;
    const measured = isKnown(view.board.state, rule) ? measure(watch, view, now) : undefined;
    if (!measured) {
      // A rule that held before an unknown time may not have held during it.
      if (state !== "firing") watch.held = undefined;
      return undefined;
    }
    const { value, holds } = measured;
    const held = holds ? (watch.held ?? { at: now, date }) : undefined;
    const isFiring = held !== undefined && now - held.at >= rule.forMs;
    const next = isFiring ? "firing" : "ok";
    const lastSince = watch.alert.since;
    const since = next === state ? lastSince : isFiring ? held.date : date;
    watch.held = held;
    watch.alert = { rule, state: next, value, since };
    if (isFiring === (state === "firing")) return undefined;
    return isFiring
      ? { rule, state: "firing", value, since, at: date }
      : { rule, state: "resolved", value, since: lastSince, at: date };
  }
}

function windowOf({ windowMs }: Rule): GrowthWindow | undefined {
  return windowMs === undefined ? undefined : new GrowthWindow(windowMs);
}

/** All alerts as JSON, for `/api/alerts`. With `isMasked`, amounts are null, and hidden in rules. */
export function alertsJson(alerts: Alerts, isMasked = false): string {
  return JSON.stringify({
    alerts: alerts.all.map(({ rule, state, value, since }) => {
      const isHidden = isMasked && isOfMoney(rule);
      return {
        rule: isHidden ? maskedText(rule) : rule.text,
        state,
        value: value === undefined || isHidden ? null : formatValue(rule, value),
        threshold: isHidden ? null : formatValue(rule, rule.threshold),
        since: since.toISOString(),
      };
    }),
  });
}

/** Exact digits: amounts and rates with two decimals or more, counts with as many as needed. */
export function formatValue(rule: Rule, millionths: bigint): string {
  const isCount = rule.figure !== "revenue" && !rule.isRate;
  return isCount ? formatQuantity(millionths) : formatAmount(millionths);
}

function lineOf({ rule, since }: Alert): AlertLine {
  const start = `Alert since ${since.toISOString()}: `;
  return { text: start + rule.text, masked: start + maskedText(rule) };
}

/**
 * The line of a rule in a chart. A figure of all time has none, and neither has one of several
 * days: no bar is so long.
 */
function levelOf(rule: Rule): AlertLevel | undefined {
  const { figure: measure, product, windowMs, period, isRate, isNoData, threshold } = rule;
  if (measure === "deadLetters" || isNoData) return undefined;
  const windowSeconds = windowMs === undefined || isRate ? undefined : windowMs / 1_000;
  const seconds = isRate ? 1 : period === "today" ? DAY_SECONDS : windowSeconds;
  if (seconds === undefined) return undefined;
  return { measure, product, amount: formatAmount(threshold), seconds };
}

function isOfMoney({ figure }: Rule): boolean {
  return figure === "revenue";
}

function maskedText(rule: Rule): string {
  if (!isOfMoney(rule)) return rule.text;
  // Looks after the last comparison, because a product may be named "<5".
  const { text } = rule;
  return text.replace(/^(.*[<>]=?)\s*[\d.]+/s, "$1 •••");
}

/**
 * While nobody counts the waiting sales, every growth is too small to compare. Only `nodata` is
 * still evaluated, because it reports that nothing is counted.
 */
function isKnown(state: SalesView["board"]["state"], rule: Rule): boolean {
  return state === "live" || (state === "behind" && rule.isNoData);
}

/** Undefined while the window is unknown. The value of a rate is cut after six decimals. */
function measure(
  { window, alert: { rule } }: Watch,
  view: View,
  now: number,
): { value: bigint; holds: boolean } | undefined {
  if (rule.period) {
    const sums = view.sumsOf(rule.period, rule.product);
    if (!sums) return undefined;
    const value = figureIn(sums, rule.figure);
    return { value, holds: compare(value, rule.operator, rule.threshold) };
  }
  const totals = totalsOf(view, rule.product) ?? NO_SUMS;
  const isOfSales = rule.figure !== "deadLetters";
  const figure = isOfSales ? figureIn(totals, rule.figure) : view.board.deadLetters * MILLION;
  if (!window) return { value: figure, holds: compare(figure, rule.operator, rule.threshold) };
  const grown = window.observe(now, figure, isOfSales ? linesIn(totals) : figure);
  if (!grown) return undefined;
  const { growth } = grown;
  if (!rule.isRate) {
    return { value: growth, holds: compare(growth, rule.operator, rule.threshold) };
  }
  const elapsedMs = BigInt(grown.elapsedMs);
  // Multiplies instead of dividing, so that no rounded value is compared.
  const holds = compare(growth * MS_PER_SECOND, rule.operator, rule.threshold * elapsedMs);
  return { value: (growth * MS_PER_SECOND) / elapsedMs, holds };
}

/** In millionths; of rejected records there are no sums. */
function figureIn({ revenue, quantity, sales }: Readonly<Sums>, figure: Figure): bigint {
  if (figure === "revenue") return revenue;
  return figure === "units" ? quantity : sales * MILLION;
}

function totalsOf(view: View, product: string | undefined) {
  return product === undefined ? view.board.total : view.row(product);
}

function compare(a: bigint, operator: Operator, b: bigint): boolean {
  if (operator === "<") return a < b;
  if (operator === "<=") return a <= b;
  return operator === ">" ? a > b : a >= b;
}
