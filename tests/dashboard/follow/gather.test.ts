import { expect, test } from "bun:test";
import { Gathering } from "../../../src/dashboard/follow/gather.ts";

/** After a transaction in so many partitions, which arrived at time 0 one by one. */
function gathered(partitions: number): Gathering {
  const gathering = new Gathering();
  for (let id = 0; id < partitions; id++) {
    gathering.add(id, 0);
    gathering.end();
  }
  return gathering;
}

test("Gathering waits for nothing while nothing has arrived", () => {
  expect(new Gathering().waitMs(0)).toBeUndefined();
  expect(gathered(3).waitMs(100)).toBeUndefined();
});

test("Gathering does not wait while transactions are in one partition", () => {
  const gathering = gathered(1);
  gathering.add(2, 100);
  expect(gathering.waitMs(100)).toBe(0);
});

test("Gathering waits until as many partitions have arrived as last time", () => {
  const gathering = gathered(3);
  gathering.add(0, 100);
  gathering.add(0, 100);
  gathering.add(2, 101);
  expect(gathering.waitMs(101)).toBeGreaterThan(0);
  gathering.add(1, 102);
  expect(gathering.waitMs(102)).toBe(0);
});

test("Gathering does not wait for long, and for fewer the next time", () => {
  const gathering = gathered(4);
  gathering.add(0, 100);
  const waitMs = gathering.waitMs(100) ?? 0;
  expect(gathering.waitMs(100 + waitMs / 2)).toBeGreaterThan(0);
  expect(gathering.waitMs(100 + waitMs)).toBe(0);
  expect(gathering.waitMs(100_000)).toBe(0);
  gathering.end();
  gathering.add(3, 200_000);
  expect(gathering.waitMs(200_000)).toBe(0);
});
