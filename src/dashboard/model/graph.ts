/** What the graph draws: the past as messages for the script of the page. */

import { isDeepStrictEqual } from "node:util";
import { formatAmount, formatQuantity } from "../../domain/money.ts";
import type { Sums } from "../../domain/sums.ts";
import { RINGS, type Ring } from "../../history/rings.ts";
import { type Look, windows } from "../look/look.ts";
import type { Changed } from "./history-partition.ts";
import type { HistoryView, Notes, Series } from "./history-view.ts";

type Window = Look["window"];

interface WindowSlots {
  ring: Ring;
  /** Slots of it. */
  count: number;
}

/**
 * What a window shows, and by what the same time before it is drawn: its seconds and minutes have
 * passed into coarser slots by then.
 */
export const windowSlots: Readonly<Record<Window, WindowSlots & { before: WindowSlots }>> = {
  "15m": { ring: "second", count: 900, before: { ring: "minute", count: 15 } },
  "24h": { ring: "minute", count: 1_440, before: { ring: "hour", count: 24 } },
  "30d": { ring: "hour", count: 720, before: { ring: "hour", count: 720 } },
};

/** Lines of their own unless the reader picks some: an eye tells no more apart. */
const LINES = 5;
/** Who is among the largest may change all the time; lines that come and go cannot be read. */
const CHOICE_MS = 60_000;

/** How often a window is told what changed: an hour is thousands of slots to add up. */
const INTERVAL_MS: Readonly<Record<Window, number>> = { "15m": 0, "24h": 1_000, "30d": 5_000 };

/** What is said about history is counted over all slots. */
const NOTES_MS = 5_000;

/** What of a window is to be told. */
interface News {
  /** Slots that changed since `toldAt`, in the window's unit. */
  pending: Set<number>;
  /** Of this turn. */
  slots: readonly number[];
  toldAt: number;
  /** The oldest slot of the same time before, and whether that is another one with this turn. */
  beforeFirst: number;
  hasMoved: boolean;
}

interface Choice {
  products: readonly string[];
  at: number;
  isNew: boolean;
}

export class Graph {
  readonly #history: HistoryView;
  readonly #choices = new Map<Window, Choice>();
  readonly #news = new Map<Window, News>();
  #now = 0;
  /** Of the past that was told: with another one, what pages have is no beginning to go on from. */
  #version: number | undefined;
  #isAnew = false;
  #notes: { of: Notes; at: number; isNew: boolean };

  constructor(history: HistoryView) {
    this.#history = history;
    this.#notes = { of: history.notes, at: 0, isNew: false };
  }

  get history(): HistoryView {
    return this.#history;
  }

  /** As of the last turn; `isNew`: with that turn. */
  get notes(): { of: Notes; isNew: boolean } {
    return this.#notes;
  }

  /**
   * Looks at what has changed since the last time, of which `changes` then tells. False when
   * nothing has. `now` in epoch milliseconds.
   */
  turn(now: number): boolean {
    this.#now = now;
    const changed = this.#history.takeChanged();
    this.#isAnew = this.#takeVersion();
    if (this.#isAnew) this.#choices.clear();
    let hasNews = this.#takeNotes(now) || this.#isAnew;
    for (const window of windows) {
      const choice = this.#choices.get(window);
      const news = this.#news.get(window) ?? newsOf(window, now);
      this.#news.set(window, news);
      const { first: beforeFirst } = rangeBefore(now, window);
      news.hasMoved = beforeFirst !== news.beforeFirst;
      news.beforeFirst = beforeFirst;
      for (const index of slotsOf(window, changed)) news.pending.add(index);
      news.slots = [];
      if (news.pending.size > 0 && now - news.toldAt >= INTERVAL_MS[window]) {
        const { first, count } = rangeUpTo(now, window);
        const isAhead = (index: number) => index >= first + count;
        const pending = [...news.pending];
        news.slots = pending.filter((index) => index >= first && !isAhead(index));
        // By a clock that is fast; their time will come.
        news.pending = new Set(pending.filter(isAhead));
        news.toldAt = now;
      }
      if (choice) this.#choices.set(window, this.#choiceAfter(choice, window, now));
      hasNews ||=
        news.hasMoved || news.slots.length > 0 || this.#choices.get(window)?.isNew === true;
    }
    return hasNews;
  }

  /** The products of a look's lines, the largest first unless the reader picked them. */
  linesOf(look: Look, now = Date.now()): readonly string[] {
    if (look.product.length > 0) return look.product;
    const choice = this.#choices.get(look.window) ?? this.#choose(look.window, now);
    this.#choices.set(look.window, choice);
    return choice.products;
  }

  /** The look's window up to `now`, epoch milliseconds, or its latest `slotsMax` slots. */
  series(look: Look, now = Date.now(), slotsMax = Number.POSITIVE_INFINITY): Series {
    const { ring } = windowSlots[look.window];
    const { first, count: all } = rangeUpTo(now, look.window);
    const count = Math.min(all, slotsMax);
    const range = { first: first + all - count, count };
    return this.#history.series(ring, range, this.linesOf(look, now));
  }

  /** All that stands in the look's window, and not only what has a line. */
  rows(look: Look, now = Date.now()): ReturnType<HistoryView["rows"]> {
    return this.#history.rows(windowSlots[look.window].ring, rangeUpTo(now, look.window));
  }

  /**
   * All of a window: `lines` are the figures of all products, of the rest, and of each of
   * `products`, slot by slot from `start` on, epoch seconds; `before` is the same time before it,
   * of all, or of the product whose page it is. Figures are decimals in strings, for none may be
   * rounded.
   */
  whole(look: Look, now = Date.now()): string {
    const figure = figureOf(look);
    const { all, rest, products, start, step } = this.series(look, now);
    const picked = isOfProduct(look) ? look.product : [];
    const { ring } = windowSlots[look.window].before;
    const before = this.#history.series(ring, rangeBefore(now, look.window), picked);
    const ghost = before.products[0]?.sums ?? before.all;
    const lines = [all, rest, ...products.map(({ sums }) => sums)];
    const { since } = this.#history;
    return JSON.stringify({
      start,
      step,
      since: since === undefined ? null : Math.floor(since / step) * step,
      products: products.map(({ product }) => product),
      lines: lines.map((line) => line.map(figure)),
      before: { start: before.start, step: before.step, all: ghost.map(figure) },
    });
  }

  /**
   * `turn` found other products, or another past, or the time before has moved on by a slot: pages
   * must be told all of it.
   */
  isAnew(look: Look): boolean {
    if (this.#isAnew || this.#news.get(look.window)?.hasMoved) return true;
    return look.product.length === 0 && this.#choices.get(look.window)?.isNew === true;
  }

  /**
   * What `turn` found, for a page that has the window: each slot as [start, all, rest, …products].
   * Undefined when nothing in it changed.
   */
  changes(look: Look): string | undefined {
    if (!this.#history.isKept) return undefined;
    const { ring } = windowSlots[look.window];
    const lines = this.linesOf(look, this.#now);
    const slots = (this.#news.get(look.window)?.slots ?? [])
      .map((first) => this.#history.series(ring, { first, count: 1 }, lines))
      .map(({ start, all, rest, products }) => {
        const sums = [...all, ...rest, ...products.flatMap((product) => product.sums)];
        return [start, ...sums.map(figureOf(look))];
      });
    return slots.length === 0 ? undefined : JSON.stringify({ slots });
  }

  /** True when the past is another one than at the last turn, or was not known then. */
  #takeVersion(): boolean {
    const version = this.#history.isKept ? this.#history.version : undefined;
    if (version === this.#version) return false;
    this.#version = version;
    return version !== undefined;
  }

  #takeNotes(now: number): boolean {
    const { of: before, at } = this.#notes;
    const isDue = this.#isAnew || this.#history.state !== before.state || now - at >= NOTES_MS;
    if (!isDue) {
      this.#notes.isNew = false;
      return false;
    }
    const of = this.#history.notes;
    const isNew = !isDeepStrictEqual(of, before);
    this.#notes = { of, at: now, isNew };
    return isNew;
  }

  #choiceAfter(choice: Choice, window: Window, now: number): Choice {
    if (now - choice.at < CHOICE_MS) return { ...choice, isNew: false };
    const next = this.#choose(window, now);
    return { ...next, isNew: next.products.join("\0") !== choice.products.join("\0") };
  }

  #choose(window: Window, now: number): Choice {
    const { ring } = windowSlots[window];
    const products = this.#history.largest(ring, rangeUpTo(now, window), LINES);
    return { products, at: now, isNew: false };
  }
}

/** Amounts that are masked are not sent: units are drawn in their place. */
export function measureOf({ measure, mask }: Look): Look["measure"] {
  return mask && measure === "revenue" ? "units" : measure;
}

/** The page of a product shows it alone, beside nothing else. */
export function isOfProduct({ view }: Look): boolean {
  return view === "product";
}

/** A product that is alone is the sum of itself. */
export function shapeOf(look: Look): Look["shape"] {
  return isOfProduct(look) ? "stacked" : look.shape;
}

function figureOf(look: Look): (sums: Sums) => string {
  const measure = measureOf(look);
  if (measure === "revenue") return ({ revenue }) => formatAmount(revenue);
  return ({ quantity, sales }) => (measure === "units" ? formatQuantity(quantity) : String(sales));
}

/** A window's slots, the last of which is that of `now`, epoch milliseconds. */
function rangeUpTo(now: number, window: Window): { first: number; count: number } {
  const { ring, count } = windowSlots[window];
  return { first: Math.floor(now / 1000 / RINGS[ring].seconds) - count + 1, count };
}

/** The same time before, in slots of its own size. */
function rangeBefore(now: number, window: Window): { first: number; count: number } {
  const { ring, before } = windowSlots[window];
  const start = rangeUpTo(now, window).first * RINGS[ring].seconds;
  return {
    first: Math.floor(start / RINGS[before.ring].seconds) - before.count,
    count: before.count,
  };
}

function newsOf(window: Window, now: number): News {
  const { first: beforeFirst } = rangeBefore(now, window);
  return { pending: new Set(), slots: [], toldAt: 0, beforeFirst, hasMoved: false };
}

/** The slots of a window that these are a part of; none for coarser ones, which are too old. */
function slotsOf(window: Window, changed: readonly Changed[]): number[] {
  const { seconds } = RINGS[windowSlots[window].ring];
  return changed.flatMap(({ ring, index }) => {
    const { seconds: size } = RINGS[ring];
    return size > seconds ? [] : Math.floor((index * size) / seconds);
  });
}
