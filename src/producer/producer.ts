/** The producer: sends generated sales, or those of a file, at a steady rate. */

import { setTimeout as sleep } from "node:timers/promises";
import { KafkaError, type Producer, RecordBatch } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";
import type { RoleContext } from "../role.ts";
import { Backpressure } from "./backpressure.ts";
import { Failures } from "./failures.ts";
import { openShop } from "./past.ts";
import { RateLimit, type SalePace } from "./rate-limit.ts";
import { type SaleSource, saleSource, seedOf } from "./sale-source.ts";
import { ShopPace } from "./shop-pace.ts";

const BATCH_RECORDS_MAX = 1_000;
const BATCH_BYTES_MAX = 512 * 1024;
const QUEUE_FULL_WAIT_MS = 2;
const REPORT_INTERVAL_MS = 1_000;
/** librdkafka gives up a record after five minutes (`message.timeout.ms`). */
const FLUSH_MS_MAX = 310_000;
/** After a stop, because the whole process has five seconds. */
const STOP_FLUSH_MS_MAX = 3_000;

/**
 * Runs until the signal is aborted, `--count` sales are sent or the input ends; in the last two
 * cases it waits until every sale is acknowledged.
 * @throws SalesboardError when a sale could not be delivered
 */
export async function runProducer(context: RoleContext): Promise<void> {
  const producer = context.kafka.producer();
  const backpressure = new Backpressure(context, producer);
  try {
    context.ready();
    await new Sending(context, producer, backpressure).run(workOf(context));
  } finally {
    await Promise.allSettled([producer.close(), backpressure.close()]);
  }
}

/** What to send, one after the other, and when. */
interface SendingPlan {
  /** Sent first, as fast as it is counted; undefined = nothing. */
  readonly past: SaleSource | undefined;
  readonly source: SaleSource;
  readonly pace: SalePace;
}

function workOf(context: RoleContext): SendingPlan {
  const { config, clock, signal, isRestart } = context;
  const seed = seedOf(config);
  const [source, atRate] = [saleSource(context, seed), new RateLimit(config.rate, signal)];
  if (config.demoPast === 0) return { past: undefined, source, pace: atRate };
  const nowMs = clock.date().getTime();
  const { shop, past } = openShop(config, { seed, nowMs });
  const pace = config.hasShopPace ? new ShopPace(shop, nowMs, { clock, signal }) : atRate;
  // The past is sent once, whatever becomes of this role.
  return { past: isRestart ? undefined : past, source, pace };
}

class Sending {
  readonly #context: RoleContext;
  readonly #producer: Producer;
  readonly #backpressure: Backpressure;
  readonly #failures: Failures;
  #taken = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(context: RoleContext, producer: Producer, backpressure: Backpressure) {
    this.#context = context;
    this.#producer = producer;
    this.#backpressure = backpressure;
    this.#failures = new Failures(context.config.inputTopic, context.log);
  }

  async run({ past, source, pace }: SendingPlan): Promise<void> {
    const { config, signal, log } = this.#context;
    try {
      if (past) await this.#sendAll(past, new RateLimit(0, signal));
      if (config.demoPast > 0) this.#context.report({ pastRecords: this.#taken });
      if (past) await this.#flush();
      this.#report({ last: true });
      await this.#sendAll(source, pace);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      // The producer takes no more. What it took before may be acknowledged all the same.
      this.#failures.stopped(error);
    }
    await this.#flush();
    this.#report({ last: true });
    const text = signal.aborted ? "Producer stopped." : "All sales acknowledged.";
    const sales = this.#acknowledged;
    if (this.#failures.isEmpty && sales === this.#taken) log.info(text, { sales });
    else throw this.#failure();
  }

  async #sendAll(source: SaleSource, pace: SalePace): Promise<void> {
    const { signal } = this.#context;
    const batch = new RecordBatch({ recordsMax: BATCH_RECORDS_MAX, bytesMax: BATCH_BYTES_MAX });
    while (!signal.aborted) {
      await this.#backpressure.wait();
      const due = await pace.wait(BATCH_RECORDS_MAX);
      if (signal.aborted) break;
      batch.clear();
      if (!(await source.fill(batch, due))) break;
      await this.#send(batch);
      pace.sent(batch.count);
      this.#report();
    }
  }

  async #send(batch: RecordBatch): Promise<void> {
    for (let from = 0; from < batch.count; ) {
      const taken = this.#producer.produce(this.#context.config.inputTopic, batch, from);
      from += taken;
      this.#taken += taken;
      this.#backpressure.sent(taken);
      if (from === batch.count) return;
      if (this.#context.signal.aborted) return;
      await sleep(QUEUE_FULL_WAIT_MS);
    }
  }

  async #flush(): Promise<void> {
    try {
      await this.#producer.flush(this.#context.signal.aborted ? STOP_FLUSH_MS_MAX : FLUSH_MS_MAX);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      this.#failures.add(`not acknowledged: ${error.message}`, this.#producer.inFlight);
    }
    this.#failures.take(this.#producer);
  }

  /** librdkafka acknowledges a batch of which the broker refused several records as a whole. */
  get #acknowledged(): number {
    return Math.min(this.#producer.acknowledged, this.#taken - this.#failures.count);
  }

  #failure(): SalesboardError {
    const lost = this.#taken - this.#acknowledged;
    return new SalesboardError(
      `Cannot deliver ${lost} of ${this.#taken} sales: ${this.#failures.reasons(lost)}.`,
      // A restart would send the delivered sales a second time.
      { final: this.#context.config.command === "produce" },
    );
  }

  #report({ last = false } = {}): void {
    const now = performance.now();
    if (!last && now - this.#reportedAt < REPORT_INTERVAL_MS) return;
    this.#reportedAt = now;
    this.#failures.take(this.#producer);
    const figures = {
      salesboard_producer_sales_acknowledged_total: this.#acknowledged,
      salesboard_producer_sales_failed_total: this.#failures.count,
      salesboard_producer_sales_in_flight: this.#producer.inFlight,
    };
    this.#context.report({ figures });
  }
}
