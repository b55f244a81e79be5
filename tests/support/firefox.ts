/** A headless Firefox, spoken to by WebDriver BiDi (W3C): as little of it as a smoke test needs. */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { endWithThisProcess } from "./guard.ts";
import { firefoxPath } from "./require.ts";
import { WAIT_MS_MAX } from "./wait.ts";

/** Tests that call this are declared with `requirement("firefox")`. */
export async function launchFirefox(): Promise<Firefox> {
  const path = firefoxPath();
  if (path === null) throw new Error("Cannot launch a browser: Firefox was not found.");
  const profile = mkdtempSync(`${tmpdir()}/salesboard-firefox-`);
  const child = Bun.spawn({
    cmd: [path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"],
    env: { HOME: profile, TMPDIR: tmpdir() },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  endWithThisProcess(child, profile);
  const socket = new WebSocket(`${await addressIn(child.stderr)}/session`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("Firefox did not answer."));
  });
  const firefox = new Firefox(socket, child);
  await firefox.send("session.new", { capabilities: {} });
  return firefox;
}

export class Firefox {
  readonly #socket: WebSocket;
  readonly #child: Bun.Subprocess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #context: unknown;
  #id = 0;

  constructor(socket: WebSocket, child: Bun.Subprocess) {
    this.#socket = socket;
    this.#child = child;
    socket.onmessage = ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    };
  }

  /** Loads a page, scripts included. */
  async open(url: string): Promise<void> {
    const tree = await this.send("browsingContext.getTree", {});
    [{ context: this.#context }] = tree.contexts as [{ context: string }];
    await this.send("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
  }

  /** What the text of an element is now; "" when there is none. */
  text(selector: string): Promise<string> {
    return this.#valueOf(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ""`);
  }

  address(): Promise<string> {
    return this.#valueOf("location.href");
  }

  async #valueOf(expression: string): Promise<string> {
    const target = { context: this.#context };
    const { result } = await this.send("script.evaluate", {
      ...{ expression, target, awaitPromise: false },
    });
    return String((result as { value?: unknown }).value);
  }

  /** One key after the other; \ue004 = Tab, \ue007 = Enter. */
  async type(text: string): Promise<void> {
    for (const value of text) await this.press(value);
  }

  async press(value: string): Promise<void> {
    const actions = ["keyDown", "keyUp"].map((type) => ({ type, value }));
    const keyboard = { type: "key", id: "keyboard", actions };
    await this.send("input.performActions", { context: this.#context, actions: [keyboard] });
  }

  /** @throws Error when Firefox refuses the command, or does not answer in time */
  async send(method: string, params: object): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(id, resolve);
      const late = () => reject(new Error(`Firefox did not answer ${method}.`));
      setTimeout(late, WAIT_MS_MAX).unref();
    });
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { type, result, message } = await answered;
    if (type === "error") throw new Error(`Firefox refused ${method}: ${message}`);
    return result ?? {};
  }

  async close(): Promise<void> {
    this.#socket.close();
    this.#child.kill();
    await this.#child.exited;
  }
}

interface Answer {
  id: number;
  type: string;
  result?: Record<string, unknown>;
  message?: string;
}

/** Where it listens, as it says once it does. */
async function addressIn(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stderr) {
    text += decoder.decode(chunk, { stream: true });
    const address = /WebDriver BiDi listening on (ws:\S+)/.exec(text)?.[1];
    if (address) return address;
  }
  throw new Error(`Firefox ended without a word of where it listens:\n${text}`);
}
