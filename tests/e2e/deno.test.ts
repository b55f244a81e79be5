/** The same source on Deno: `deno task start`, one total read. */

import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { hashOf, replaceFile, temporaryFolder } from "../support/users.ts";
import { waitFor } from "../support/wait.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const deno = `${root}node_modules/@deno/${process.platform}-${process.arch}-glibc/deno`;

test("deno task start shows moving totals and ends", async () => {
  const child = Bun.spawn([deno, "task", "start", "--port", "0"], {
    cwd: root,
    // A group of its own: on a terminal, too, a signal reaches all of it, not `deno task` alone.
    detached: true,
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
      what: "the address of the dashboard",
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
    process.kill(-child.pid, "SIGTERM");
    // Both outputs end with the last process of the group.
    await Promise.race([collected, failAfter(10_000, "it did not end")]);
    expect(await child.exited).toBeOneOf([0, 143]);
  } catch (error) {
    throw new Error(`${error}\n${output}`);
  } finally {
    endGroup(child.pid);
  }
}, 600_000);

// Tokens and a trusted proxy were refused with a sentence about users, and no address was known.
test("deno lets in by tokens and by a trusted proxy, and refuses users in words", async () => {
  const source = `
    const { openAccess } = await import("${root}src/dashboard/access/access.ts");
    const { listen } = await import("${root}src/dashboard/http/server.ts");
    const open = (config) => {
      try {
        return openAccess({ config }) !== undefined;
      } catch ({ message }) {
        return message;
      }
    };
    const opened = [open({ tokens: "/dev/null" }), open({ trustedProxy: ["127.0.0.1"] })];
    const app = { fetch: (_, { address }) => new Response(address()) };
    const server = listen(app, { host: "127.0.0.1", port: 0, basePath: "/" });
    const address = await (await fetch(server.url)).text();
    console.log(JSON.stringify([...opened, open({ users: process.env.USERS }), address]));
    Deno.exit();`;
  const folder = temporaryFolder();
  const USERS = folder.file("users");
  replaceFile(USERS, `ada:${await hashOf("x")}`);
  const env = { ...process.env, USERS };
  const child = Bun.spawn([deno, "eval", source], { cwd: root, env, stderr: "inherit" });
  try {
    expect(await new Response(child.stdout).json()).toEqual([
      ...[true, true, "Cannot use --users on Deno: Bun checks the passwords."],
      "127.0.0.1",
    ]);
  } finally {
    folder.remove();
  }
}, 600_000);

async function failAfter(ms: number, reason: string): Promise<never> {
  await Bun.sleep(ms);
  throw new Error(reason);
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}
