import { describe, expect, test } from "bun:test";
import { timeZone } from "../../../src/mapping/exact/zone.ts";
import { judgeOf, record, toldLine } from "../records.ts";

const flat = "product: p; quantity: q; price: m";

describe("time", () => {
  const rules = "lines: items[]; product: 'a'; price: 1; time: at else $.at";

  test("is read of the line, and where it is not there or wrong the line is untimed", () => {
    const at = "2026-03-01T00:00:00Z";
    const verdict = judgeOf(rules).judge(
      record(JSON.stringify({ items: [{ at }, { at: "soon" }, { at: {} }, { at: null }] })),
    );
    if (verdict.kind !== "counted") throw new Error(verdict.kind);
    expect(verdict.untimed).toBe(3);
    expect(verdict.lines.map(({ timestamp }) => timestamp)).toEqual([
      Date.parse(at),
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("without the rule nothing is untimed", () => {
    expect(judgeOf(flat).judge(record('{"p":"a","q":1,"m":1}'))).toMatchObject({ untimed: 0 });
  });

  test.each([
    ["time: day + ' ' + clock", { day: "2026-03-01", clock: "08:16" }, "2026-03-01T07:16:00.000Z"],
    ["time: n days", { n: 20_513 }, "2026-03-01T00:00:00.000Z"],
    ["time: $header.at", {}, "2026-02-01T00:00:00.000Z"],
    ["time: json(x).at", { x: "{" }, undefined],
    ["time: day + clock", { day: "2026-03-01" }, undefined],
  ])("%s of %j is %s", (rule, value, expected) => {
    const zone = timeZone("Europe/Berlin");
    const judge = judgeOf(`product: 'a'; price: 1; ${rule}`, {
      format: "json",
      currency: "USD",
      zone,
    });
    const headers = { at: "2026-02-01T00:00:00Z" };
    const told = expected ? `a 1 · 1.00 at ${expected}` : "a 1 · 1.00";
    const verdict = judge.judge(record(JSON.stringify(value), { headers }));
    expect(verdict.kind === "counted" ? verdict.lines.map(toldLine) : []).toEqual([told]);
    expect(verdict).toMatchObject({ untimed: expected ? 0 : 1 });
  });
});
