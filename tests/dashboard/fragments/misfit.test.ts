import { describe, expect, test } from "bun:test";
import { changeFrame, snapshotFrame } from "../../../src/dashboard/fragments/fragments.ts";
import { misfit } from "../../../src/dashboard/fragments/misfit.ts";
import type { Advice } from "../../../src/dashboard/model/advice.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { BOOKKEEPING_KEY, type Bookkeeping } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";
import { key, lookOf, sceneOf, site, total } from "../fixture.ts";

const cluster = { ...site, isEmbedded: false };
const proposal = {
  sureness: "likely" as const,
  counted: 280,
  filtered: 15,
  deadLetters: 5,
  commands: ["salesboard reset --brokers k:9092 && \\", "salesboard --map '\n  price: p\n'"],
};
const advice: Advice = {
  looked: 300,
  reason: { text: 'price: must be a number, received "9.99" at p', records: 290 },
  fits: false,
  proposal,
};

function shown(
  of: { sales?: bigint; filtered?: bigint; deadLetters?: bigint; advice?: Advice | undefined },
  mask = false,
) {
  const { sales = 0n, filtered = 0n, deadLetters = 0n, advice } = of;
  const { board } = new SalesView();
  const totalEver = { ...board.totalEver, sales };
  const text = misfit(
    { ...board, isComplete: true, totalEver, filtered, deadLetters, advice },
    cluster,
    lookOf(mask ? "mask" : ""),
  );
  return String(text).replace(/\s+/g, " ");
}

describe("misfit", () => {
  test("is not there while records count, and before there are any", () => {
    expect(shown({ advice })).toBe("");
    // Somebody who tries Salesboard sends a handful of records, or one.
    expect(shown({ deadLetters: 1n })).toContain("Every record so far");
    expect(shown({ deadLetters: 1_000n, sales: 1n, advice })).toBe("");
  });

  test("says what became of the records", () => {
    expect(shown({ deadLetters: 10n })).toContain("Every record so far was rejected.");
    expect(shown({ filtered: 10n })).toContain("the mapping says that none is about a sale.");
    expect(shown({ filtered: 5n, deadLetters: 5n })).toContain("was rejected or filtered.");
    expect(shown({ deadLetters: 10n })).toContain("Looking at the latest records");
  });

  test("says why, and shows the commands that would count them", () => {
    const html = shown({ deadLetters: 10n, advice });
    expect(html).toContain("The reason in 290 of the latest 300:");
    expect(html).toContain("counts 280 of the latest 300 records, filters 15, and rejects 5.");
    expect(html).toContain(
      "<code>salesboard reset --brokers k:9092 &amp;&amp; \\&#10;salesboard --map &#39;&#10; price: p&#10;&#39;",
    );
    expect(html).toContain("Stop all processes, and type:");
  });

  // "The mapping below counts 1 of the latest 1 records" met who had sent a single one.
  test("speaks of one record as of one", () => {
    const one = { ...advice, looked: 1, proposal: { ...proposal, counted: 1, filtered: 0 } };
    expect(shown({ deadLetters: 1n, advice: one })).toContain("below counts the latest record.");
    const fits = { ...one, proposal: undefined, fits: true };
    expect(shown({ deadLetters: 1n, advice: fits })).toContain("The latest record fits");
  });

  test("shows no value of a record where amounts are masked", () => {
    expect(shown({ deadLetters: 10n, advice })).toContain("9.99");
    expect(shown({ deadLetters: 10n, advice }, true)).not.toContain("9.99");
  });

  test("has no figure that goes on, so that a reader can copy", () => {
    expect(shown({ deadLetters: 10n, advice })).toBe(shown({ deadLetters: 99_999n, advice }));
  });

  test("without a proposal says who can help", () => {
    const none = { ...advice, proposal: undefined };
    expect(shown({ deadLetters: 10n, advice: none })).toContain("<code>salesboard inspect</code>");
    expect(shown({ deadLetters: 10n, advice: { ...none, fits: true } })).toContain(
      "Give the aggregator",
    );
  });
});

// Frames have no line ends between tags, and took those of the command too: one line that no shell
// understands.
test("frames bring the banner with the lines of its commands, and take it away", () => {
  const view = new SalesView();
  const scene = sceneOf(view);
  const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf: undefined };
  const judged = (part: Partial<Bookkeeping>) =>
    view.apply(0, BOOKKEEPING_KEY, bookkeepingRecord({ inputOffset: 99, ...part }));
  const frame = (advised: Advice | undefined) => {
    const change = view.publish({ ...live, advice: advised });
    return new TextDecoder().decode(changeFrame(scene(), change, lookOf()));
  };
  frame(undefined);
  judged({ deadLetters: 20n });
  expect(frame(undefined)).toContain("Looking at the latest records");
  const found = frame(advice);
  expect(found).toContain("&amp;&amp; \\&#10;salesboard --map &#39;&#10;  price: p&#10;&#39;");
  expect(new TextDecoder().decode(snapshotFrame(scene(), lookOf()))).toContain("&#10;  price: p");
  judged({ deadLetters: 30n });
  expect(frame(advice)).not.toContain("#misfit");
  view.apply(0, key("Tea"), total("Tea", "1.00"));
  judged({ deadLetters: 30n, sales: 1n });
  expect(frame(advice)).toContain('hx-target="#misfit" hx-swap="innerMorph"></hx-partial>');
});
