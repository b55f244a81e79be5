/** An aggregator as the dashboard sees it: the records of its history of one partition. */

import type { HistoryView } from "../../src/dashboard/model/history-view.ts";
import { History } from "../../src/history/history.ts";
import { placeOf } from "../../src/history/rings.ts";
import {
  encodeHistoryBookkeeping,
  encodeHistorySlot,
  HISTORY_BOOKKEEPING_KEY,
  historyKey,
} from "../../src/wire/history-record.ts";

export class PastWriter {
  readonly #past: HistoryView;
  readonly #id: number;
  readonly #names: readonly string[];
  readonly #history = new History();

  constructor(past: HistoryView, id = 0, names = ["Laptop", "Mouse", "Côte"]) {
    this.#past = past;
    this.#id = id;
    this.#names = names;
  }

  /** Sales of one unit each, in whole units of the currency. */
  sell(product: number, second: number, price = 1, sales = 1): this {
    const amount = price * 1e6 * sales;
    this.#history.apply({ second, id: product, quantity: sales * 1e6, amount, sales }, second);
    return this;
  }

  slots(): void {
    const { slots, erased } = this.#history.seal();
    for (const slot of slots) {
      const key = historyKey({ ring: slot.ring, place: placeOf(slot.ring, slot.index) });
      this.#past.apply(
        this.#id,
        key,
        encodeHistorySlot(slot, (id) => this.#names[id] as string),
      );
    }
    for (const place of erased) this.#past.apply(this.#id, historyKey(place), null);
  }

  note(): void {
    this.#history.commit();
    const note = { group: "g", inputOffset: 1, ...this.#history.state };
    this.#past.apply(this.#id, HISTORY_BOOKKEEPING_KEY, encodeHistoryBookkeeping(note));
  }

  commit(): void {
    this.slots();
    this.note();
  }
}
