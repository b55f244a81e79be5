import { afterAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { WatchedFile } from "../../../src/dashboard/access/watched-file.ts";
import { recordingLog } from "../../support/context.ts";
import { replaceFile, temporaryFolder } from "../../support/users.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

function parse(text: string): string {
  if (text.includes("wrong")) throw new Error("line 1: it is wrong");
  return text;
}

function watched(path: string) {
  const { log, lines } = recordingLog();
  return { file: new WatchedFile({ option: "--users", paths: [path], parse, log }), lines };
}

describe("WatchedFile", () => {
  test("says which file cannot be used, and why", () => {
    const missing = folder.file("missing");
    expect(() => watched(missing)).toThrow(`Cannot use --users ${missing}: ENOENT`);
    const path = folder.file("wrong");
    replaceFile(path, "wrong");
    expect(() => watched(path)).toThrow(`Cannot use --users ${path}: line 1: it is wrong.`);
  });

  test("reads a file again when it has changed", () => {
    const path = folder.file("changing");
    replaceFile(path, "one");
    const { file } = watched(path);
    expect(file.check()).toBe(false);
    expect(file.value).toBe("one");
    replaceFile(path, "two");
    expect([file.check(), file.check()]).toEqual([true, false]);
    expect(file.value).toBe("two");
  });

  test("obeys what it said before while it is wrong or away, and says so once", () => {
    const path = folder.file("breaking");
    replaceFile(path, "one");
    const { file, lines } = watched(path);
    replaceFile(path, "wrong");
    for (let i = 0; i < 3; i++) file.check();
    expect([file.value, lines.length]).toEqual(["one", 1]);
    rmSync(path);
    for (let i = 0; i < 3; i++) file.check();
    expect([file.value, lines.length]).toEqual(["one", 2]);
    replaceFile(path, "three");
    file.check();
    expect(file.value).toBe("three");
  });
});
