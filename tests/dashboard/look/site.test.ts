import { expect, test } from "bun:test";
import { topicNames, topicsText, totalsText } from "../../../src/dashboard/look/site.ts";
import { site } from "../fixture.ts";

/** A site of so many inputs, with shared dead letters. */
function siteOf(inputs: number) {
  const others = Array.from({ length: inputs - 1 }, (_, i) => ({
    ...site,
    inputTopic: `in${i + 2}`,
    outputTopic: `out.of-in${i + 2}`,
    boards: [{ name: "store", topic: `out.of-in${i + 2}.by-store` }],
  }));
  return { ...site, boards: [{ name: "store", topic: "out.by-store" }], others };
}

test("a line names up to three topics, each once, and says how many more there are", () => {
  const text = (inputs: number) => topicsText(siteOf(inputs), ({ inputTopic }) => inputTopic);
  expect(topicsText(site, ({ inputTopic }) => inputTopic)).toBe("in");
  expect(text(2)).toBe("in, in2");
  expect(text(3)).toBe("in, in2, in3");
  expect(text(16)).toBe("in, in2, in3, +13");
  expect(topicNames(siteOf(3), ({ deadLetterTopic }) => deadLetterTopic)).toEqual(["in.dlq"]);
});

test("the totals of a board stand in a topic of each input", () => {
  expect(totalsText(siteOf(2), {})).toBe("out, out.of-in2");
  expect(totalsText(siteOf(2), { by: "store" })).toBe("out.by-store, out.of-in2.by-store");
});
