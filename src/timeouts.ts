/**
 * What these properties of librdkafka are unless the user sets them, in milliseconds. A broker
 * aborts a transaction that is open for longer, so the commit interval is shorter; and a dead
 * member's transaction must have ended when its partitions move to another, so the session is
 * longer.
 */
export const timeoutsMs = { "transaction.timeout.ms": 8000, "session.timeout.ms": 10_000 } as const;
