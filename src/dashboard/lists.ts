/**
 * The products of a board as readers want them listed: in the order of a column, and those alone
 * that they search for.
 *
 * Ten times a second there is another board. A list is made once for all who share it, and kept
 * from board to board: only rows that changed are sorted, and put between those that did not.
 */

import type { Look } from "./look.ts";
import type { Board, Change, Row } from "./view.ts";

/** Lists that are kept, as many as there may be looks on open pages. */
const LISTS_MAX = 100;
/** Boards after which a list that nobody asked for is forgotten. */
const IDLE_BOARDS_MAX = 20;

/** Negative: `a` stands before `b`. Rows of different products are never equal. */
type Compare = (a: Row, b: Row) => number;

type Wish = Pick<Look, "sort" | "q">;

interface List {
  readonly words: readonly string[];
  readonly compare: Compare;
  version: number;
  rows: readonly Row[];
  /** Of the board before, which a frame of changes is compared with. */
  before: { version: number; rows: readonly Row[] } | undefined;
  idleBoards: number;
}

export class Lists {
  readonly #lists = new Map<string, List>();
  /** Names as they are searched, by the ids of their rows; made when first searched. */
  readonly #folded: string[] = [];
  /** Places by total price, by the ids of rows, of the last two boards that were asked for. */
  readonly #ranks: { version: number; places: Uint32Array }[] = [];

  /** The rows of `board`, in the order of `sort`, whose products contain all words of `q`. */
  of(board: Board, { sort, q }: Wish): readonly Row[] {
    const words = wordsOf(q);
    // The board itself is in this order.
    if (words.length === 0 && isByPrice(sort)) return board.rows;
    const key = `${sort} ${words.join(" ")}`;
    const known = this.#lists.get(key);
    if (known) known.idleBoards = 0;
    if (known?.version === board.version) return known.rows;
    if (known?.before?.version === board.version) return known.before.rows;
    const compare = compareBy(sort);
    const rows = board.rows.filter((row) => this.#contains(row, words)).sort(compare);
    if (!known || known.version < board.version) {
      const { version } = board;
      this.#keep(key, { words, compare, version, rows, before: undefined, idleBoards: 0 });
    }
    return rows;
  }

  /** Brings all lists from one board to the next. */
  follow({ before, after, changed }: Change): void {
    for (const [key, list] of this.#lists) {
      if (list.version !== before.version || ++list.idleBoards > IDLE_BOARDS_MAX) {
        this.#lists.delete(key);
        continue;
      }
      list.before = { version: list.version, rows: list.rows };
      const { words, compare } = list;
      const wanted =
        words.length === 0 ? changed : changed.filter((row) => this.#contains(row, words));
      list.rows = reorder(list.rows, wanted, compare);
      list.version = after.version;
    }
  }

  /** Its place by total price, 1 for the largest, whatever the list is ordered by. */
  rank(board: Board, row: Row): number {
    let ranks = this.#ranks.find(({ version }) => version === board.version);
    if (!ranks) {
      const idMax = board.rows.reduce((max, { id }) => Math.max(max, id), 0);
      const places = new Uint32Array(idMax + 1);
      board.rows.forEach(({ id }, i) => {
        places[id] = i + 1;
      });
      ranks = { version: board.version, places };
      this.#ranks.unshift(ranks);
      this.#ranks.length = Math.min(this.#ranks.length, 2);
    }
    return ranks.places[row.id] ?? 0;
  }

  #contains({ id, product }: Row, words: readonly string[]): boolean {
    if (words.length === 0) return true;
    const name = this.#folded[id] ?? fold(product);
    this.#folded[id] = name;
    return words.every((word) => name.includes(word));
  }

  #keep(key: string, list: List): void {
    this.#lists.delete(key);
    this.#lists.set(key, list);
    if (this.#lists.size <= LISTS_MAX) return;
    const [oldest = ""] = this.#lists.keys();
    this.#lists.delete(oldest);
  }
}

/**
 * `last` with the rows of `changed` in place of those that they follow on; rows without sales are
 * gone. What did not change is neither sorted nor copied but for its place.
 */
function reorder(last: readonly Row[], changed: readonly Row[], compare: Compare): readonly Row[] {
  if (changed.length === 0) return last;
  const next = new Map(changed.map((row) => [row.id, row]));
  const kept: Row[] = [];
  const moved: Row[] = [];
  for (const row of last) {
    const now = next.get(row.id);
    if (!now) kept.push(row);
    else if (now.sales !== 0n) (compare(row, now) === 0 ? kept : moved).push(now);
    if (now) next.delete(row.id);
  }
  for (const row of next.values()) if (row.sales !== 0n) moved.push(row);
  return moved.length === 0 ? kept : merge(kept, moved.sort(compare), compare);
}

function merge(a: readonly Row[], b: readonly Row[], compare: Compare): Row[] {
  const rows: Row[] = [];
  let i = 0;
  for (const row of b) {
    while (i < a.length && compare(a[i] as Row, row) < 0) rows.push(a[i++] as Row);
    rows.push(row);
  }
  while (i < a.length) rows.push(a[i++] as Row);
  return rows;
}

function isByPrice(sort: Look["sort"]): boolean {
  return sort === "-price" || sort === "-share";
}

/** In one order for all languages, for a list is shared; 2 before 10, and A beside a. */
const collator = new Intl.Collator("en", { numeric: true });

function compareBy(sort: Look["sort"]): Compare {
  const isDescending = sort.startsWith("-");
  const column = isDescending ? sort.slice(1) : sort;
  const byColumn = columnComparers[column] ?? columnComparers.price;
  return (a, b) => {
    const order = byColumn?.(a, b) ?? 0;
    if (order !== 0) return isDescending ? -order : order;
    // Two names can be equal to a collator, and still be two products.
    return a.product === b.product ? 0 : a.product < b.product ? -1 : 1;
  };
}

const ascending = (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1);

const columnComparers: Record<string, Compare> = {
  product: (a, b) => (a.product === b.product ? 0 : collator.compare(a.product, b.product)),
  quantity: (a, b) => ascending(a.totalQuantity, b.totalQuantity),
  price: (a, b) => ascending(a.totalPrice, b.totalPrice),
  share: (a, b) => ascending(a.totalPrice, b.totalPrice),
  sales: (a, b) => ascending(a.sales, b.sales),
};

function wordsOf(q: string): string[] {
  return fold(q)
    .split(/\s+/)
    .filter((word) => word !== "");
}

/** As it is searched: "Café" is found by "cafe". */
function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
