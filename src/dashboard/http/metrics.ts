/** Collects values for /metrics: the dashboard's own, and those that other roles report. */

import type { Figures } from "../../role.ts";
import type { MetricsSources } from "./registry.ts";

/** Names that other roles may add. More of them means a fault in a role. */
const REPORTED_NAMES_MAX = 200;

export class Metrics {
  readonly #sources: MetricsSources;
  readonly #reported = new Map<string, number>();
  #read: Promise<() => Promise<MetricsText>> | undefined;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
  }

  /** Takes values of another role. A name that ends in `_total` is a counter. */
  report(figures: Figures): void {
    for (const [name, value] of Object.entries(figures)) {
      const isKnown = this.#reported.has(name);
      if (isKnown || this.#reported.size < REPORTED_NAMES_MAX) this.#reported.set(name, value);
    }
  }

  /** The text for Prometheus. The first call loads the library, so that no page waits for it. */
  async read(): Promise<MetricsText> {
    this.#read ??= this.#open();
    return (await this.#read)();
  }

  async #open(): Promise<() => Promise<MetricsText>> {
    const { addReported, createRegistry } = await import("./registry.ts");
    const registry = createRegistry(this.#sources);
    const added = new Set<string>();
    return async () => {
      for (const name of this.#reported.keys()) {
        if (added.has(name)) continue;
        added.add(name);
        addReported(registry, name, () => this.#reported.get(name) ?? 0);
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    };
  }
}

export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}
