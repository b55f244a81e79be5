import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { runToken } from "../../../src/dashboard/access/token-command.ts";
import { hashOfToken, parseTokens } from "../../../src/dashboard/access/tokens.ts";
import { read, refusal } from "../../support/settings.ts";
import { temporaryFolder } from "../../support/users.ts";

const folder = temporaryFolder();
afterAll(folder.remove);
const now = new Date("2026-11-27T12:00:00Z");
let files = 0;

function opened() {
  const path = folder.file(`tokens-${++files}`);
  const run = (...args: string[]) => {
    const lines: string[] = [];
    const { config } = read(["token", ...args, "--tokens", path]);
    runToken({ config, now, print: (line) => void lines.push(line) });
    return lines.join("\n");
  };
  return { path, run };
}

describe("runToken", () => {
  test("prints a new token once, and keeps its hash, name, role and end", () => {
    const { path, run } = opened();
    const token = run("create", "--name", "till 7", "--role", "guest", "--expires", "2d");
    const text = readFileSync(path, "utf8");
    expect(text).not.toContain(token);
    expect(parseTokens(text).get(hashOfToken(token))).toEqual({
      name: "till 7",
      hash: hashOfToken(token),
      role: "guest",
      end: new Date("2026-11-29T12:00:00Z"),
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("appends, also to a file whose last line has no end", () => {
    const { path, run } = opened();
    run("create", "--name", "a");
    writeFileSync(path, `# ours\n${readFileSync(path, "utf8").trimEnd()}`);
    run("create", "--name", "b", "--expires", "never");
    expect(run("list")).toBe("a  viewer  ends   2027-02-25T12:00:00.000Z\nb  viewer  ends   never");
  });

  test("revokes one by its name, and keeps the rest of the file", () => {
    const { path, run } = opened();
    for (const name of ["a", "b"]) run("create", "--name", name);
    writeFileSync(path, `# ours: a\n${readFileSync(path, "utf8")}`);
    expect(run("revoke", "--name", "a")).toBe("The token a is revoked.");
    expect(readFileSync(path, "utf8")).toMatch(/^# ours: a\nb:[^\n]+\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("says what is wrong with the name or the file", () => {
    const { path, run } = opened();
    expect(() => run("list")).toThrow(`Cannot use --tokens ${path}: ENOENT`);
    run("create", "--name", "a");
    expect(() => run("create", "--name", "a")).toThrow(`${path} has a token of this name`);
    expect(() => run("revoke", "--name", "b")).toThrow(`${path} has no token of this name`);
    writeFileSync(path, "wrong\n");
    expect(() => run("create", "--name", "c")).toThrow(`Cannot use --tokens ${path}: line 1: it`);
    expect(readFileSync(path, "utf8")).toBe("wrong\n");
  });

  test("needs a file and a name", () => {
    expect(refusal(["token", "create", "--name", "a"])).toStartWith(
      "Cannot use token create without --tokens (SALESBOARD_TOKENS)",
    );
    expect(refusal(["token", "revoke", "--tokens", "t"])).toStartWith(
      "Cannot use token revoke without --name",
    );
    expect(refusal(["--name", "a"])).toStartWith(
      "Cannot use --name a with run: it applies only to the command token.",
    );
    expect(refusal(["verify", "--brokers", "k:1", "--users", "u"])).toStartWith(
      "Cannot use --users with verify: it applies only to serve",
    );
  });
});
