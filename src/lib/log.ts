/** The log: one line per record on standard error, as text or JSON. */

import { writeSync } from "node:fs";
import { clearInterval, setInterval } from "node:timers";
import { isatty } from "node:tty";
import { isMainThread } from "node:worker_threads";
import {
  configureSync,
  getAnsiColorFormatter,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type Logger,
  sanitizeControlSequences,
  type TextFormatter,
  type TextFormatterOptions,
} from "@logtape/logtape";

/** Properties of a log record: flat, so that a line can show each as `key=value`. */
export type LogProperties = Record<string, unknown>;

/** Writes whole records to standard error. */
export interface Log {
  debug(message: string, properties?: LogProperties): void;
  info(message: string, properties?: LogProperties): void;
  warning(message: string, properties?: LogProperties): void;
  error(message: string, properties?: LogProperties): void;
  /** The same log, with properties for every record. */
  with(properties: LogProperties): Log;
}

export interface LogOptions {
  /** `auto` = warning on a terminal whose reader is greeted, else info. */
  level: "auto" | "debug" | "info" | "warning" | "error";
  /** `auto` = text on a terminal, else JSON lines. */
  format: "auto" | "text" | "json";
  /** A person at the terminal reads a greeting (`process/greeting.ts`) instead of the start. */
  isGreeted?: boolean;
}

/** Writes lines when their reader has room, so that no thread waits for the reader. */
export interface LineWriter {
  /** Never waits. False = the line is dropped and counted, because too much is waiting. */
  write(line: string): boolean;
  /** The lines dropped since the last call; 0 until there is room for a line that says so. */
  takeDropped(): number;
  /** Waits until all lines are written, at most `timeoutMs`. False = lines are left. */
  flush(timeoutMs: number): boolean;
}

const STDERR = 2;

/** How often a thread that has dropped lines tries to say so. */
const DROPPED_POLL_MS = 200;
/** The longest wait for unwritten lines at the end of the process; at most three times. */
const LAST_WAIT_MS_MAX = 150;
/** The longest wait for a full pipe. When it is over, the record is dropped. */
const WRITE_WAIT_MS_MAX = 1000;
const WRITE_RETRY_MS = 5;

/** The writer of this thread. Without one, lines are written at once, and wait for the reader. */
let writer: LineWriter | undefined;
let droppedTimer: ReturnType<typeof setInterval> | undefined;
let category = ["salesboard"];

/**
 * Opens the log of this thread. Each record contains `name` (a role, or "main"). Every thread opens
 * its own log; the last call in a thread decides level and format.
 */
export function openLog(name: string, { level, format, isGreeted }: LogOptions): Log {
  const formatter = formatterOf(format);
  const usual = isGreeted && isatty(STDERR) ? "warning" : "info";
  const stderr = (record: Parameters<TextFormatter>[0]) => writeLine(formatter(record));
  configureSync({
    reset: true,
    sinks: { stderr },
    loggers: [
      { category: "salesboard", sinks: ["stderr"], lowestLevel: level === "auto" ? usual : level },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "error" },
    ],
  });
  category = ["salesboard", name];
  return wrap(getLogger(category));
}

/**
 * Sends the lines of this thread, and `writeLastWords`, to `lineWriter` from now on. In the main
 * thread the process then ends only when all lines are written, or after 0.45 s at most.
 */
export function writeLogBy(lineWriter: LineWriter): void {
  const isFirst = writer === undefined;
  writer = lineWriter;
  if (isFirst && isMainThread) process.on("exit", () => void flushLog());
}

/** Writes the sentence that the process ends with, after all lines that can be written before. */
export function writeLastWords(text: string): void {
  if (writer) flushLog();
  writeLine(text);
}

function flushLog(): void {
  const isWritten = writer?.flush(LAST_WAIT_MS_MAX);
  if (isWritten && sayDropped()) writer?.flush(LAST_WAIT_MS_MAX);
}

function writeLine(line: string): void {
  if (!writer) {
    writeFully(STDERR, line);
    return;
  }
  sayDropped();
  if (writer.write(line)) return;
  // The reader may be back while nothing else is logged.
  droppedTimer ??= setInterval(sayDropped, DROPPED_POLL_MS);
  droppedTimer.unref();
}

/** False = nothing was dropped, or there is no room yet. */
function sayDropped(): boolean {
  const dropped = writer?.takeDropped() ?? 0;
  if (dropped === 0) return false;
  clearInterval(droppedTimer);
  droppedTimer = undefined;
  const text = "Dropped log records, because nobody read standard error in time.";
  getLogger(category).error(text, { dropped });
  return true;
}

function wrap(logger: Logger): Log {
  return {
    debug: (message, properties) => logger.debug(literal(message), flat(properties)),
    info: (message, properties) => logger.info(literal(message), flat(properties)),
    warning: (message, properties) => logger.warning(literal(message), flat(properties)),
    error: (message, properties) => logger.error(literal(message), flat(properties)),
    with: (properties) => wrap(logger.with(flat(properties))),
  };
}

/** Reduces errors to their messages. Stacks are logged separately at level debug. */
function flat(properties: LogProperties = {}): LogProperties {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      key,
      value instanceof Error ? value.message : value,
    ]),
  );
}

/**
 * Escapes braces, because LogTape replaces `{name}` by a property, and a product may contain it.
 */
function literal(message: string): string {
  return message.replace(/[{}]/g, "$&$&");
}

function formatterOf(format: LogOptions["format"]): TextFormatter {
  const terminal = isatty(STDERR);
  if (format === "json" || (format === "auto" && !terminal)) return getJsonLinesFormatter();
  const options: TextFormatterOptions = {
    timestamp: "rfc3339",
    category: (category) => category.at(-1) ?? "",
    // One record is one line, and no text of a stranger may control the terminal.
    sanitize: { sgr: "escape", newlines: "escape" },
    format: ({ timestamp, level, category, message, record }) =>
      `${timestamp} ${level} ${category}: ${message}${pairs(record.properties)}`,
  };
  const colours = terminal && !process.env.NO_COLOR;
  return colours ? getAnsiColorFormatter(options) : getTextFormatter(options);
}

function pairs(properties: LogProperties): string {
  const text = Object.entries(properties)
    .map(([key, value]) => ` ${key}=${plain(value)}`)
    .join("");
  return sanitizeControlSequences(text, { sgr: "escape", newlines: "escape" });
}

function plain(value: unknown): string {
  if (typeof value === "string") return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item));
  } catch {
    return String(value);
  }
}

/**
 * Writes all of `text` before it returns, however long the reader of a blocking pipe takes. Drops
 * the text if nobody reads (EPIPE), or if a full non-blocking pipe (EAGAIN) has no room within
 * `WRITE_WAIT_MS_MAX`.
 */
export function writeFully(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let at = 0;
  for (let waitedMs = 0; at < bytes.length && waitedMs <= WRITE_WAIT_MS_MAX; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WRITE_RETRY_MS);
      waitedMs += WRITE_RETRY_MS;
    }
  }
}
