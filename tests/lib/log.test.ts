import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogOptions, writeFully } from "../../src/lib/log.ts";

/** The lines on standard error of a process that opens a log, runs `body` and exits at once. */
function logged(body: string, options: LogOptions): string[] {
  const script = `
    import { openLog } from "${new URL("../../src/lib/log.ts", import.meta.url).pathname}";
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

  test("loses no line when the process exits at once", () => {
    const lines = logged(`for (let i = 0; i < 5000; i++) log.info("line " + i);`, {
      level: "info",
      format: "text",
    });
    expect(lines).toHaveLength(5000);
    expect(lines.at(-1)).toEndWith("line 4999");
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
