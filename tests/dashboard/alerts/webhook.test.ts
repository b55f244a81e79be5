/** Posts to a real server, which answers well, badly, late or not at all. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { parseRule } from "../../../src/config/alert-rule.ts";
import type { AlertEvent } from "../../../src/dashboard/alerts/alerts.ts";
import { Webhook } from "../../../src/dashboard/alerts/webhook.ts";
import type { Site } from "../../../src/dashboard/look/site.ts";
import type { Log } from "../../../src/lib/log.ts";
import { type Receiver, startReceiver } from "../../support/receiver.ts";
import { waitFor } from "../../support/wait.ts";
import { site as plainSite } from "../fixture.ts";

const since = new Date("2026-11-25T09:00:10Z");
const at = new Date("2026-11-25T09:01:10Z");
const site = { ...plainSite, outputTopic: "totals", currency: "EUR" };

let receiver: Receiver;
let webhook: Webhook;
let source: Site;
let lines: string[];
beforeEach(() => {
  receiver = startReceiver();
  lines = [];
});
afterEach(async () => {
  await webhook.close();
  await receiver.stop();
});

function open(url = `${receiver.url}/hook/geheim`, timeoutMs = 10_000, of: Site = site): void {
  const keep =
    (level: string): Log["info"] =>
    (message, properties) =>
      void lines.push(`${level}: ${message} ${JSON.stringify(properties)}`);
  const levels = { debug: keep("debug"), info: keep("info"), warning: keep("warning") };
  const log: Log = { ...levels, error: keep("error"), with: () => log };
  source = of;
  webhook = new Webhook({ url, log, timeoutMs, backoffMs: 1 });
}

function event(state: AlertEvent["state"], rule = "revenue[1m] < 100"): AlertEvent {
  return { rule: parseRule(rule), state, value: 73_200_000n, since, at };
}

const settled = (stats: Partial<Webhook["stats"]>) =>
  waitFor(() => Bun.deepMatch(stats, webhook.stats), { what: JSON.stringify(stats) });
const status =
  (code: number, headers = {}) =>
  () =>
    new Response("", { status: code, headers });

describe("Webhook", () => {
  test("posts what happened, for programs and for people", async () => {
    open();
    webhook.post(event("firing"), source);
    webhook.post(event("resolved"), source);
    await settled({ delivered: 2, failed: 0, retried: 0 });
    const [first, second] = receiver.posts;
    expect(first).toMatchObject({
      path: "/hook/geheim",
      contentType: "application/json; charset=utf-8",
    });
    const common = {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown as string,
      rule: "revenue[1m] < 100",
      value: "73.20",
      threshold: "100.00",
      since: "2026-11-25T09:00:10.000Z",
      at: "2026-11-25T09:01:10.000Z",
      topic: "totals",
      currency: "EUR",
    };
    expect(first?.body).toEqual({
      ...common,
      state: "firing",
      text:
        "Salesboard alert firing: revenue[1m] < 100 has held since 2026-11-25T09:00:10.000Z; " +
        "its value is 73.20 (totals).",
    });
    expect(second?.body).toEqual({
      ...common,
      state: "resolved",
      text:
        "Salesboard alert resolved: revenue[1m] < 100 held from 2026-11-25T09:00:10.000Z to " +
        "2026-11-25T09:01:10.000Z; its value is 73.20 (totals).",
    });
    expect(lines).toEqual([]);
  });

  // The sum of all of them was told as that of the first.
  test("names the topics of all inputs, whose sum the value is", async () => {
    const others = [{ ...plainSite, outputTopic: "totals.of-tills" }];
    open(undefined, undefined, { ...site, others });
    webhook.post(event("firing"), source);
    await settled({ delivered: 1 });
    const topic = "totals, totals.of-tills";
    const text = expect.stringMatching(/its value is 73\.20 \(totals, totals\.of-tills\)\.$/);
    expect(receiver.posts[0]?.body).toMatchObject({ topic, text });
  });

  test("tries again after what passes, with the same id, and keeps the order", async () => {
    open();
    receiver.answerWith(status(503), status(429), status(500));
    webhook.post(event("firing"), source);
    webhook.post(event("resolved"), source);
    await settled({ delivered: 2, failed: 0, retried: 3 });
    const seen = receiver.posts.map(({ body }) => body.state);
    expect(seen).toEqual(["firing", "firing", "firing", "firing", "resolved"]);
    expect(new Set(receiver.posts.map(({ body }) => body.id)).size).toBe(2);
    expect(lines).toEqual([]);
  });

  test("gives up after five tries, says so once, and says when it works again", async () => {
    open();
    receiver.answerWith(...Array(10).fill(status(502)));
    webhook.post(event("firing"), source);
    webhook.post(event("resolved"), source);
    webhook.post(event("firing"), source);
    await settled({ delivered: 1, failed: 2, retried: 8 });
    expect(receiver.posts).toHaveLength(11);
    expect(lines).toEqual([
      'error: Cannot deliver an alert to the webhook. Further failures are only counted. {"reason":"it answered 502"}',
      "info: Alerts reach the webhook again. undefined",
    ]);
  });

  test("follows no redirect, and does not repeat what is refused", async () => {
    open();
    const elsewhere = startReceiver();
    receiver.answerWith(status(307, { Location: `${elsewhere.url}/stolen` }), status(404));
    webhook.post(event("firing"), source);
    webhook.post(event("resolved"), source);
    await settled({ delivered: 0, failed: 2, retried: 0 });
    expect(elsewhere.posts).toEqual([]);
    expect(lines.join()).toContain("it answered 307");
    await elsewhere.stop();
  });

  test("tries again where nobody listens or answers, and names no secret", async () => {
    open(undefined, 50);
    receiver.answerWith(...Array(5).fill(() => new Promise<Response>(() => {})));
    webhook.post(event("firing"), source);
    await settled({ failed: 1, retried: 4 });
    expect(lines.join()).toContain("no answer within 50 ms");
    const { url } = receiver;
    await receiver.stop();
    await webhook.close();
    open(`${url}/hook/geheim?token=geheim`);
    webhook.post(event("firing"), source);
    await settled({ failed: 1, retried: 4 });
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain("geheim");
  });

  test("holds a bounded number, and counts what is too many", async () => {
    open();
    const answer = Promise.withResolvers<Response>();
    receiver.answerWith(() => answer.promise);
    for (let i = 0; i < 103; i++) webhook.post(event("firing", `sales > ${i}`), source);
    expect(webhook.stats).toMatchObject({ delivered: 0, failed: 3 });
    answer.resolve(new Response("ok"));
    await settled({ delivered: 100, failed: 3 });
    expect(receiver.posts.at(-1)?.body.rule).toBe("sales > 99");
  });

  test("gives up at once when it is closed", async () => {
    open();
    receiver.answerWith(() => new Promise<Response>(() => {}));
    webhook.post(event("firing"), source);
    webhook.post(event("resolved"), source);
    await waitFor(() => receiver.posts.length === 1, { what: "the first try" });
    const closed = webhook.close();
    webhook.post(event("firing"), source);
    await closed;
    expect(lines).toEqual([
      'warning: Salesboard stopped before it delivered all alerts. {"alerts":2}',
    ]);
    expect(receiver.posts).toHaveLength(1);
    expect(webhook.stats).toEqual({ delivered: 0, failed: 0, retried: 0 });
  });
});
