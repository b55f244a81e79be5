/**
 * Gathers the partitions of a transaction, which arrive one after the other within milliseconds.
 * They are shown together, because two boards for one transaction would double the work of every
 * page and delay the next board.
 */

/** A later arrival belongs to another transaction, or to a slow broker. */
const GATHER_MS_MAX = 10;

export class Gathering {
  /** Partitions that arrived together, shown or not. */
  readonly #partitions = new Set<number>();
  #startedAt = Number.NEGATIVE_INFINITY;
  /** The number of partitions last time. Waiting ends once as many have arrived. */
  #expected = 1;
  #hasMore = false;

  /** Visible records of a partition have arrived. `now` in milliseconds. */
  add(partition: number, now: number): void {
    if (now >= this.#startedAt + GATHER_MS_MAX) {
      this.#expected = Math.max(1, this.#partitions.size);
      this.#partitions.clear();
      this.#startedAt = now;
    }
    this.#partitions.add(partition);
    this.#hasMore = true;
  }

  /** How long to wait for the rest; 0 = no longer, undefined = nothing to show. */
  waitMs(now: number): number | undefined {
    if (!this.#hasMore) return undefined;
    if (this.#partitions.size >= this.#expected) return 0;
    return Math.max(0, Math.ceil(this.#startedAt + GATHER_MS_MAX - now));
  }

  /** Everything that arrived is shown. */
  end(): void {
    this.#hasMore = false;
  }
}
