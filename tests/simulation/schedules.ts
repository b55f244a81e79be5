/** Runs many schedules at a time, on all processors. */

import { availableParallelism } from "node:os";
import type { Answer, Block, Outcome } from "./runner.ts";

interface Job {
  block: Block;
  resolve: (outcome: Outcome) => void;
  reject: (error: Error) => void;
}

/** Beyond this many workers the code is compiled more often than it is run. */
const WORKERS_MAX = 8;

/** Workers; whoever makes them closes them. */
export class Runners {
  readonly #idle: Worker[] = [];
  readonly #jobs: Job[] = [];
  readonly #workers: readonly Worker[];

  constructor() {
    const count = Math.min(availableParallelism(), WORKERS_MAX);
    const entry = new URL("./runner.ts", import.meta.url);
    this.#workers = Array.from({ length: count }, () => new Worker(entry));
    this.#idle.push(...this.#workers);
  }

  /** Runs the block as soon as a worker is free. */
  run(block: Block): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ block, resolve, reject });
      this.#next();
    });
  }

  close(): void {
    for (const worker of this.#workers) worker.terminate();
  }

  #next(): void {
    const worker = this.#idle.pop();
    if (!worker) return;
    const job = this.#jobs.shift();
    if (!job) {
      this.#idle.push(worker);
      return;
    }
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.#idle.push(worker);
      if ("outcome" in data) job.resolve(data.outcome);
      else job.reject(new Error(data.error));
      this.#next();
    };
    worker.onerror = (event) => job.reject(new Error(event.message));
    worker.postMessage(job.block);
  }
}
