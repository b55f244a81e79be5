/** One schedule: instances of the aggregator, a simulated cluster, faults, and what must hold. */

import { type Config, pairedTopics } from "../../src/config/config.ts";
import { configOf } from "../support/context.ts";
import type { SimulatedProcess } from "./clock.ts";
import { SimulatedCluster } from "./cluster.ts";
import { ZONE } from "./days-ledger.ts";
import type { Disaster } from "./faults.ts";
import { Instance, type Subject } from "./instance.ts";
import type { PartitionLog } from "./log.ts";
import { DIMENSION_RULES, ORDER_RULES } from "./made-sales.ts";
import { Oracle } from "./oracle.ts";
import type { Breach } from "./transactions.ts";
import { World } from "./world.ts";

export interface Result {
  seed: number;
  violations: readonly string[];
  /** Equal for equal runs. */
  traceHash: number;
  /** What the schedule has met, such as "crash before EndTxn". */
  met: ReadonlySet<string>;
  story: readonly string[];
}

/** Everything must be counted so long after the last fault. */
const CATCH_UP_MS_MAX = 120_000;
/** How long sales are still sent after the last fault: its consequences may need them to show. */
const AFTERMATH_MS = 400;
const STOP_MS_MAX = 120_000;
const INSTANCES_MAX = 4;
const SECOND_INPUT = "sales_of_another_shop";

// With brokers of its own it keeps the log complete by writing unchanged totals again.
const often = ["--commit-interval", "40ms", "--time-zone", ZONE];
const embedded = configOf("run", ...often);
const external = configOf("run", ...often, "--brokers", "simulated:9092");
const { mapping } = configOf("run", "--map", ORDER_RULES);
const withDimensions = configOf("run", "--map", ORDER_RULES + DIMENSION_RULES).mapping;

interface Options {
  /** Keeps the story, which costs time. */
  tells?: boolean;
  /** When all other faults are over, Kafka breaks its promise, and every instance crashes. */
  breach?: Breach;
}

/** Runs the schedule of `seed`. */
export function simulate(subject: Subject, seed: number, options: Options = {}): Result {
  const { tells = false, breach } = options;
  const world = new World(seed, { tells });
  const { stackTraceLimit } = Error;
  // Most errors here are answers; where they were made is of interest only in a story.
  if (!tells) Error.stackTraceLimit = 0;
  const simulation = new Simulation(world, subject, { mayBeCopied: breach === undefined });
  simulation.run();
  if (breach) simulation.breach(breach);
  else simulation.end();
  Error.stackTraceLimit = stackTraceLimit;
  return {
    seed,
    violations: world.violations,
    traceHash: world.traceHash,
    met: world.met,
    story: world.story ?? [],
  };
}

class Simulation {
  readonly #world: World;
  readonly #subject: Subject;
  readonly #config: Config;
  /** Of a deployment that was copied, and reads another input. */
  readonly #second: Config | undefined;
  readonly #cluster: SimulatedCluster;
  readonly #oracle: Oracle;
  readonly #instances = new Set<Instance>();
  #instancesEver = 0;
  #isStopping = false;

  constructor(world: World, subject: Subject, { mayBeCopied }: { mayBeCopied: boolean }) {
    this.#world = world;
    this.#subject = subject;
    const config = world.random.chance(0.5) ? embedded : external;
    // Every third schedule counts orders of many lines, and half of those by dimensions too.
    const isOfOrders = world.random.chance(1 / 3);
    const orders = isOfOrders && world.random.chance(1 / 2) ? withDimensions : mapping;
    this.#config = isOfOrders ? { ...config, mapping: orders } : config;
    const { inputTopic, deadLetterTopic } = this.#config;
    const ours = pairedTopics(this.#config);
    const isCopied = mayBeCopied && world.random.chance(1 / 8);
    this.#second = isCopied ? { ...this.#config, inputTopic: SECOND_INPUT } : undefined;
    const { KafkaError, libraryMistake, favours = [] } = subject;
    world.faults.favour(favours);
    world.faults.resends = libraryMistake === "resends";
    world.faults.keepsPartitions = libraryMistake === "keepsPartitions";
    this.#cluster = new SimulatedCluster(world, { inputTopic, KafkaError });
    const secondInput = this.#second?.inputTopic;
    this.#oracle = new Oracle(world, this.#cluster, { ...this.#config, secondInput });
    const partitions = 1 + world.random.below(3);
    if (secondInput !== undefined) this.#cluster.groupOf(secondInput);
    for (const topic of [inputTopic, ...ours, secondInput ?? inputTopic]) {
      this.#cluster.grow(topic, partitions);
    }
    this.#cluster.grow(deadLetterTopic, 1);
    this.#cluster.transactions.onEnd = (logs) => this.#oracle.check([...logs]);
    this.#cluster.network.onDisaster = (kind, process) => this.#strike(kind, process);
  }

  run(): void {
    const { time, random, faults, violations } = this.#world;
    const instances = 1 + random.below(3);
    for (let i = 0; i < instances; i++) time.later(random.between(0, 200), () => this.#start());
    if (this.#second) time.later(random.between(0, 200), () => this.#start(this.#second));
    const healAt = random.between(300, 1_200);
    this.#scheduleSales(healAt);
    this.#scheduleEvents(healAt);
    const isGoingOn = () => violations.length === 0;
    while (time.now < healAt && isGoingOn() && time.step());
    this.#world.trace("healed");
    faults.healed = true;
    this.#heal();
    const isLate = () => time.now > healAt + CATCH_UP_MS_MAX;
    const isAftermath = () => time.now < healAt + AFTERMATH_MS;
    const isBusy = () => isAftermath() || !this.#oracle.caughtUp;
    while (isBusy() && !isLate() && isGoingOn() && time.step());
    if (isGoingOn() && !this.#oracle.caughtUp) this.#world.violate("the input is not caught up");
  }

  /** All instances stop, and what they leave is looked at as a whole. */
  end(): void {
    if (this.#world.violations.length === 0) this.#stop();
  }

  /** After it nobody may go on as if all were well: a new instance must refuse the partition. */
  breach(breach: Breach): void {
    const { time, violations } = this.#world;
    const { transactions } = this.#cluster;
    const deadline = time.now + CATCH_UP_MS_MAX;
    if (breach === "cut" || breach === "anew") {
      this.#replaceLog(breach, deadline);
      return;
    }
    transactions.breach = breach;
    // Only the new instance may tell of it: who wrote the totals has them in memory.
    transactions.onEnd = () => {};
    const isOpen = () => transactions.breach !== undefined && violations.length === 0;
    while (isOpen() && time.now < deadline) {
      this.#oracle.send();
      for (let i = 0; i < 100 && isOpen() && time.step(); i++);
    }
    for (const { process } of this.#instances) process.kill();
    this.#start();
    while (violations.length === 0 && time.now < deadline && time.step());
  }

  /**
   * A partition's log is cut below what was read, or the whole topic is made anew, and it grows
   * again beyond that. Whoever runs must notice, or whoever starts then.
   */
  #replaceLog(breach: "cut" | "anew", deadline: number): void {
    const { time, random, violations } = this.#world;
    const { inputTopic } = this.#config;
    const { offsets } = this.#cluster.group;
    this.#cluster.transactions.onEnd = () => {};
    const isOpen = () => violations.length === 0 && time.now < deadline;
    const read = () => [...offsets].filter(([, offset]) => offset > 0);
    while (read().length === 0 && isOpen()) {
      this.#oracle.send();
      for (let i = 0; i < 100 && time.step(); i++);
    }
    const isRunning = random.chance(0.5);
    if (!isRunning) for (const { process } of this.#instances) process.kill();
    const [partition, offset] = random.pick(read());
    if (breach === "anew") this.#cluster.makeAnew(inputTopic);
    else this.#cluster.log(inputTopic, partition).cut(random.below(offset));
    while (this.#cluster.log(inputTopic, partition).high <= offset) this.#oracle.send();
    if (!isRunning) this.#start();
    while (isOpen() && time.step());
  }

  #scheduleSales(healAt: number): void {
    const { time, random } = this.#world;
    const count = 5 + random.below(50);
    for (let i = 0; i < count; i++) {
      time.later(random.between(0, healAt + AFTERMATH_MS), () => this.#oracle.send());
    }
  }

  /**
   * Now and then: a new partition, somebody else's open transaction, compaction, retention, a new
   * instance.
   */
  #scheduleEvents(healAt: number): void {
    const { time, random, faults } = this.#world;
    const { inputTopic } = this.#config;
    for (let i = 0; i < 12; i++) {
      time.later(random.between(0, healAt), () => {
        const ours = pairedTopics(this.#config).flatMap((topic) => this.#cluster.topic(topic));
        if (faults.happens("foreignTransaction")) this.#disturb(random.pick(ours));
        for (const log of ours) log.compact();
        const inputs = this.#cluster.topic(inputTopic).length;
        if (inputs < 4 && !this.#second && faults.happens("sprouts"))
          this.#cluster.grow(inputTopic, inputs + 1);
        if (!this.#second && faults.happens("retention")) this.#oracle.removeOldest();
        if (random.chance(0.05)) this.#start();
      });
    }
  }

  /** Another program writes there, in a transaction that it does not commit. */
  #disturb(log: PartitionLog): void {
    const { time, random } = this.#world;
    const { transactions } = this.#cluster;
    const foreign = transactions.init(`foreign-${this.#world.time.now}`);
    transactions.addPartition(foreign, log);
    const value = Buffer.from("what must never be read");
    transactions.produce(foreign, log, { records: [{ key: value, value }], sequence: 0 });
    if (random.chance(0.5)) return;
    time.later(random.between(5, 400), () => transactions.end(foreign, false));
  }

  #start(config = this.#config): void {
    const isGoing = (each: Instance) => each.goesOn && each.config === config;
    const going = [...this.#instances].filter(isGoing);
    if (going.length >= INSTANCES_MAX || this.#isStopping) return;
    const instance = new Instance(`i${++this.#instancesEver}`, {
      world: this.#world,
      cluster: this.#cluster,
      subject: this.#subject,
      config,
      isForeign: (partition) => this.#oracle.inputOf(partition) !== config.inputTopic,
    });
    this.#instances.add(instance);
    this.#world.trace("start", instance.process.name);
    instance.start();
  }

  #strike(kind: Disaster, process: SimulatedProcess): void {
    const { time, random } = this.#world;
    const instance = [...this.#instances].find((each) => each.process === process);
    if (!instance) return;
    this.#world.trace(kind, process.name);
    const { config } = instance;
    const startLater = () => time.later(random.between(20, 600), () => this.#start(config));
    switch (kind) {
      case "crash":
        process.kill();
        startLater();
        break;
      case "leave":
        instance.stop();
        startLater();
        break;
      case "pause":
        process.pause();
        time.later(random.between(20, 1_500), () => process.resume());
        break;
      case "silence":
        this.#cluster.network.silenceHeartbeats(process, random.between(200, 1_500));
        break;
      case "fence":
        try {
          this.#cluster.transactions.init(`${this.#config.group}-${process.name}`);
        } catch {
          // The transaction that it has fenced is ending.
        }
    }
  }

  /** From now on all goes well: everybody runs, and there is somebody. */
  #heal(): void {
    for (const { process } of this.#instances) process.resume();
    for (const config of [this.#config, ...(this.#second ? [this.#second] : [])]) {
      const isRun = (each: Instance) => each.goesOn && each.config === config;
      if (![...this.#instances].some(isRun)) this.#start(config);
    }
  }

  #stop(): void {
    const { time } = this.#world;
    this.#isStopping = true;
    for (const instance of this.#instances) instance.stop();
    const deadline = time.now + STOP_MS_MAX;
    const instances = [...this.#instances];
    const isOver = () => instances.every((instance) => instance.isOver);
    // What a dead instance left open is decided when it times out.
    const { logs } = this.#cluster;
    const letters = this.#cluster.topic(this.#config.deadLetterTopic);
    const isDecided = () => logs.every((log) => log.stable === log.high || letters.includes(log));
    while (!(isOver() && isDecided()) && time.now < deadline && time.step());
    if (!isOver()) this.#world.violate("an instance does not stop");
    if (!isDecided()) this.#world.violate("a transaction stays open");
    this.#oracle.check(logs, { fromStart: true });
    if (!this.#second) this.#oracle.checkDeadLetters();
    for (const { process, leaksProducer } of this.#instances) {
      if (leaksProducer) this.#world.violate(`${process.name} leaves a producer open`);
    }
  }
}
