/**
 * A transaction is committed in one partition after the other and arrives so, within milliseconds.
 * What belongs together is shown together: two boards for one transaction would be twice the work
 * for every page, and hold up the next one.
 */

/** What has not arrived by then belongs to another transaction, or to a slow broker. */
const GATHER_MS_MAX = 10;

export class Gathering {
  /** What arrived together, shown or not. */
  readonly #partitions = new Set<number>();
  #startedAt = Number.NEGATIVE_INFINITY;
  /** How many there were last time: so many are waited for, and no time is lost once they came. */
  #expected = 1;
  #hasMore = false;

  /** Something of a partition has arrived that may be shown. `now` in milliseconds. */
  add(partition: number, now: number): void {
    if (now >= this.#startedAt + GATHER_MS_MAX) {
      this.#expected = Math.max(1, this.#partitions.size);
      this.#partitions.clear();
      this.#startedAt = now;
    }
    this.#partitions.add(partition);
    this.#hasMore = true;
  }

  /** How long the rest is to be waited for; 0 = no longer, undefined = all is shown. */
  waitMs(now: number): number | undefined {
    if (!this.#hasMore) return undefined;
    if (this.#partitions.size >= this.#expected) return 0;
    return Math.max(0, Math.ceil(this.#startedAt + GATHER_MS_MAX - now));
  }

  /** All that has arrived is shown. */
  end(): void {
    this.#hasMore = false;
  }
}
