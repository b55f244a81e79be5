import { describe, expect, test } from "bun:test";
import {
  SESSION_IDLE_MS_MAX,
  SESSION_MS_MAX,
  Sessions,
} from "../../../src/dashboard/access/sessions.ts";
import type { User } from "../../../src/dashboard/access/users.ts";
import { TestClock } from "../../support/clock.ts";

const ada: User = { name: "ada", hash: "h", role: "viewer" };

function started() {
  const clock = new TestClock();
  const users = new Map([["ada", ada]]);
  const sessions = new Sessions(
    () => clock.now(),
    () => users,
  );
  return { clock, users, sessions };
}

describe("Sessions", () => {
  test("each has a secret of 256 bits of its own", () => {
    const { sessions } = started();
    const secrets = new Set(Array.from({ length: 20 }, () => sessions.open(ada)));
    expect(secrets.size).toBe(20);
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
    expect(sessions.use("")).toBeUndefined();
  });

  test("a session lasts while it is used, and no longer than its time", () => {
    const { clock, sessions } = started();
    const secret = sessions.open(ada);
    for (let passed = 0; passed <= SESSION_MS_MAX; passed += SESSION_IDLE_MS_MAX) {
      expect(sessions.use(secret)).toBe(ada);
      clock.pass(SESSION_IDLE_MS_MAX);
    }
    expect(sessions.use(secret)).toBeUndefined();
  });

  test("a session that is not used ends", () => {
    const { clock, sessions } = started();
    const secret = sessions.open(ada);
    clock.pass(SESSION_IDLE_MS_MAX + 1);
    expect(sessions.use(secret)).toBeUndefined();
    expect(sessions.size).toBe(0);
  });

  test.each([
    ["the user is gone", (users: Map<string, User>) => users.delete("ada")],
    [
      "the role is another",
      (users: Map<string, User>) => users.set("ada", { ...ada, role: "guest" }),
    ],
    [
      "the password is another",
      (users: Map<string, User>) => users.set("ada", { ...ada, hash: "i" }),
    ],
  ])("a session ends when %s", (_, change) => {
    const { users, sessions } = started();
    const secret = sessions.open(ada);
    expect(sessions.use(secret)).toBe(ada);
    change(users);
    expect(sessions.use(secret)).toBeUndefined();
  });

  test("a closed session is over, and others go on", () => {
    const { sessions } = started();
    const [one, two] = [sessions.open(ada), sessions.open(ada)];
    sessions.close(one);
    expect([sessions.use(one), sessions.use(two)]).toEqual([undefined, ada]);
  });

  test("a user has at most 50, and the one that was not used for longest gives way", () => {
    const { sessions } = started();
    const secrets = Array.from({ length: 50 }, () => sessions.open(ada));
    sessions.use(secrets[0] ?? "");
    sessions.open(ada);
    expect(sessions.size).toBe(50);
    expect(sessions.use(secrets[0] ?? "")).toBe(ada);
    expect(sessions.use(secrets[1] ?? "")).toBeUndefined();
  });
});
