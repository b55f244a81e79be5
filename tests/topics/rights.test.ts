/** The rights that roles need, as the table in docs/operate.md lists them. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { allowCommand, neededRights } from "../../src/topics/rights.ts";
import { configOf } from "../support/context.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/operate.md", import.meta.url)), "utf8");
const names = ["in", "out", "out.history", "in.dlq", "G", "G"];

function settings(roles: string) {
  const topics = ["--input-topic", "in", "--output-topic", "out", "--group", "G"];
  return configOf("run", "--brokers", "kafka:9092", "--roles", roles, ...topics);
}

/** "in Read", for each right in a row of the table. */
function listed(command: string): string[] {
  const row = page.split("\n").find((line) => line.startsWith(`| \`${command}\``)) ?? "";
  const cells = row.split("|").slice(2, -1);
  return cells.flatMap((cell, i) =>
    [...cell.matchAll(/\b(Read|Write)\b/g)].map(([right]) => `${names[i]} ${right}`),
  );
}

test.each([
  ["produce", "producer"],
  ["aggregate", "aggregator"],
  ["serve", "dashboard"],
])("%s needs what docs/operate.md lists", (command, role) => {
  const needed = neededRights(settings(role)).map(({ name, right }) => `${name} ${right}`);
  expect(needed.sort()).toEqual(listed(command).sort());
  expect(needed.length).toBeGreaterThan(0);
});

test("the topic of a dimension needs what the output needs", () => {
  const map = ["--map", "product: p; price: 1; by store: s", "--output-topic", "out"];
  const config = configOf("run", "--brokers", "kafka:9092", ...map);
  const of = (topic: string) =>
    neededRights(config).flatMap(({ name, right }) => (name === topic ? right : []));
  expect(of("out.by-store")).toEqual(["Read", "Write"]);
  expect(of("out.by-store")).toEqual(of("out"));
});

test("a right of two roles is needed once, and is not optional when one of them needs it", () => {
  const needed = neededRights(settings("aggregator,dashboard"));
  const input = needed.filter(({ name }) => name === "in");
  expect(input).toEqual([{ resource: "Topic", name: "in", right: "Read", isOptional: false }]);
});

test("the command gives the right to the user that the brokers know", () => {
  const need = { resource: "TransactionalId", name: "G", right: "Write" } as const;
  expect(allowCommand(need, { brokers: "kafka:9092", user: "board" })).toBe(
    "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal User:board " +
      "--resource-pattern-type prefixed --transactional-id G --operation Write",
  );
});

// Pasted, the shell cut "--group team north" after the first word, and ran what stood behind ";".
test("the command says any name of a user and of a group so that a shell passes it on", () => {
  const need = { resource: "Group", name: "team north", right: "Read" } as const;
  const command = allowCommand(need, { user: "CN=board;OU=it" });
  expect(command).toContain("--allow-principal 'User:CN=board;OU=it' ");
  expect(command).toContain("--group 'team north' ");
});
