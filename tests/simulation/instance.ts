import type { runAggregator } from "../../src/aggregator/aggregator.ts";
import type { Config } from "../../src/config/config.ts";
import type { KafkaError } from "../../src/kafka/kafka.ts";
import type { Log } from "../../src/lib/log.ts";
import { SimulatedProcess } from "./clock.ts";
import type { SimulatedCluster } from "./cluster.ts";
import type { Fate, Other } from "./faults.ts";
import { SimulatedKafka } from "./port.ts";
import type { World } from "./world.ts";

/**
 * What the client library must not do: send EndTxn or offsets again when no answer came, and use
 * the producer on; or keep partitions when it has become another member of the group.
 */
export type LibraryMistake = "resends" | "keepsPartitions";

/** What is put to the test: the aggregator as it is, or a mutation of it. */
export interface Subject {
  runAggregator: typeof runAggregator;
  KafkaError: typeof KafkaError;
  libraryMistake?: LibraryMistake | undefined;
  /** Faults that its schedules meet more than others. */
  favours?: readonly (Fate | Other)[] | undefined;
}

const RESTART_WAIT_MS = 100;
const OF_ANOTHER_INPUT = /the totals in \S+ were counted from the input topic/;

/** A process that runs the aggregator and starts it again when it fails, as the supervisor does. */
export class Instance {
  readonly process: SimulatedProcess;
  readonly #world: World;
  readonly #kafka: SimulatedKafka;
  readonly #subject: Subject;
  readonly config: Config;
  readonly #isForeign: (partition: number) => boolean;
  readonly #stopping = new AbortController();
  #ended = false;
  #failures = 0;

  constructor(
    name: string,
    of: {
      world: World;
      cluster: SimulatedCluster;
      subject: Subject;
      config: Config;
      /** The partition holds totals of another input. */
      isForeign: (partition: number) => boolean;
    },
  ) {
    this.#world = of.world;
    this.#subject = of.subject;
    this.config = of.config;
    this.#isForeign = of.isForeign;
    this.process = new SimulatedProcess(name, of.world.time);
    this.#kafka = new SimulatedKafka(this.process, of.cluster);
  }

  get isOver(): boolean {
    return this.#ended || this.process.killed;
  }

  /** A producer that nobody will close. */
  get leaksProducer(): boolean {
    return !this.process.killed && this.#kafka.producers.some(({ isClosed }) => !isClosed);
  }

  get goesOn(): boolean {
    return !this.isOver && !this.#stopping.signal.aborted;
  }

  start(): void {
    const { process } = this;
    const running = this.#subject.runAggregator({
      config: this.config,
      kafka: this.#kafka,
      brokers: "simulated:9092",
      instance: process.name,
      isRestart: this.#failures > 0,
      clock: process,
      log: this.#log(),
      signal: this.#stopping.signal,
      ready() {},
      report() {},
      onStats() {},
      onConfig() {},
    });
    running.then(
      () => {
        this.#ended = true;
      },
      (error: unknown) => this.#failed(error),
    );
  }

  stop(): void {
    this.#stopping.abort();
  }

  #failed(error: unknown): void {
    this.#failures++;
    this.#world.trace("role failed", this.process.name, String(error));
    if (!(error instanceof this.#subject.KafkaError)) {
      const trace = error instanceof Error ? error.stack : undefined;
      this.#world.violate(`${this.process.name} failed: ${trace ?? error}`);
    }
    if (this.#stopping.signal.aborted) this.#ended = true;
    else this.process.later(RESTART_WAIT_MS, () => this.start());
  }

  #log(): Log {
    const line = (level: string) => (message: string) => {
      this.#world.trace(level, this.process.name, message);
    };
    const log: Log = {
      debug() {},
      info: (message) => {
        line("info")(message);
        const [kept] = /^Totals in memory (?:go on|are out of date)/.exec(message) ?? [];
        if (kept) this.#world.met.add(kept);
      },
      warning: (message) => {
        line("warning")(message);
        const partition = /^Partition (\d+) goes on at offset/.exec(message)?.[1];
        if (partition !== undefined && this.#kafka.owns(Number(partition))) {
          this.#world.violate(message);
        }
      },
      error: (message) => {
        line("error")(message);
        const partition = /^(?:Cannot aggregate|The history of) partition (\d+)/.exec(message)?.[1];
        // One that has lost its partition without knowing may see another's commit half.
        const isOwner = this.#kafka.owns(Number(partition));
        if (partition === undefined || !isOwner) return;
        if (OF_ANOTHER_INPUT.test(message) && this.#isForeign(Number(partition))) {
          this.#world.met.add("totals of another input");
        } else this.#world.violate(message);
      },
      with: () => log,
    };
    return log;
  }
}
