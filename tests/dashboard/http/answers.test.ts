/** What all addresses have in common. */

import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { type Fed, fedDashboard } from "../fixture.ts";

const open: Fed[] = [];
afterAll(() => {
  for (const { dashboard } of open) dashboard.close();
});

const passwd = readFileSync("/etc/passwd", "utf8").split("\n")[0] ?? "";

test.each([
  "/assets/..%2f..%2f..%2fetc%2fpasswd",
  "/assets/%2e%2e/%2e%2e/etc/passwd",
  "/assets/....//etc/passwd",
  "/assets/%2Fetc%2Fpasswd",
  "/assets/..%5c..%5cetc%5cpasswd",
  "/assets/etc/passwd%00.css",
  "/assets/",
  "/assets",
  "/download/..%2f..%2fetc%2fpasswd",
  "/etc/passwd",
  "//etc/passwd",
])("%s leads to no file of the machine, and to no list of files", async (path) => {
  const fed = await fedDashboard();
  open.push(fed);
  const answer = await fed.dashboard.app.request(`http://localhost${path}`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).not.toContain(passwd);
});
