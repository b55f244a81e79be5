/** The settings that our topics are created with. */

/** A dead letter is the record plus headers, so its topic accepts larger records than the input. */
const DEAD_LETTER_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Kafka compacts only closed segments, so segments are small: a restart reads what is not compacted
 * yet. With Kafka's segments of 1 GB, a day of 500 sales a second was 4 GB to read; with these, 100
 * MB of a partition became 2.8 MB. Transaction markers stay as long as deletions: at ten a second,
 * the default of one day would hold more markers than totals or slots.
 */
const COMPACTED = {
  "cleanup.policy": "compact",
  "segment.bytes": String(4 * 1024 * 1024),
  "min.cleanable.dirty.ratio": "0.3",
  "delete.retention.ms": String(10 * 60 * 1000),
};

/** Compaction keeps the last total of each product for ever. */
export const OUTPUT_SETTINGS: Readonly<Record<string, string>> = COMPACTED;

/** History has a bounded number of keys, so compaction bounds the topic. */
export const HISTORY_SETTINGS: Readonly<Record<string, string>> = {
  ...COMPACTED,
  "max.message.bytes": String(1024 * 1024),
};

export const DEAD_LETTER_SETTINGS: Readonly<Record<string, string>> = {
  "max.message.bytes": String(DEAD_LETTER_BYTES_MAX),
};

/** What creates a topic with these settings. */
export function createCommand(of: {
  brokers: string | undefined;
  topic: string;
  partitions: number;
  settings: Readonly<Record<string, string>>;
  replicationFactor: number | undefined;
}): string {
  const { brokers = "HOST:9092", topic, partitions, settings, replicationFactor } = of;
  const options = Object.entries(settings).map(([name, value]) => ` --config ${name}=${value}`);
  if (replicationFactor) options.unshift(` --replication-factor ${replicationFactor}`);
  return (
    `kafka-topics.sh --bootstrap-server ${brokers} --create --topic ${topic} ` +
    `--partitions ${partitions}${options.join("")}`
  );
}

/** What is tried when a policy of the cluster refuses a value. Managed clusters ask for 50 MB. */
const SECOND_CHOICES: Readonly<Record<string, string>> = {
  "segment.bytes": String(64 * 1024 * 1024),
  "max.message.bytes": String(1024 * 1024),
};

/** A setting that Salesboard wanted, and did without. */
export interface LeftOut {
  readonly name: string;
  readonly value: string;
  /** What it has instead; undefined = the default of the cluster. */
  readonly instead: string | undefined;
}

/**
 * The settings without those that `refusal` names: with second choices, or left out. A refusal that
 * names none leaves out all of them.
 */
export function withoutRefused(
  settings: Readonly<Record<string, string>>,
  refusal: string,
): { settings: Record<string, string>; leftOut: LeftOut[] } {
  const names = Object.keys(settings);
  const named = names.filter((name) => refusal.includes(name));
  const refused = new Set(named.length > 0 ? named : names);
  const leftOut: LeftOut[] = [];
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings)) {
    const choice = SECOND_CHOICES[name];
    const instead = named.length > 0 && choice !== value ? choice : undefined;
    if (!refused.has(name)) kept[name] = value;
    else leftOut.push({ name, value, instead });
    if (refused.has(name) && instead !== undefined) kept[name] = instead;
  }
  return { settings: kept, leftOut };
}
