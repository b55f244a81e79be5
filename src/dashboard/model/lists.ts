/**
 * Sorts the products of a board by a column and filters them by a search.
 *
 * There are ten boards a second. All readers of a list share it, and it is kept from board to
 * board: only changed rows are sorted, and merged with the others.
 */

import type { Look } from "../look/look.ts";
import type { Board, BoardChange } from "./board.ts";
import { type Compare, compareBy, isByRevenue, type Row, reorder } from "./rows.ts";

/** Lists to keep: as many as there may be looks on open pages. */
const LISTS_MAX = 100;
/** Boards after which an unused list is dropped. */
const IDLE_BOARDS_MAX = 20;

type ListOrder = Pick<Look, "sort" | "q">;

interface List {
  readonly words: readonly string[];
  readonly compare: Compare;
  version: number;
  rows: readonly Row[];
  /** The rows of the board before, because a frame of changes compares both. */
  before: { version: number; rows: readonly Row[] } | undefined;
  idleBoards: number;
}

export class Lists {
  readonly #searched: (product: string) => string;
  readonly #lists = new Map<string, List>();
  /** Folded names by row id, made on the first search. */
  readonly #folded: string[] = [];
  /** Ranks by revenue, by row id, for the last two requested boards. */
  readonly #ranks: { version: number; places: Uint32Array }[] = [];

  /** `searched`: the text that a search looks into for a product; its name by default. */
  constructor(searched = (product: string) => product) {
    this.#searched = searched;
  }

  /** The rows of `board`, in the order of `sort`, whose products contain all words of `q`. */
  of(board: Board, { sort, q }: ListOrder): readonly Row[] {
    const words = wordsOf(q);
    // The board already has this order.
    if (words.length === 0 && isByRevenue(sort)) return board.rows;
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

  /** Updates all lists from one board to the next. */
  follow({ before, after, changed }: BoardChange): void {
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

  /** The rank of a row by revenue, 1 for the largest, in any list. */
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
    const name = this.#folded[id] ?? fold(this.#searched(product));
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

function wordsOf(q: string): string[] {
  return fold(q)
    .split(/\s+/)
    .filter((word) => word !== "");
}

/** Folds case and accents, so that "cafe" finds "Café". */
function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
