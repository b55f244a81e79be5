/**
 * While no record counts: looks at the latest records of the input, and for a mapping that would
 * count them. A few times at most, and again only when Kafka does not answer.
 */

import type { Config } from "../../config/config.ts";
import { resetCommand, whereOptions } from "../../config/reset-command.ts";
import type { Proposal } from "../../inspect/proposal/propose.ts";
import type { Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { arrivalWithin, judgeWhenReady } from "../../mapping/awaiting.ts";
import { timeZone } from "../../mapping/exact/zone.ts";
import type { BinaryInput } from "../../mapping/input-judge.ts";
import type { Judge } from "../../mapping/model/judgement.ts";
import { type Advice, isMisfit, type ProposedCommand } from "../model/advice.ts";
import type { Board } from "../model/board.ts";
import { type Records, recordAt } from "../records/records.ts";

/** Of the latest records: enough for a proposal, and judged within a fraction of a second. */
const LOOK_RECORDS = 300;
/** So many times the records of the last look tell more than it did, up to the most. */
const LOOK_AGAIN_FACTOR = 10n;
const LOOK_AGAIN_RECORDS_MAX = 1_000n;
/** A schema that is not here by then is a failure. */
const SCHEMA_MS = 10_000;
/** The wait after a look that failed. */
const RETRY_MS = 30_000;

interface AdvisorOptions {
  readonly records: Pick<Records, "latest">;
  readonly judge: Judge;
  /** Undefined = records are JSON or csv. */
  readonly binary?: BinaryInput | undefined;
  readonly config: Config;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** There is advice that was not there before. */
  readonly onChange: () => void;
}

export class Advisor {
  readonly #options: AdvisorOptions;
  #advice: Advice | undefined;
  /** Records that were judged when the last look began. */
  #lookedAt: bigint | undefined;
  #isLooking = false;
  #waitsUntil = Number.NEGATIVE_INFINITY;

  constructor(options: AdvisorOptions) {
    this.#options = options;
  }

  /** Undefined while records count, and until the first look is over. */
  get advice(): Advice | undefined {
    return this.#advice;
  }

  /** Looks if the board asks for that. Never waits, and never throws. */
  consider(board: Board): void {
    if (!isMisfit(board)) {
      this.#advice = undefined;
      return;
    }
    const judged = board.filtered + board.deadLetters;
    if (this.#isLooking || this.#options.clock.now() < this.#waitsUntil) return;
    if (this.#advice && !this.#isWorthAnotherLook(judged)) return;
    this.#isLooking = true;
    void this.#look(judged).finally(() => {
      this.#isLooking = false;
    });
  }

  #isWorthAnotherLook(judged: bigint): boolean {
    const lookedAt = this.#lookedAt ?? 0n;
    const isFew = lookedAt < LOOK_AGAIN_RECORDS_MAX;
    return isFew && judged >= lookedAt * LOOK_AGAIN_FACTOR;
  }

  async #look(judged: bigint): Promise<void> {
    const { config, clock, log, onChange } = this.#options;
    try {
      this.#advice = await this.#findings();
      this.#lookedAt = judged;
      onChange();
    } catch (error) {
      this.#waitsUntil = clock.now() + RETRY_MS;
      const reason = messageOf(error);
      const topics = config.inputTopics.join(", ");
      log.warning(`Cannot look at the records of ${topics}. Trying again.`, { reason });
    }
  }

  async #findings(): Promise<Advice> {
    const { records, judge, config, binary } = this.#options;
    const { inputTopic: topic, inputTopics, currency } = config;
    const search = (topic: string) => ({ topic, count: LOOK_RECORDS, pick: recordAt });
    const latest = await records.latest(search(topic), ...inputTopics.slice(1).map(search));
    const sample = latest.records.map((record) => ({ topic, ...record })).reverse();
    // Most dashboards never need this code.
    const { findingsOf } = await import("../../inspect/findings.ts");
    const { commandLine, schemaOptions } = await import("../../inspect/command-line.ts");
    const zone = timeZone(config.timeZone);
    for (const record of binary ? sample : []) {
      await judgeWhenReady(judge, record, (schema) => arrivalWithin(schema, SCHEMA_MS));
    }
    const found = findingsOf(sample, { judge, zone, currency, binary });
    const { present, proposal, fits } = found;
    const [reason] = present.reasons;
    const command = (found: Proposal) =>
      commandLine(found, {
        brokers: config.brokers,
        topic: inputTopics.join(","),
        timeZone: zone.name,
        where: whereOptions(config),
        schema: schemaOptions(config),
      });
    return {
      looked: sample.length,
      reason,
      fits,
      proposal: proposal && proposedOf(proposal, command(proposal), config),
    };
  }
}

/** On the embedded broker there is nothing to reset: its data end with the process. */
function proposedOf(proposal: Proposal, command: string, config: Config): ProposedCommand {
  const { sureness, outcomes } = proposal;
  const { counted, filtered, deadLetters } = outcomes;
  const commands = config.isEmbedded ? [command] : [`${resetCommand(config)} && \\`, command];
  return { sureness, counted, filtered, deadLetters, commands };
}
