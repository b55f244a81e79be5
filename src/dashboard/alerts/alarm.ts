/** The alerts of the settings, with log and webhook. They outlive a change of input topics. */

import type { Config } from "../../config/config.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Site } from "../look/site.ts";
import type { SalesView } from "../model/view.ts";
import { Alerts } from "./alerts.ts";
import { Webhook } from "./webhook.ts";

export class Alarm {
  readonly alerts: Alerts;
  readonly #webhook: Webhook | undefined;
  #source: { readonly view: SalesView; readonly site: Site } | undefined;

  constructor({ config, clock, log }: { config: Config; clock: Clock; log: Log }) {
    const { alertWebhook: url, alerts: rules = [] } = config;
    this.#webhook = url === undefined ? undefined : new Webhook({ url, log });
    this.alerts = new Alerts({
      rules,
      clock,
      onEvent: (event) => {
        const { rule, state } = event;
        log.info(`An alert is ${state}.`, { rule: rule.text, since: event.since.toISOString() });
        if (this.#source) this.#webhook?.post(event, this.#source.site);
      },
    });
  }

  /** From now on, the numbers are those of `view`. */
  watch(view: SalesView, site: Site): void {
    if (this.#source) this.alerts.restart();
    this.#source = { view, site };
  }

  /**
   * Call once a second. Returns true if an alert started or ended. Of another view than the one
   * that is watched, nothing is evaluated: its dashboard is about to close.
   */
  evaluate(view: SalesView): boolean {
    return view === this.#source?.view && this.alerts.evaluate(view);
  }

  get figures(): Record<string, number> {
    const { delivered = 0, failed = 0, retried = 0 } = this.#webhook?.stats ?? {};
    return {
      salesboard_alerts_firing: this.alerts.firing,
      salesboard_alerts_webhook_delivered_total: delivered,
      salesboard_alerts_webhook_failed_total: failed,
      salesboard_alerts_webhook_retried_total: retried,
    };
  }

  /** Stops the webhook. Messages that are not delivered yet are dropped. */
  async close(): Promise<void> {
    await this.#webhook?.close();
  }
}
