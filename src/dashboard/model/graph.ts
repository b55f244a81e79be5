/** Turns history into messages for the script that draws the graph. */

import { isDeepStrictEqual } from "node:util";
import { formatAmount, formatQuantity } from "../../domain/money.ts";
import type { Sums } from "../../domain/sums.ts";
import { RINGS, type Ring } from "../../history/rings.ts";
import type { Moment } from "../../lib/clock.ts";
import { type Look, windows } from "../look/look.ts";
import type { Changed } from "./history-partition.ts";
import type { HistoryView, Notes, Series } from "./history-view.ts";

type Window = Look["window"];

interface WindowSlots {
  ring: Ring;
  /** Slots of the ring. */
  count: number;
}

/**
 * The slots of each window, and of the period before, which has moved into coarser slots by then.
 * Nothing is kept of the time before the longest window.
 */
const windowSlots: Readonly<Record<Window, WindowSlots & { before: WindowSlots }>> = {
  "15m": { ring: "second", count: 900, before: { ring: "minute", count: 15 } },
  "24h": { ring: "minute", count: 1_440, before: { ring: "hour", count: 24 } },
  "30d": { ring: "hour", count: 720, before: { ring: "hour", count: 720 } },
  "60d": { ring: "hour", count: 1_440, before: { ring: "hour", count: 0 } },
};

/** Products with a line unless the reader picks some. An eye cannot tell more apart. */
const LINES = 5;
/** How long the largest products keep their lines. Lines that come and go are unreadable. */
const CHOICE_MS = 60_000;

/** How often a window gets changes, because an hour is the sum of thousands of slots. */
const INTERVAL_MS: Readonly<Record<Window, number>> = {
  "15m": 0,
  "24h": 1_000,
  "30d": 5_000,
  "60d": 5_000,
};

/** How often the notes are counted, because they need all slots. */
const NOTES_MS = 5_000;

/** The news of a window. */
interface News {
  /** Slots that changed since `toldAt`, in the window's unit. */
  pending: Set<number>;
  /** Slots to send in this turn. */
  slots: readonly number[];
  /** By `Clock.now`. */
  toldAt: number;
  /** The oldest slot of the period before; `hasMoved`: this turn moved it. */
  beforeFirst: number;
  hasMoved: boolean;
}

interface GraphNotes extends Notes {
  /** All that is committed of history is read. */
  readonly isCurrent: boolean;
}

interface Choice {
  products: readonly string[];
  /** By `Clock.now`. */
  at: number;
  isNew: boolean;
}

export class Graph {
  readonly #history: HistoryView;
  /** All that is committed of history is read. */
  readonly isCurrent: () => boolean;
  readonly #choices = new Map<Window, Choice>();
  readonly #news = new Map<Window, News>();
  /** The last turn, by both clocks: which slots there are, and how long ago something was. */
  #now = 0;
  #at = Number.NEGATIVE_INFINITY;
  /** Version of the history last sent. When it changes, pages need a full snapshot. */
  #version: number | undefined;
  #isAnew = false;
  #notes: { of: GraphNotes; at: number; isNew: boolean };

  constructor(history: HistoryView, isCurrent: () => boolean = () => true) {
    this.#history = history;
    this.isCurrent = isCurrent;
    const of = { ...history.notes, isCurrent: isCurrent() };
    this.#notes = { of, at: Number.NEGATIVE_INFINITY, isNew: false };
  }

  get history(): HistoryView {
    return this.#history;
  }

  /** The notes as of the last turn; `isNew`: that turn changed them. */
  get notes(): { of: GraphNotes; isNew: boolean } {
    return this.#notes;
  }

  /**
   * Collects what changed since the last turn, for `changes`. Returns false if nothing did.
   */
  turn({ at, date }: Moment): boolean {
    const now = date.getTime();
    this.#now = now;
    this.#at = at;
    const changed = this.#history.takeChanged();
    this.#isAnew = this.#takeVersion();
    if (this.#isAnew) this.#choices.clear();
    let hasNews = this.#takeNotes(at) || this.#isAnew;
    for (const window of windows) {
      const choice = this.#choices.get(window);
      const news = this.#news.get(window) ?? newsOf(window, now);
      this.#news.set(window, news);
      const { first: beforeFirst } = rangeBefore(now, window);
      news.hasMoved = beforeFirst !== news.beforeFirst;
      news.beforeFirst = beforeFirst;
      for (const index of slotsOf(window, changed)) news.pending.add(index);
      news.slots = [];
      if (news.pending.size > 0 && at - news.toldAt >= INTERVAL_MS[window]) {
        const { first, count } = rangeUpTo(now, window);
        const isAhead = (index: number) => index >= first + count;
        const pending = [...news.pending];
        news.slots = pending.filter((index) => index >= first && !isAhead(index));
        // Slots from a fast clock are held back until their time.
        news.pending = new Set(pending.filter(isAhead));
        news.toldAt = at;
      }
      if (choice) this.#choices.set(window, this.#choiceAfter(choice, window));
      hasNews ||=
        news.hasMoved || news.slots.length > 0 || this.#choices.get(window)?.isNew === true;
    }
    return hasNews;
  }

  /** The products of a look's lines: those picked, or the largest ones. */
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

  /** All products in the look's window, also those without a line. */
  rows(look: Look, now = Date.now()): ReturnType<HistoryView["rows"]> {
    return this.#history.rows(windowSlots[look.window].ring, rangeUpTo(now, look.window));
  }

  /**
   * A whole window. `lines`: the figures of all products, of the rest and of each of `products`,
   * slot by slot from `start`, epoch seconds. `before`: the period before, for all products or for
   * the product of the page. Figures are decimal strings, because none may be rounded.
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
   * Pages need the whole window: `turn` found other products or another history, or the period
   * before has moved by a slot.
   */
  isAnew(look: Look): boolean {
    if (this.#isAnew || this.#news.get(look.window)?.hasMoved) return true;
    return look.product.length === 0 && this.#choices.get(look.window)?.isNew === true;
  }

  /**
   * The changes of the last `turn` for a page that has the window: each slot as [start, all, rest,
   * …products]. Undefined if nothing in the window changed.
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

  /** True if the history is another one than at the last turn, or was unknown then. */
  #takeVersion(): boolean {
    const version = this.#history.isKept ? this.#history.version : undefined;
    if (version === this.#version) return false;
    this.#version = version;
    return version !== undefined;
  }

  #takeNotes(at: number): boolean {
    const { of: before, at: takenAt } = this.#notes;
    const isCurrent = this.isCurrent();
    const isSame = this.#history.state === before.state && isCurrent === before.isCurrent;
    if (isSame && !this.#isAnew && at - takenAt < NOTES_MS) {
      this.#notes.isNew = false;
      return false;
    }
    const of = { ...this.#history.notes, isCurrent };
    const isNew = !isDeepStrictEqual(of, before);
    this.#notes = { of, at, isNew };
    return isNew;
  }

  #choiceAfter(choice: Choice, window: Window): Choice {
    if (this.#at - choice.at < CHOICE_MS) return { ...choice, isNew: false };
    const next = this.#choose(window, this.#now);
    return { ...next, isNew: next.products.join("\0") !== choice.products.join("\0") };
  }

  #choose(window: Window, now: number): Choice {
    const { ring } = windowSlots[window];
    const products = this.#history.largest(ring, rangeUpTo(now, window), LINES);
    return { products, at: this.#at, isNew: false };
  }
}

/** The measure to draw: units instead of masked amounts, which are not sent. */
export function measureOf({ measure, mask }: Look): Look["measure"] {
  return mask && measure === "revenue" ? "units" : measure;
}

/** The look shows the page of one product. */
export function isOfProduct({ view }: Look): boolean {
  return view === "product";
}

/** The shape to draw. A single product has nothing to compare, so its shape is fixed. */
export function shapeOf(look: Look): Look["shape"] {
  return isOfProduct(look) ? "stacked" : look.shape;
}

function figureOf(look: Look): (sums: Sums) => string {
  const measure = measureOf(look);
  if (measure === "revenue") return ({ revenue }) => formatAmount(revenue);
  return ({ quantity, sales }) => (measure === "units" ? formatQuantity(quantity) : String(sales));
}

/** The slots of a window that ends with the slot of `now`, epoch milliseconds. */
function rangeUpTo(now: number, window: Window): { first: number; count: number } {
  const { ring, count } = windowSlots[window];
  return { first: Math.floor(now / 1000 / RINGS[ring].seconds) - count + 1, count };
}

/** The slots of the period before. */
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
  return {
    pending: new Set(),
    slots: [],
    toldAt: Number.NEGATIVE_INFINITY,
    beforeFirst,
    hasMoved: false,
  };
}

/** The window's slots that contain the changed ones. Coarser changes are too old for it. */
function slotsOf(window: Window, changed: readonly Changed[]): number[] {
  const { seconds } = RINGS[windowSlots[window].ring];
  return changed.flatMap(({ ring, index }) => {
    const { seconds: size } = RINGS[ring];
    return size > seconds ? [] : Math.floor((index * size) / seconds);
  });
}
