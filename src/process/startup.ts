/** The start of a process, before its roles: waits for the brokers, finds and creates topics. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../config/config.ts";
import { type Admin, type Kafka, KafkaError } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { withoutStop } from "../lib/text.ts";
import { pause } from "../lib/wait.ts";
import type { FoundTopics } from "../topics/found-topics.ts";
import { findAtStart } from "./input-topics.ts";
import { advertisedBy, advertisedProblem, describeSeen, lookAt, mistakeOf } from "./port-look.ts";

/** Brokers that do not answer within this time, milliseconds, may never do. */
const LOOK_AFTER_MS = 4_000;
/** Addresses to look at, at most 3 s each and all at once. */
const LOOKS_MAX = 3;
/** A broker that has just started may not listen everywhere yet. */
const ADVERTISED_TRIES_MAX = 3;
const ADVERTISED_WAIT_MS = 1_000;

export interface PrepareOptions {
  kafka: Kafka;
  config: Config;
  log?: Log;
  /** For tests: see `LOOK_AFTER_MS`. */
  lookAfterMs?: number;
}

/**
 * Waits for the brokers, at most `config.startupTimeoutMs`, then finds the topics of patterns and
 * creates missing ones. Resolves to the settings with all topics. Rejects with a SalesboardError:
 * status 69 when no broker answers, 1 when a broker refuses or no topic matches.
 * @throws SalesboardError at once, before any role starts, when a client cannot be created
 */
export function prepare(options: PrepareOptions): Promise<FoundTopics> {
  return prepareBy(options.kafka.admin(), options);
}

async function prepareBy(admin: Admin, options: PrepareOptions): Promise<FoundTopics> {
  const { config, log } = options;
  try {
    await pingOrExplain(admin, config, options);
    return await findAtStart(admin, config, log);
  } catch (cause) {
    if (!(cause instanceof KafkaError)) throw cause;
    throw startupError(config, cause);
  } finally {
    await admin.close();
  }
}

/**
 * Waits for the brokers. When they do not answer soon, looks at their addresses: a mistake in the
 * settings ends the wait, and anything else is logged.
 * @throws SalesboardError @throws KafkaError
 */
async function pingOrExplain(admin: Admin, config: Config, options: PrepareOptions): Promise<void> {
  const { startupTimeoutMs, brokers = "", isEmbedded } = config;
  const pinged = admin.ping(startupTimeoutMs);
  pinged.catch(() => {});
  const addresses = brokers.split(",").map((address) => address.trim());
  const isLate = () => lateAfter(options.lookAfterMs ?? LOOK_AFTER_MS, pinged);
  if (!isEmbedded && (await isLate())) {
    const found = await mistakeAt(addresses, config, options.log);
    // A broker that has just started answers a look before it answers the client, so that the
    // client gets as much time again.
    const isWrong = found && (found.seen !== "kafka" || (await isLate()));
    if (isWrong) throw refusal(config, found.mistake);
  }
  const { addresses: advertised = [] } = await pinged;
  if (!isEmbedded) await checkAdvertised(config, addresses, advertised);
}

async function lateAfter(ms: number, pinged: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = pause(ms, timer.signal).then(() => true);
  return Promise.race([pinged.then(() => false), late]).finally(() => timer.abort());
}

/** What is wrong with the settings, by what listens at the first addresses; logs anything else. */
async function mistakeAt(addresses: readonly string[], config: Config, log?: Log) {
  const protocol = config.rdkafka["security.protocol"] ?? "plaintext";
  const looks = addresses.slice(0, LOOKS_MAX).map(async (address) => {
    return { address, seen: await lookAt(address) };
  });
  for (const { address, seen } of await Promise.all(looks)) {
    const mistake = mistakeOf(address, seen, protocol);
    if (mistake) return { mistake, seen };
    // The client may know their own addresses already, and no other any more.
    if (seen === "open") {
      await checkAdvertised(config, addresses, (await advertisedBy(address)) ?? []);
    }
    log?.warning(`Still waiting for the brokers: ${describeSeen(address, seen)}.`);
  }
  return undefined;
}

/** Brokers answer at the address given, but send clients on to the address that they advertise. */
async function checkAdvertised(
  config: Config,
  given: readonly string[],
  advertised: readonly string[],
): Promise<void> {
  const others = advertised.filter((address) => !given.includes(address));
  if (others.length === 0 || others.length < advertised.length) return;
  for (let tries = 1; ; tries++) {
    const seen = await Promise.all(others.slice(0, LOOKS_MAX).map(lookAt));
    if (seen.some((one) => one !== "refused" && one !== "unresolved")) return;
    if (tries < ADVERTISED_TRIES_MAX) {
      await sleep(ADVERTISED_WAIT_MS);
      continue;
    }
    const reason = describeSeen(others[0] ?? "", seen[0] ?? "refused");
    throw new SalesboardError(
      `Cannot use brokers ${config.brokers}: ${advertisedProblem(others, reason)}.`,
      { exitStatus: 69 },
    );
  }
}

function refusal(config: Config, reason: string): SalesboardError {
  return new SalesboardError(`Cannot use brokers ${config.brokers}: ${reason}.`, { final: true });
}

function startupError(config: Config, cause: KafkaError): SalesboardError {
  const reason = withoutStop(cause.message);
  const brokers = config.brokers ?? "(embedded)";
  if (cause.verdict === "retry") {
    const seconds = config.startupTimeoutMs / 1000;
    return new SalesboardError(
      `Cannot reach brokers ${brokers} within ${seconds} s (--startup-timeout): ${reason}.`,
      { exitStatus: 69, cause },
    );
  }
  return new SalesboardError(`Cannot use brokers ${brokers}: ${reason}.`, {
    final: true,
    cause,
  });
}
