/** Time-outs short enough for tests that kill instances: what waits for them does not wait long. */

export const quick = {
  sessionMs: 4_000,
  transactionMs: 3_000,
  /** Settings of a broker that takes such sessions, and ends such transactions soon. */
  broker: {
    "group.min.session.timeout.ms": "1000",
    // How often it looks for transactions that are past their time-out; 10 s by default.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "2000",
  },
} as const;

/** Of an aggregator: what it is given by `-X`. */
export function timeoutArgs({
  sessionMs,
  transactionMs,
}: {
  sessionMs: number;
  transactionMs: number;
}): string[] {
  return [
    ...["-X", `session.timeout.ms=${sessionMs}`, "-X", `transaction.timeout.ms=${transactionMs}`],
    ...["-X", `heartbeat.interval.ms=${Math.floor(sessionMs / 6)}`],
  ];
}

export const quickArgs = timeoutArgs(quick);
