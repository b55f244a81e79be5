/**
 * Our defaults for these librdkafka properties, in milliseconds. A broker aborts a transaction that
 * stays open for longer than the first. The session is longer, because a dead member's transaction
 * must have ended before its partitions move to another member.
 */
export const timeoutsMs = { "transaction.timeout.ms": 8000, "session.timeout.ms": 10_000 } as const;

/**
 * Between two transactions, unless the user sets it. A transaction costs us and the brokers as much
 * for one sale as for thousands; the longer interval is for few sales.
 */
export const commitIntervalsMs = { many: 100, few: 500 } as const;

/** Shorter on the embedded broker: there each change makes the group wait for a whole session. */
export const embeddedTimeoutsMs: Record<keyof typeof timeoutsMs, number> = {
  "transaction.timeout.ms": 2000,
  "session.timeout.ms": 2500,
};
