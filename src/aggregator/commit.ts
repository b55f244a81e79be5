/** A transaction in flight. */

import type { OwnedPartition } from "../state/owned-partition.ts";
import type { Outcome } from "./transactions/session.ts";

export class Commit {
  readonly outcome: Promise<Outcome>;
  /** The partitions that it commits. */
  readonly partitions: readonly number[];
  #ended = false;

  /** `onEnd` hears the outcome; undefined = the session failed. */
  constructor(
    moved: readonly OwnedPartition[],
    outcome: Promise<Outcome>,
    onEnd: (outcome?: Outcome) => void,
  ) {
    this.partitions = moved.map(({ id }) => id);
    this.outcome = outcome;
    const end = (outcome?: Outcome) => {
      this.#ended = true;
      onEnd(outcome);
    };
    outcome.then(end, () => end());
  }

  get ended(): boolean {
    return this.#ended;
  }
}
