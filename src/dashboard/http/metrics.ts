/** Collects values for /metrics: the dashboard's own, and those that other roles report. */

import type { Figures } from "../../role.ts";
import type { MetricsSources } from "./registry.ts";

/** Names that other roles may add. More of them means a fault in a role. */
const REPORTED_NAMES_MAX = 200;

export class Metrics {
  readonly #sources: MetricsSources;
  /** By name, then by the input topic; "" = all. */
  readonly #reported = new Map<string, Map<string, number>>();
  #read: Promise<() => Promise<MetricsText>> | undefined;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
  }

  /**
   * Takes values of another role. A name that ends in `_total` is a counter. `topic`: the input
   * topic, if there are several.
   */
  report(figures: Figures, topic = ""): void {
    for (const [name, value] of Object.entries(figures)) {
      const known = this.#reported.get(name);
      if (!known && this.#reported.size >= REPORTED_NAMES_MAX) continue;
      this.#reported.set(name, (known ?? new Map<string, number>()).set(topic, value));
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
        addReported(registry, name, () => this.#reported.get(name) ?? new Map());
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    };
  }
}

export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}
