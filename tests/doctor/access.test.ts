/** What `doctor` says of users, tokens and the dashboard's own certificate: it said nothing. */

import { afterAll, describe, expect, test } from "bun:test";
import { checkAccess } from "../../src/doctor/access.ts";
import { Authority } from "../support/certificates.ts";
import { configOf, quietLog } from "../support/context.ts";
import { requirement } from "../support/require.ts";
import { hashOf, replaceFile, temporaryFolder } from "../support/users.ts";

const folder = temporaryFolder();
afterAll(() => folder.remove());
const now = new Date("2026-11-28T12:00:00Z");
const DAY_MS = 24 * 3_600_000;

let files = 0;
function fileOf(text: string): string {
  const file = folder.file(`file-${++files}`);
  replaceFile(file, text);
  return file;
}

const looked = (args: readonly string[], at = now) =>
  checkAccess(configOf("doctor", ...args), quietLog, at);

test("users who may log in are counted", async () => {
  const users = fileOf(`ada:${await hashOf("x")}\ngus:${await hashOf("y")}:guest\n`);
  expect(looked(["--users", users])).toEqual([
    { check: "access", state: "ok", text: `2 users may log in, by the file ${users}.` },
  ]);
});

test("without files, or without a dashboard, there is no finding", () => {
  expect(looked([])).toEqual([]);
  const counting = { ...configOf("doctor", "--roles", "aggregator"), users: "/nowhere" };
  expect(checkAccess(counting, quietLog, now)).toEqual([]);
});

test("a file that would end the start is a problem, with its line, and the others are looked at", async () => {
  const [users, tokens] = [fileOf(`ada:${await hashOf("x")}\nbob:secret\n`), "/nowhere/tokens"];
  const findings = looked(["--users", users, "--tokens", tokens]);
  expect(findings.map(({ state }) => state)).toEqual(["problem", "problem"]);
  expect(findings[0]?.text).toBe(
    `Cannot use --users ${users}: line 2: the hash must be of bcrypt or argon2; htpasswd -B makes one.`,
  );
  expect(findings[1]?.text).toStartWith(`Cannot use --tokens ${tokens}: ENOENT`);
});

test("a token that ends soon, or has ended, is told with what makes another", () => {
  const line = (name: string, digit: string, end: string) =>
    `${name}:${digit.repeat(64)}:viewer:${end}\n`;
  const lasting = line("wall", "a", "never") + line("prometheus", "b", "2027-01-31T00:00:00Z");
  const tokens = fileOf(lasting);
  expect(looked(["--tokens", tokens])).toEqual([
    { check: "access", state: "ok", text: `2 tokens in ${tokens} let programs in.` },
  ]);
  replaceFile(
    tokens,
    lasting +
      line("till 7", "c", "2026-12-01T13:00:00Z") +
      line("old", "d", "2026-11-28T07:00:00Z") +
      line("new", "e", "2026-11-28T11:59:00Z"),
  );
  expect(looked(["--tokens", tokens])).toEqual([
    {
      check: "access",
      state: "warning",
      text: `The token till 7 in ${tokens} ends in 3 days.`,
      mend:
        `salesboard token revoke --name 'till 7' --tokens ${tokens} && ` +
        `salesboard token create --name 'till 7' --tokens ${tokens}`,
    },
    expect.objectContaining({
      state: "warning",
      text: `The token old in ${tokens} ended 5 hours ago: it lets nobody in.`,
    }),
    expect.objectContaining({
      text: `The token new in ${tokens} ended less than an hour ago: it lets nobody in.`,
    }),
  ]);
});

describe("the certificate of the dashboard", () => {
  requirement("openssl")("says how long it lasts, and whether its key fits", () => {
    const authority = new Authority();
    try {
      const { certificate, key } = authority.issue("board", { days: 40 });
      const start = Date.now();
      const after = (days: number) =>
        looked(["--tls-cert", certificate, "--tls-key", key], new Date(start + days * DAY_MS))[0];
      const name = `The certificate of the dashboard, in the file ${certificate},`;
      expect(after(1)).toMatchObject({ state: "ok", text: `${name} ends in 38 days.` });
      expect(after(31)).toMatchObject({ state: "warning", text: `${name} ends in 8 days.` });
      expect(after(45)).toMatchObject({
        state: "problem",
        text: `${name} ended 5 days ago: browsers refuse it.`,
        mend: "Renew it: the dashboard reads the file again when it changes, without a restart",
      });
      const other = authority.issue("other");
      expect(looked(["--tls-cert", certificate, "--tls-key", other.key])).toMatchObject([
        {
          state: "problem",
          text: expect.stringContaining("the key is not that of the certificate"),
        },
      ]);
    } finally {
      authority.close();
    }
  });
});
