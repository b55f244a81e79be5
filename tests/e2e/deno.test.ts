/** The same source on Deno: `deno task start`, one total read. */

import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { waitFor } from "../support/wait.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const deno = `${root}node_modules/@deno/${process.platform}-${process.arch}-glibc/deno`;

test("deno task start shows moving totals and ends", async () => {
  const child = Bun.spawn([deno, "task", "start", "--port", "0"], {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) output += decoder.decode(chunk, { stream: true });
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  try {
    const url = await waitFor(() => /Dashboard at (http:\S+?)\/?\n/.exec(output)?.[1], {
      what: `the address of the dashboard`,
    });
    const sales = await waitFor(
      async () => {
        const { total } = await (await fetch(`${url}/api/totals`)).json();
        return total.sales > 0 && total.sales;
      },
      { what: "a total" },
    );
    expect(sales).toBeGreaterThan(0);
    expect(await (await fetch(`${url}/`)).text()).toContain("<table");
  } catch (error) {
    throw new Error(`${error}\n${output}`);
  } finally {
    child.kill("SIGTERM");
  }
  // `deno task` hands the signal on and then reports it as its own end.
  expect([0, 143]).toContain(await child.exited);
  await collected;
}, 60_000);
