import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogOptions, writeFully } from "../../src/lib/log.ts";

const pathOf = (name: string) => new URL(`../../src/${name}`, import.meta.url).pathname;

/** The lines on standard error of a process that opens a log, runs `body` and exits at once. */
function logged(body: string, options: LogOptions): string[] {
  const script = `
    import { openLog, writeLastWords, writeLogBy } from "${pathOf("lib/log.ts")}";
    const log = openLog("aggregator", ${JSON.stringify(options)});
    ${body}
    process.exit(0);`;
  const { stderr } = Bun.spawnSync([process.execPath, "-e", script], { stderr: "pipe" });
  return stderr.toString().split("\n").slice(0, -1);
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;

describe("Log", () => {
  test("writes time, level, role, message and properties in one line of text", () => {
    const [line = ""] = logged(
      `log.info("Partition runs.", { partition: 3, topic: "a b", sales: 2n, no: undefined });`,
      { level: "info", format: "text" },
    );
    expect(line).toMatch(time);
    expect(line.replace(time, "")).toBe(
      'INF aggregator: Partition runs. partition=3 topic="a b" sales=2 no=undefined',
    );
  });

  test("writes JSON lines where there is no terminal", () => {
    const [line = ""] = logged(
      `log.with({ partition: 3 }).warning("Partition is late.", { sales: 2n });`,
      { level: "info", format: "auto" },
    );
    expect(JSON.parse(line)).toEqual({
      "@timestamp": expect.stringMatching(/Z$/),
      level: "WARN",
      message: "Partition is late.",
      logger: "salesboard.aggregator",
      properties: { partition: 3, sales: "2" },
    });
  });

  test("leaves out what is below its level", () => {
    const body = `log.debug("d"); log.info("i"); log.warning("w"); log.error("e");`;
    const lines = logged(body, { level: "warning", format: "text" });
    expect(lines.map((line) => line.replace(time, ""))).toEqual([
      "WRN aggregator: w",
      "ERR aggregator: e",
    ]);
  });

  test("takes braces of a message as they are, not as names of properties", () => {
    const [line = ""] = logged(`log.info('{"product":{secret}} {{', { secret: 1 });`, {
      level: "info",
      format: "json",
    });
    expect(JSON.parse(line).message).toBe('{"product":{secret}} {{');
  });

  test("shows of an error its message, never its stack", () => {
    const lines = logged(`log.error("No.", { error: new Error("boom") });`, {
      level: "info",
      format: "json",
    });
    expect(lines.map((line) => JSON.parse(line).properties)).toEqual([{ error: "boom" }]);
  });

  test.each(["text", "json"] as const)("lets no %s forge a line or obey a terminal", (format) => {
    const evil = "\\r\\n2026 INF main: forged\\x1b[2J\\x07\\x7f\\u009b31m";
    const lines = logged(`log.info("a${evil}", { product: "b${evil}", ["k${evil}"]: 1 });`, {
      level: "info",
      format,
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/\p{Cc}/u);
  });

  const byThread = `
    const { native } = await import("${pathOf("kafka/native.ts")}");
    writeLogBy(native.standardError);`;

  test.each([
    ["this thread", ""],
    ["a thread for that alone", byThread],
  ])("loses no line when the process exits at once and they are written by %s", (_, writer) => {
    const body = `${writer} for (let i = 0; i < 5000; i++) log.info("line " + i);`;
    const lines = logged(`${body} writeLastWords("last words\\n");`, {
      level: "info",
      format: "text",
    });
    expect(lines).toHaveLength(5001);
    expect(lines.at(-2)).toEndWith("line 4999");
    expect(lines.at(-1)).toBe("last words");
  });

  test("says how many lines were dropped when there is room, also when no other follows", () => {
    const lines = logged(
      `const lines = [];
      const reader = { isBack: false, dropped: 0 };
      writeLogBy({
        write: (line) => reader.isBack ? lines.push(line) > 0 : (reader.dropped++, false),
        takeDropped: () => {
          const { isBack, dropped } = reader;
          if (isBack) reader.dropped = 0;
          return isBack ? dropped : 0;
        },
        flush: () => true,
      });
      log.error("lost");
      log.error("lost too");
      reader.isBack = true;
      while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await Bun.write(Bun.stderr, lines.join(""));`,
      { level: "error", format: "text" },
    );
    expect(lines.map((line) => line.replace(time, ""))).toEqual([
      "ERR aggregator: Dropped log records, because nobody read standard error in time. dropped=2",
    ]);
  });
});

describe("writeFully", () => {
  test("gives up, without an error, on a pipe that nobody empties", () => {
    const folder = mkdtempSync(join(tmpdir(), "salesboard-log-"));
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      writeFully(fd, "x".repeat(1024 * 1024));
      const taken = readSync(fd, Buffer.alloc(1024 * 1024));
      expect(taken).toBeGreaterThan(0);
      expect(taken).toBeLessThan(1024 * 1024);
    } finally {
      closeSync(fd);
      rmSync(folder, { recursive: true });
    }
  });

  test("does not fail on a closed file", () => {
    expect(() => writeFully(1_000_000, "x")).not.toThrow();
  });
});
