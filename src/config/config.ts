/** The settings as the rest of the program sees them. */

import type { GivenValue } from "./arguments.ts";
import type { commands, Key, Values } from "./options.ts";

export type Role = "producer" | "aggregator" | "dashboard";

export type Command = keyof typeof commands;

/**
 * The settings, checked one by one and as a whole; frozen. What each one means stands in the table
 * of options; here is what follows from several of them.
 */
export interface Config
  extends Readonly<Omit<Values, "roles" | "deadLetterTopic" | "historyTopic">> {
  readonly command: Command;
  readonly roles: readonly Role[];
  readonly deadLetterTopic: string;
  readonly historyTopic: string;
  /** Librdkafka properties of the user, for every client. */
  readonly rdkafka: Readonly<Record<string, string>>;
  /** No brokers are given: Salesboard brings its own, whose logs are cut and not compacted. */
  readonly isEmbedded: boolean;
}

/** The settings, what of them the user gave, and what looks given but is not read. */
export interface Settings {
  readonly show?: undefined;
  readonly config: Config;
  readonly given: ReadonlyMap<Key, GivenValue>;
  /** Librdkafka properties by name. */
  readonly properties: ReadonlyMap<string, GivenValue>;
  /** Sentences about environment variables that nothing reads. */
  readonly warnings: readonly string[];
}
