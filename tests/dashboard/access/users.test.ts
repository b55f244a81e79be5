import { describe, expect, test } from "bun:test";
import { parseUsers } from "../../../src/dashboard/access/users.ts";

const bcrypt = "$2y$05$EBnGjMG/aTjVB7gmGsce7O./fto1WKPn5Oy1H28AEGEhflUva9UvK";
const argon = "$argon2id$v=19$m=65536,t=2,p=1$9OPu4AoLbhreDY+RKpaInEBnuV5/0K$aYrXZU3cRoafiIJS+D";

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

  test("refuses a file that names nobody, because nobody could log in", () => {
    expect(() => parseUsers("# nobody\n")).toThrow("it names no user");
  });
});
