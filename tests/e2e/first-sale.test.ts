/** What an empty page says to type, typed as it stands: into a shell, on a real Kafka. */

import { afterEach, expect } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { newTopics, Runs, totalsWhen } from "../support/board.ts";
import { executablePath } from "../support/executable.ts";
import { endWithThisProcess } from "../support/guard.ts";
import { sharedKafka } from "../support/kafka.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("java", "maven");
const runs = new Runs();
afterEach(() => runs.end());

// It said "salesboard produce", which ends with "Cannot use produce without --brokers".
test("the commands of an empty table write sales to the topic of this server", async () => {
  const { brokers } = await sharedKafka();
  const topics = newTopics("first");
  const run = runs.start(["--brokers", brokers, ...topics.args, "--port", "0"]);
  const [write = "", generate = ""] = await commandsOf(await run.url());
  expect(await typed(write).exited).toBe(0);
  const { total } = await totalsWhen(run, ({ total }) => total.sales === 1);
  expect(total).toMatchObject({ totalQuantity: 2, totalPrice: "999.98" });
  const generating = typed(generate);
  await totalsWhen(run, ({ total }) => total.sales > 20);
  generating.kill("SIGINT");
  await generating.exited;
  expect(await run.stop()).toBe(0);
}, 600_000);

test("where a mapping counts, an empty table says how to look at the records", async () => {
  const { brokers } = await sharedKafka();
  const topics = newTopics("looked");
  const map = ["--map", "product: title; price: price"];
  const run = runs.start(["--brokers", brokers, ...topics.args, ...map, "--port", "0"]);
  const [inspect = ""] = await commandsOf(await run.url());
  const looking = typed(inspect);
  expect(await new Response(looking.stdout).text()).toContain(topics.input);
  expect(await run.stop()).toBe(0);
}, 600_000);

/** The lines to type, once the page knows that there are no sales. */
async function commandsOf(url: string): Promise<string[]> {
  return waitFor(
    async () => {
      const page = await (await fetch(`${url}/`)).text();
      const lines = page.matchAll(/<p><code translate="no">([^<]+)<\/code><\/p>/g);
      const found = [...lines].map(([, text = ""]) => unescaped(text));
      return found.length > 0 ? found : undefined;
    },
    { what: "commands on the page" },
  );
}

function unescaped(text: string): string {
  const characters = { quot: '"', "#39": "'", lt: "<", gt: ">", amp: "&" } as const;
  return text.replace(/&(quot|#39|lt|gt|amp);/g, (_, name: keyof typeof characters) => {
    return characters[name];
  });
}

/** As on a terminal, with the executable in the PATH. `exec`, so that a signal reaches it. */
function typed(command: string) {
  const line = command.startsWith("salesboard") ? `exec ${command}` : command;
  const cwd = mkdtempSync(`${tmpdir()}/salesboard-typed-`);
  const child = Bun.spawn(["/bin/sh", "-c", line], {
    cwd,
    env: { PATH: `${dirname(executablePath)}:/usr/bin:/bin` },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  endWithThisProcess(child, cwd);
  return child;
}
