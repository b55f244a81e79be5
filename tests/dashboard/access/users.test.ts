import { describe, expect, test } from "bun:test";
import { parseUsers } from "../../../src/dashboard/access/users.ts";

const bcrypt = "$2y$05$EBnGjMG/aTjVB7gmGsce7O./fto1WKPn5Oy1H28AEGEhflUva9UvK";
const argon =
  "$argon2id$v=19$m=65536,t=2,p=1$nFA4fCjGQWgkSRBULPbolw$LCq8S3Eh7sZR/lQ5r35NhVCG/iXrn+kwqI8NhjD0dfU";

describe("parseUsers", () => {
  test("reads lines of htpasswd, of argon2, with a role, and skips comments", () => {
    const users = parseUsers(`# who\n\nada:${bcrypt}\r\n  bob b:${argon}:guest \n`);
    expect([...users.values()]).toEqual([
      { name: "ada", hash: bcrypt, role: "viewer" },
      { name: "bob b", hash: argon, role: "guest" },
    ]);
  });

  test.each([
    ["ada", "line 2: it must be name:hash[:role]"],
    [`ada:${bcrypt}:viewer:x`, "line 2: it must be name:hash[:role]"],
    [`:${bcrypt}`, "line 2: the name must have 1 to 128 characters"],
    [`${"a".repeat(129)}:${bcrypt}`, "line 2: the name must have 1 to 128 characters"],
    ["ada:geheim", "line 2: the hash must be of bcrypt or argon2"],
    ["ada:$apr1$x$geheim", "line 2: the hash must be of bcrypt or argon2"],
    [`ada:${bcrypt.replace("$05$", "$31$")}`, "line 2: the cost of bcrypt must be 4 to 14"],
    [`ada:${argon.replace("65536", "99999999")}`, "line 2: argon2 may have at most"],
    [`ada:${bcrypt}:boss`, "line 2: the role must be one of viewer, guest"],
    [`ada:${bcrypt}\nada:${bcrypt}`, "line 3: the name ada stands in the file twice"],
  ])("refuses %s by its line, without the hash", (line, sentence) => {
    expect(() => parseUsers(`# who\n${line}\n`)).toThrow(sentence);
    try {
      parseUsers(`# who\n${line}\n`);
    } catch (error) {
      expect(String(error)).not.toMatch(/geheim|fto1WKPn5/);
    }
  });

  // A hash that was cut or mistyped was taken, and every login that met it was answered 500, also
  // those of names that nobody has.
  test.each([
    bcrypt.slice(0, -1),
    bcrypt.replace("sce7O.", "sce7a."),
    bcrypt.replace(/K$/, "L"),
    argon.slice(0, -1),
    argon.replace(/.{4}$/, "!!!!"),
    argon.replace("t=2", "t=0"),
    argon.replace("p=1", "p=0"),
    argon.replace(/\$[^$]+$/, "$x"),
    argon.replace(/\$[^$]+\$([^$]+)$/, "$YWJj$$$1"),
  ])("refuses %s, which nobody could check", async (hash) => {
    expect(() => parseUsers(`ada:${hash}`)).toThrow("line 1: the hash must be of bcrypt or argon2");
    const checked = Bun.password.verify("geheim", hash);
    expect(await checked.catch(() => "not to be checked")).toBe("not to be checked");
  });

  test("takes whatever Bun makes", async () => {
    const made = await Promise.all(
      Array.from({ length: 40 }, () => Bun.password.hash("x", { algorithm: "bcrypt", cost: 4 })),
    );
    const argons = (["argon2id", "argon2i", "argon2d"] as const).map((algorithm) =>
      Bun.password.hash("x", { algorithm, memoryCost: 64, timeCost: 1 }),
    );
    for (const hash of [...made, ...(await Promise.all(argons))]) {
      expect(parseUsers(`ada:${hash}`).size).toBe(1);
    }
  });

  test("refuses a file that names nobody, because nobody could log in", () => {
    expect(() => parseUsers("# nobody\n")).toThrow("it names no user");
  });
});
