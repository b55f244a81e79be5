/** A restore that gets no further, because a transaction in its topic is undecided. */

import { KafkaError, undecidedProblem } from "../kafka/kafka.ts";

/** The error code of a restore that is stuck: a transaction is open, or brokers are away. */
export const NOT_REACHED = "_NOT_REACHED";

/** Undecided transactions hold up the read of each partition that is left. */
export class HeldUpError extends KafkaError {
  readonly topic: string;
  /** Partition → the offset of the first undecided record. */
  readonly held: ReadonlyMap<number, number>;
  /** How long nothing came. */
  readonly silenceMs: number;

  constructor(of: { topic: string; held: ReadonlyMap<number, number>; silenceMs: number }) {
    const partitions = [...of.held.keys()];
    super(`Cannot restore totals: ${undecidedProblem(of.topic, of.held)}`, {
      ...{ code: NOT_REACHED, verdict: "fatal", partitions },
    });
    this.topic = of.topic;
    this.held = of.held;
    this.silenceMs = of.silenceMs;
  }
}
