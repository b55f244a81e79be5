import { describe, expect, test } from "bun:test";
import {
  hashOfToken,
  isOver,
  lineOfToken,
  newToken,
  parseTokens,
} from "../../../src/dashboard/access/tokens.ts";

const hash = "ab".repeat(32);

describe("parseTokens", () => {
  test("reads what lineOfToken writes", () => {
    const end = new Date("2027-01-31T00:00:00Z");
    const tokens = [
      { name: "till 7", hash, role: "guest", end },
      { name: "scrape", hash: hash.replace("a", "c"), role: "viewer", end: undefined },
    ] as const;
    const text = `# programs\n\n${tokens.map(lineOfToken).join("\r\n")}\n`;
    expect([...parseTokens(text).values()]).toEqual([...tokens]);
    expect(parseTokens("").size).toBe(0);
  });

  test.each([
    ["till", "line 2: it must be name:hash:role:end"],
    [`:${hash}:viewer:never`, "line 2: the name must have 1 to 128 characters"],
    ["till:sb_secret:viewer:never", "line 2: the hash must be 64 digits"],
    [`till:${hash}:boss:never`, "line 2: the role must be one of viewer, guest"],
    [`till:${hash}:viewer:tomorrow`, "line 2: the end must be never, or such as"],
    [`till:${hash}:viewer:2027-13-31T00:00:00Z`, "line 2: the end must be never, or such as"],
    [
      `a:${hash}:viewer:never\na:${hash}:guest:never`,
      "line 3: the name a stands in the file twice",
    ],
  ])("refuses %s by its line", (line, sentence) => {
    expect(() => parseTokens(`# programs\n${line}\n`)).toThrow(sentence);
  });
});

test("a token is long, is another one each time, and is found by its hash", () => {
  const [one, two] = [newToken(), newToken()];
  expect(one).toMatch(/^sb_[\w-]{43}$/);
  expect(one).not.toBe(two);
  expect(hashOfToken(one)).toMatch(/^[0-9a-f]{64}$/);
  expect(hashOfToken(one)).not.toBe(hashOfToken(two));
});

test("isOver: from its end on, and never without one", () => {
  const end = new Date(1_000);
  const token = { name: "a", hash, role: "viewer", end } as const;
  expect([isOver(token, new Date(999)), isOver(token, new Date(1_000))]).toEqual([false, true]);
  expect(isOver({ ...token, end: undefined }, new Date(8e15))).toBe(false);
});
