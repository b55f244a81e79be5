/** The history of one partition, kept twice: from its sales as sent, and from the history topic. */

import { START_MS } from "./clock.ts";
import type { Sale, Sent } from "./ledger.ts";
import type { PartitionLog } from "./log.ts";

/** The lengths of slots, in seconds. */
const RINGS = [1, 60, 3_600] as const;
/** What claims to be later than any clock of a schedule says, and an hour. */
const AHEAD_SECONDS = START_MS / 1_000 + 7_200;

interface Sums {
  sales: number;
  returns: number;
  quantity: number;
  cents: number;
}

/** The number of returns stands there only where there are some. */
type Figures = [quantity: number, price: string, sales: number, returns?: number];

interface Slot {
  start: number;
  seconds: number;
  products: [product: string, ...Figures][];
  rest?: unknown;
}

interface Note {
  inputOffset: number;
  head: string | null;
  sales: number;
  returns: number;
  older: Figures;
  late: number;
  untimed: number;
  ahead: number;
  unrecorded: number;
}

const decoder = new TextDecoder();

export class HistoryLedger {
  /** What is sold, and in which second. */
  readonly #sales: (Sale & { second: number })[] = [];
  #folded = 0;
  #head = -1;
  readonly #counts = { untimed: 0, ahead: 0, unrecorded: 0 };
  /** The latest committed record of each key. */
  readonly #slots = new Map<string, Slot>();
  #note: Note | undefined;
  #position = 0;
  #isChanged = false;
  #ringsAt = 0;
  /** Where each ring begins, in seconds; they follow from the head alone. */
  #from = ringsOf(this.#head);

  /** Where sales are now: "by 60 s", and "older" for what is in no slot; none if told before. */
  get rings(): Iterable<string> {
    if (this.#ringsAt === this.#folded) return [];
    this.#ringsAt = this.#folded;
    const where = this.#sales.map(({ second }) => this.#placeOf(second));
    return new Set(where.map((ring) => (ring ? `by ${ring} s` : "older")));
  }

  /** Goes on to the input offset `to`. */
  fold(sent: readonly Sent[], to: number): void {
    for (; this.#folded < to; this.#folded++) {
      this.#isChanged = true;
      const lines = sent[this.#folded];
      if (!lines || lines === "poison" || lines === "skipped") continue;
      for (const line of lines) this.#add(line);
    }
  }

  #add(sale: Sale): void {
    const { timestamp = Number.POSITIVE_INFINITY, recordMs } = sale;
    const ms = recordMs === -1 ? timestamp : Math.min(timestamp, recordMs);
    const second = Number.isFinite(ms) ? Math.floor(ms / 1_000) : -1;
    this.#sales.push({ ...sale, second });
    if (second < 0) this.#counts.untimed++;
    else if (second > AHEAD_SECONDS) this.#counts.ahead++;
    else if (second > this.#head) {
      this.#head = second;
      this.#from = ringsOf(second);
    }
  }

  /** Goes on to the end of what a committed reader may read. */
  read(log: PartitionLog): void {
    const { entries, position } = log.read(this.#position, Number.POSITIVE_INFINITY);
    this.#position = position;
    for (const { record, keyText } of entries) {
      this.#isChanged = true;
      if (!record?.value) this.#slots.delete(keyText);
      else if (keyText.startsWith("\0")) this.#note = JSON.parse(decoder.decode(record.value));
      else {
        const slot = JSON.parse(decoder.decode(record.value));
        this.#slots.set(keyText, { ...slot, start: Date.parse(slot.start) / 1_000 });
      }
    }
  }

  /** If anything has changed since they were asked for last. */
  differences(offset: number): string[] {
    if (!this.#isChanged) return [];
    this.#isChanged = false;
    if (!this.#note) return offset > 0 ? ["nothing is noted"] : [];
    const must = new Map([...this.#expected()].map(([key, sums]) => [key, textOf(sums)]));
    const is = this.#found(this.#note);
    const { late, older, untimed, ahead, unrecorded, inputOffset, sales, returns } = this.#note;
    // How many were late depends on the order within a poll: the judge comes last.
    const olderLines = older[2] + (older[3] ?? 0);
    if (late > olderLines - untimed - ahead) is.set("late", String(late));
    is.set("counts", JSON.stringify({ untimed, ahead, unrecorded, inputOffset, sales, returns }));
    const back = this.#sales.filter(({ isReturn }) => isReturn).length;
    const sold = { sales: this.#sales.length - back, returns: back };
    const counted = { inputOffset: this.#folded, ...sold };
    must.set("counts", JSON.stringify({ ...this.#counts, ...counted }));
    return [...new Set([...must.keys(), ...is.keys()])].flatMap((key) => {
      const [found, expected] = [is.get(key), must.get(key)];
      return found === expected ? [] : [`${key} is ${found ?? "missing"}, must be ${expected}`];
    });
  }

  #expected(): Map<string, Sums> {
    const expected = new Map<string, Sums>();
    for (const { second, product, quantity, cents, isReturn } of this.#sales) {
      const ring = this.#placeOf(second);
      const key = ring ? `${ring} s from ${second - (second % ring)}: ${product}` : "older";
      const sums = expected.get(key) ?? { sales: 0, returns: 0, quantity: 0, cents: 0 };
      expected.set(key, sums);
      const units = isReturn ? -quantity : quantity;
      sums[isReturn ? "returns" : "sales"]++;
      sums.quantity += units;
      sums.cents += units * cents;
    }
    return expected;
  }

  #found({ head, older }: Note): Map<string, string> {
    const found = new Map<string, string>();
    const headSecond = head === null ? -1 : Date.parse(head) / 1_000;
    if (headSecond !== this.#head) found.set("head", String(head));
    for (const { start, seconds, products, rest } of this.#slots.values()) {
      if (this.#ringOf(start) !== seconds) continue;
      const what = `${seconds} s from ${start}`;
      if (rest) found.set(`${what}: rest`, JSON.stringify(rest));
      for (const [product, ...figures] of products) {
        found.set(`${what}: ${product}`, textOf(sumsOf(figures)));
      }
    }
    const { sales, returns } = sumsOf(older);
    if (sales + returns > 0) found.set("older", textOf(sumsOf(older)));
    return found;
  }

  /** The length of the slot that holds a sale now, unless none does. */
  #placeOf(second: number): number | undefined {
    return second >= 0 && second <= AHEAD_SECONDS ? this.#ringOf(second) : undefined;
  }

  /** The length of the slots that hold a second now: it follows from the head alone. */
  #ringOf(second: number): (typeof RINGS)[number] | undefined {
    const from = this.#from;
    return second <= this.#head ? RINGS.find((ring) => second >= from[ring]) : undefined;
  }
}

function ringsOf(head: number): Record<(typeof RINGS)[number], number> {
  const minute = head - (head % 60);
  const hour = head - (head % 3_600);
  const minutesFrom = minute - 86_400 - ((minute - 86_400) % 3_600);
  return { 1: minute - 900, 60: minutesFrom, 3600: hour - 60 * 86_400 };
}

function sumsOf([quantity, price, sales, returns = 0]: Figures): Sums {
  return { sales, returns, quantity, cents: centsOf(price) };
}

function textOf({ sales, returns, quantity, cents }: Sums): string {
  return `${sales} sales, ${returns} returns, ${quantity} units, ${cents} cents`;
}

function centsOf(price: string): number {
  return Math.round(Number(price) * 100);
}
