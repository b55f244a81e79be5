import { describe, expect, spyOn, test } from "bun:test";
import { LoginsBusyError, Passwords } from "../../../src/dashboard/access/passwords.ts";
import { parseUsers } from "../../../src/dashboard/access/users.ts";
import { hashOf } from "../../support/users.ts";

const users = parseUsers(`ada:${await hashOf("analytical")}\nbob:${await hashOf("builder")}\n`);

describe("Passwords", () => {
  test("knows a user by the password, as htpasswd has hashed it", async () => {
    const passwords = new Passwords(() => users);
    expect((await passwords.verify("ada", "analytical"))?.name).toBe("ada");
    expect(await passwords.verify("ada", "builder")).toBeUndefined();
    expect(await passwords.verify("ada", "")).toBeUndefined();
    expect(await passwords.verify("ada", `analytical${" ".repeat(2_000)}`)).toBeUndefined();
  });

  test("knows a user by argon2 too, by each of up to 1024 characters", async () => {
    const long = `${"ab ☕".repeat(256)}`.slice(0, 1024);
    const hash = await Bun.password.hash(long, {
      algorithm: "argon2id",
      memoryCost: 8,
      timeCost: 1,
    });
    const passwords = new Passwords(() => parseUsers(`grace:${hash}`));
    expect((await passwords.verify("grace", long))?.name).toBe("grace");
    for (const other of [long.slice(0, -1), `${long.slice(0, -1)}x`, `${long}x`]) {
      expect(await passwords.verify("grace", other)).toBeUndefined();
    }
  });

  // Otherwise the time that an answer takes would tell which names exist.
  test("a name that nobody has costs a password, and the right one of another is of no use", async () => {
    const verify = spyOn(Bun.password, "verify");
    try {
      const passwords = new Passwords(() => users);
      for (const password of ["analytical", "builder"]) {
        expect(await passwords.verify("eve", password)).toBeUndefined();
      }
      expect(verify).toHaveBeenCalledTimes(2);
    } finally {
      verify.mockRestore();
    }
  });

  test("remembers what was right until the line of the user changes", async () => {
    let current = users;
    const passwords = new Passwords(() => current);
    expect(passwords.remembered("ada", "analytical")).toBeUndefined();
    await passwords.verify("ada", "analytical");
    await passwords.verify("ada", "wrong");
    expect(passwords.remembered("ada", "analytical")?.name).toBe("ada");
    expect(passwords.remembered("ada", "wrong")).toBeUndefined();
    current = parseUsers(`ada:${await hashOf("other")}`);
    expect(passwords.remembered("ada", "analytical")).toBeUndefined();
  });

  test("checks at most two at once, and lets at most 32 wait", async () => {
    let [running, most] = [0, 0];
    const verify = spyOn(Bun.password, "verify").mockImplementation(async () => {
      most = Math.max(most, ++running);
      await Bun.sleep(1);
      running--;
      return false;
    });
    try {
      const passwords = new Passwords(() => users);
      const all = Array.from({ length: 50 }, () => passwords.verify("ada", "x"));
      const settled = await Promise.allSettled(all);
      const refused = settled.filter(({ status }) => status === "rejected");
      expect([most, refused.length]).toEqual([2, 16]);
      expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(LoginsBusyError);
    } finally {
      verify.mockRestore();
    }
  });
});
