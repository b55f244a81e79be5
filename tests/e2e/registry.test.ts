/** Records of Avro, and a registry that is away when they come. */

import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { logged, Runs, totalsWhen } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { freePort } from "../support/ports.ts";
import { clientRecord, startRegistry } from "../support/registry.ts";
import { waitFor } from "../support/wait.ts";

const RULES =
  "lines: lines[]; product: item; quantity: units; price: price.units; time: $.at; returns: subtract";

const runs = new Runs();
const folder = mkdtempSync(`${tmpdir()}/salesboard-registry-`);
afterEach(async () => {
  await runs.end();
  rmSync(folder, { recursive: true });
});

test("records wait for a registry that is away, in words, and are counted when it comes back", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secret = ["--schema-registry", url.replace("//", "//till:s3cret@")];
  const format = ["--input-format", "avro", "--map", RULES];
  const topic = ["--input-topic", "orders"];
  const roles = ["--roles", "aggregator,dashboard"];
  const run = runs.start(["--port", "0", ...roles, ...topic, ...format, ...secret]);
  const { properties } = await logged(run, "Embedded broker at");
  const brokers = ["--brokers", String(properties.brokers)];

  const file = `${folder}/orders.ndjson`;
  const values = ["avro order", "avro order of a later schema"].map(
    (name) => clientRecord(name).value,
  );
  const lines = values.map((value) => JSON.stringify({ value_base64: value.toBase64() }));
  writeFileSync(file, `${lines.join("\n")}\n`);
  const sent = ["produce", "--input", file, "--rate", "0", "--input-format", "avro"];
  expect(await runSalesboard([...sent, ...topic, ...brokers])).toMatchObject({ status: 0 });

  const sentence = `the registry at ${url} does not answer`;
  await logged(run, sentence);
  const ready = () =>
    fetch(`${runUrl}/readyz`).then(async (answer) => [answer.status, await answer.text()]);
  const runUrl = await run.url();
  const [status, reasons] = await waitFor(
    async () => {
      const answer = await ready();
      return String(answer[1]).includes(sentence) ? answer : undefined;
    },
    { what: "/readyz says what is waited for" },
  );
  expect(status).toBe(503);
  expect(reasons).toMatch(/waits? for schema \d/);
  const hasPage = async () => (await (await fetch(runUrl)).text()).includes(sentence);
  await waitFor(hasPage, { what: "the page says what is waited for" });

  const registry = startRegistry({ port, authorization: `Basic ${btoa("till:s3cret")}` });
  const { total } = await totalsWhen(run, ({ total }) => total.sales === 2);
  expect(total).toMatchObject({ sales: 2, returns: 2 });
  const isReady = async () => (await ready())[0] === 200;
  await waitFor(isReady, { what: "ready again" });
  const verified = await runSalesboard(["verify", ...topic, ...format, ...secret, ...brokers]);
  expect(verified).toMatchObject({ status: 0 });
  expect(await run.stop()).toBe(0);
  await registry.stop();
  expect(run.stderr() + run.stdout() + verified.stdout + verified.stderr).not.toContain("s3cret");
}, 600_000);
