/** `top` in a real terminal: what the shell and the system do to it. */

import { afterEach, expect, test } from "bun:test";
import { endWithThisProcess } from "../support/guard.ts";
import { temporaryFolder } from "../support/users.ts";
import { waitFor } from "../support/wait.ts";

const MAIN = new URL("../../src/main.ts", import.meta.url).pathname;
const ENTER = "\u001b[?1049h";
const LEAVE = "\u001b[?1049l";
const STREAM =
  'event: hb\ndata: {"t":1,"asOf":null,"state":"live"}\n\nevent: totals\n' +
  'data: [{"product":"Kite","totalQuantity":1,"totalPrice":"17.25","sales":3}]\n\n';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A shell with jobs runs `top`, and goes on behind it. */
function start() {
  const headers = { "content-type": "text/event-stream" };
  const body = () => new ReadableStream({ start: (to) => to.enqueue(STREAM) });
  const server = Bun.serve({
    port: 0,
    idleTimeout: 0,
    fetch: () => new Response(body(), { headers }),
  });
  let shown = "";
  const decoder = new TextDecoder();
  const data = (_: Bun.Terminal, bytes: Uint8Array) => {
    shown += decoder.decode(bytes, { stream: true });
  };
  const top = '"$0" "$1" top --url "$2" & echo "top is $!."; fg > /dev/null; ';
  const shell = `${top} echo "away $?."; read -r line; fg; echo "over $?."`;
  const cmd = ["sh", "-mc", shell, process.execPath, MAIN, server.url.href];
  const child = Bun.spawn({ cmd, env: {}, terminal: { cols: 60, rows: 8, data } });
  endWithThisProcess(child, temporaryFolder().file("."));
  ends.push(() => {
    child.kill("SIGKILL");
    server.stop(true);
  });
  const until = (text: string) => waitFor(() => shown.includes(text), { what: text });
  const pid = async () => {
    await until("top is ");
    return Number(/top is (\d+)/.exec(shown)?.[1]);
  };
  return { child, terminal: child.terminal as Bun.Terminal, until, pid, shown: () => shown };
}

// In raw mode, Ctrl-Z is a key like any other, and it did nothing.
test("Ctrl-Z gives the terminal back to the shell, and fg takes it again", async () => {
  const { child, terminal, until, shown } = start();
  await until("Kite");
  terminal.resize(20, 8);
  await until("Salesboard: live, 1…");
  terminal.write("\u001a");
  await until("away ");
  expect(shown().split(LEAVE)).toHaveLength(2);
  const before = shown().length;
  terminal.write("\r");
  await waitFor(() => shown().slice(before).includes("Kite"), { what: "the board again" });
  expect(shown().split(ENTER)).toHaveLength(3);
  terminal.write("q");
  await until("over 0.");
  await child.exited;
});

// It ended in the middle of its screen, without a cursor.
test("a signal leaves the terminal as it was", async () => {
  const { until, pid, shown } = start();
  await until("Kite");
  process.kill(await pid(), "SIGTERM");
  await until("away 0.");
  expect(shown().lastIndexOf(LEAVE)).toBeGreaterThan(shown().lastIndexOf(ENTER));
});

test("a closed terminal ends it", async () => {
  const { terminal, until, pid } = start();
  await until("Kite");
  const top = await pid();
  terminal.close();
  const isGone = () => {
    try {
      process.kill(top, 0);
      return false;
    } catch {
      return true;
    }
  };
  await waitFor(isGone, { what: `process ${top} to end` });
});
