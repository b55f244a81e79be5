import { describe, expect, test } from "bun:test";
import { Attempts } from "../../../src/dashboard/access/attempts.ts";
import { TestClock } from "../../support/clock.ts";

function started() {
  const clock = new TestClock();
  const attempts = new Attempts(() => clock.now());
  const waitMs = (name: string, address: string) => attempts.begin(name, address).waitMs;
  return { clock, attempts, waitMs };
}

describe("Attempts", () => {
  test("a name waits longer with each failure, at most 10 s", () => {
    const { clock, waitMs } = started();
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      const wait = waitMs("ada", `10.0.0.${i}`);
      waits.push(wait);
      clock.pass(wait);
      if (wait > 0) expect(waitMs("ada", `10.0.1.${i}`)).toBe(0);
    }
    expect(waits).toEqual([0, 0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  });

  test("an address waits for whatever names it tries, at most 60 s", () => {
    const { clock, waitMs } = started();
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) expect(waitMs(`name ${i}`, "10.0.0.1")).toBe(0);
    for (let i = 0; i < 8; i++) {
      const wait = waitMs(`another ${i}`, "10.0.0.1");
      waits.push(wait);
      clock.pass(wait);
      waitMs(`third ${i}`, "10.0.0.1");
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(waitMs("name", "10.0.0.2")).toBe(0);
  });

  test("many at once are no way around: each counts before it is known to fail", () => {
    const { attempts } = started();
    const all = Array.from({ length: 100 }, () => attempts.begin("ada", "10.0.0.1"));
    expect(all.filter(({ waitMs }) => waitMs === 0)).toHaveLength(5);
  });

  test("success forgives the name, and one failure of the address", () => {
    const { attempts, waitMs } = started();
    for (let i = 0; i < 4; i++) waitMs("ada", "10.0.0.1");
    attempts.begin("ada", "10.0.0.1").succeed();
    for (let i = 0; i < 5; i++) expect(waitMs("ada", "10.0.0.2")).toBe(0);
    expect(waitMs("ada", "10.0.0.2")).toBe(1_000);
  });

  test("failures are forgotten after a quarter of an hour", () => {
    const { clock, waitMs } = started();
    for (let i = 0; i < 20; i++) waitMs("ada", "10.0.0.1");
    clock.pass(15 * 60_000);
    for (let i = 0; i < 5; i++) expect(waitMs("ada", "10.0.0.1")).toBe(0);
  });

  test("the addresses of one IPv6 network are one", () => {
    const { waitMs } = started();
    for (let i = 0; i < 10; i++) waitMs(`name ${i}`, `2001:db8::${i + 1}`);
    expect(waitMs("x", "2001:db8:0:0:7::1")).toBe(1_000);
    expect(waitMs("x", "2001:db8:0:1::1")).toBe(0);
  });

  test("what is remembered is bounded", () => {
    const { attempts } = started();
    for (let i = 0; i < 12_000; i++) attempts.begin(`name ${i}`, `address ${i}`);
    expect(attempts.size).toBe(10_000);
  });
});
