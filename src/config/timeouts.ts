/**
 * What these properties of librdkafka are unless the user sets them, in milliseconds. A broker
 * aborts a transaction that is open for longer. A dead member's must have ended when its partitions
 * move to another, so the session is longer.
 */
export const timeoutsMs = { "transaction.timeout.ms": 8000, "session.timeout.ms": 10_000 } as const;

/** On the embedded broker, which lets a group wait for a whole session at each change. */
export const embeddedTimeoutsMs: Record<keyof typeof timeoutsMs, number> = {
  "transaction.timeout.ms": 2000,
  "session.timeout.ms": 2500,
};
