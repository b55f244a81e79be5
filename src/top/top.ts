/** The command `top`: the board of a dashboard in a terminal, by the stream that pages read. */

import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { styleOf } from "../inspect/print-table.ts";
import { messageOf, SalesboardError, usageError } from "../lib/errors.ts";
import { pause } from "../lib/wait.ts";
import {
  ask,
  type DashboardSettings,
  dashboardUrl,
  loginOf,
} from "../process/dashboard-request.ts";
import { keysIn, moved, START } from "./keys.ts";
import { type StreamMessage, StreamReader } from "./messages.ts";
import { roomOf, screenLines } from "./screen.ts";
import { Tally } from "./tally.ts";
import type { Terminal } from "./terminal.ts";

/** A stream is silent for a second at most, between two heartbeats. */
const SILENCE_MS_MAX = 10_000;
const RECONNECT_MS = 1_000;
/** Lines of JSON that wait for their reader. */
const WAITING_CHARACTERS_MAX = 64 * 1024 * 1024;
/** An alternate screen without a cursor, and back. */
const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const TO_END_OF_LINE = "\u001b[K";
const TO_END_OF_SCREEN = "\u001b[J";

/** An error has a sentence; a page would be longer. */
const REFUSAL_CHARACTERS_MAX = 4_096;

type TopSettings = DashboardSettings & Pick<Config, "dashboardToken" | "once" | "json" | "by">;

const refusalSchema = z.object({ message: z.string() });

/** Where a stream is, and what is sent to open it. */
interface Stream {
  readonly url: URL;
  readonly login: ReturnType<typeof loginOf>;
}

/** Returns the exit status. @throws SalesboardError when no dashboard answers `--once` */
export async function runTop(config: TopSettings, terminal: Terminal): Promise<0> {
  const stream: Stream = { url: streamUrl(config), login: loginOf(config) };
  if (config.once) return printOnce(stream, config, terminal);
  if (config.json) {
    await follow(stream, terminal.signal, (message) => {
      if (!isAbout(message)) return;
      // A reader that has stopped gets no more, and the memory stays bounded.
      if (terminal.waiting() < WAITING_CHARACTERS_MAX) terminal.write(`${lineOf(message)}\n`);
      else terminal.close();
    });
    return 0;
  }
  if (!terminal.isTty) {
    throw usageError(
      "Cannot use top without a terminal: add --once to print the board once, or --json.",
    );
  }
  await live(stream, terminal);
  return 0;
}

/** An error of this address is JSON. `--by` comes before what `--url` says. */
function streamUrl(config: TopSettings): URL {
  const url = dashboardUrl(config, "/api/v1/events");
  if (config.by !== undefined) url.searchParams.set("by", config.by);
  return url;
}

/** The dimension that the address asks for, null = products, and the period. */
function boardOf({ url: { searchParams: asked } }: Stream) {
  return { by: asked.get("by"), period: asked.get("period") };
}

function isAbout({ event }: StreamMessage): boolean {
  return event === "totals" || event === "hb";
}

/** The data as it came, so that no digit is lost. */
function lineOf({ event, data }: StreamMessage): string {
  return `{"event":${JSON.stringify(event)},"data":${data}}`;
}

async function printOnce(stream: Stream, { json }: TopSettings, terminal: Terminal): Promise<0> {
  const tally = new Tally();
  const seen: StreamMessage[] = [];
  const done = new AbortController();
  const take = (message: StreamMessage) => {
    if (!tally.take(message)) return;
    seen.push(message);
    if (tally.isWhole && tally.heartbeat) done.abort();
  };
  try {
    await readStream(stream, AbortSignal.any([done.signal, terminal.signal]), take);
  } catch (error) {
    throw noBoard(stream, messageOf(error));
  }
  if (!done.signal.aborted) throw noBoard(stream, "the stream ended before the totals came");
  const { columns } = terminal.size();
  const width = terminal.isTty ? columns : Number.POSITIVE_INFINITY;
  const style = styleOf(terminal.hasColours);
  const text = json
    ? seen.map(lineOf).join("\n")
    : screenLines(tally, { columns: width }, { style, ...boardOf(stream) }).join("\n");
  terminal.write(`${text}\n`);
  return 0;
}

function noBoard({ url }: Stream, reason: string): SalesboardError {
  return new SalesboardError(`Cannot show the board of ${url.href}: ${reason}. See --url.`);
}

/** Draws until q, Ctrl-C, or the end of the terminal. Other keys choose what is in view. */
async function live(stream: Stream, terminal: Terminal): Promise<void> {
  const quit = new AbortController();
  const style = styleOf(terminal.hasColours);
  let tally = new Tally();
  let trouble: string | undefined;
  /** The totals are of a stream that was lost. */
  let isOld = false;
  let place = START;
  let isAway = true;
  const enter = () => {
    if (isAway) terminal.write(ENTER);
    isAway = false;
    draw();
  };
  const leave = () => {
    isAway = true;
    terminal.write(LEAVE);
    terminal.suspend();
  };
  const draw = () => {
    // A slow terminal: the next heartbeat draws. A stopped one: the shell has it.
    if (isAway || terminal.waiting() > 0) return;
    const of = { style, trouble, place, ...boardOf(stream) };
    const lines = screenLines(tally, terminal.size(), of);
    const text = lines.map((line) => `${line}${TO_END_OF_LINE}`).join("\r\n");
    terminal.write(HOME + text + TO_END_OF_SCREEN);
  };
  const key = (pressed: string) => {
    for (const each of keysIn(pressed)) {
      if (each === "quit") quit.abort();
      if (each === "suspend") return leave();
      place = moved(place, each, { rows: tally.size, shown: roomOf(terminal.size()) });
    }
    if (!quit.signal.aborted) draw();
  };
  const unlisten = terminal.listen({ key, resize: draw, resume: enter });
  enter();
  try {
    const signal = AbortSignal.any([quit.signal, terminal.signal]);
    const onLoss = (reason: string) => {
      trouble = `No connection to ${stream.url.origin}: ${reason}`;
      isOld = true;
      draw();
    };
    const onMessage = (message: StreamMessage) => {
      // The next stream begins with everything; until then the numbers of the last one stand.
      if (isOld && message.event === "totals") {
        tally = new Tally(tally.heartbeat);
        isOld = false;
      }
      if (!tally.take(message)) return;
      trouble = undefined;
      draw();
    };
    await follow(stream, signal, onMessage, onLoss);
  } finally {
    unlisten();
    terminal.write(LEAVE);
  }
}

/** Reads the stream again whenever it ends, until `signal` is aborted. */
async function follow(
  stream: Stream,
  signal: AbortSignal,
  onMessage: (message: StreamMessage) => void,
  onLoss: (reason: string) => void = () => {},
): Promise<void> {
  while (!signal.aborted) {
    const lost = await readStream(stream, signal, onMessage).then(
      () => "the stream ended",
      (error) => messageOf(error),
    );
    if (signal.aborted) return;
    onLoss(lost);
    await pause(RECONNECT_MS, signal);
  }
}

function refusalOf(login: Stream["login"]): string {
  return login.Authorization === undefined
    ? "it asks for a login: give a token with --dashboard-token"
    : "it refuses the token of --dashboard-token";
}

/** Reads what the dashboard says instead of a stream, such as "it answers 400: …". */
function readRefusal(response: IncomingMessage, tell: (reason: string) => void): void {
  let text = "";
  response.on("data", (bytes: Buffer) => {
    if (text.length < REFUSAL_CHARACTERS_MAX) text += bytes.toString();
  });
  response.on("end", () => {
    const sentence = sentenceIn(text);
    tell(`it answers ${response.statusCode}${sentence === undefined ? "" : `: ${sentence}`}`);
  });
}

/** Undefined where nothing stands there that a dashboard says. */
function sentenceIn(text: string): string | undefined {
  try {
    return refusalSchema.parse(JSON.parse(text)).message;
  } catch {
    return undefined;
  }
}

/** Resolves when the stream ends, or `signal` is aborted. */
function readStream(
  { url, login }: Stream,
  signal: AbortSignal,
  onMessage: (message: StreamMessage) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const reader = new StreamReader();
  const decoder = new TextDecoder();
  const request = ask(url, login, (response) => {
    response.on("error", reject);
    if (response.statusCode === 401) reject(new Error(refusalOf(login)));
    if (response.statusCode !== 200) {
      readRefusal(response, (reason) => reject(new Error(reason)));
      return;
    }
    response.on("data", (bytes: Buffer) => {
      try {
        for (const message of reader.push(decoder.decode(bytes, { stream: true }))) {
          if (!signal.aborted) onMessage(message);
        }
      } catch (error) {
        reject(error);
      }
    });
    response.on("end", resolve);
  });
  request.on("error", reject);
  request.setTimeout(SILENCE_MS_MAX, () => {
    reject(new Error(`nothing came for ${SILENCE_MS_MAX / 1_000} s`));
  });
  const stop = () => resolve();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  return promise.finally(() => {
    signal.removeEventListener("abort", stop);
    request.destroy();
  });
}
