import { expect, test } from "bun:test";
import { encodeComment, encodeMessage } from "../../src/dashboard/stream/sse.ts";
import { StreamReader } from "../../src/top/messages.ts";

test("messages come out as they were sent, however the stream is cut", () => {
  const sent = [
    { event: "hb", data: '{"t":1}' },
    { event: "", data: "<p>two\nlines</p>" },
    { event: "totals", data: "[]" },
  ];
  const bytes = [
    encodeComment("hello"),
    ...sent.map(({ event, data }) => encodeMessage({ data, ...(event !== "" && { event }) })),
  ];
  const text = bytes.map((part) => new TextDecoder().decode(part)).join("");
  for (const size of [1, 7, text.length]) {
    const reader = new StreamReader();
    const read = [];
    for (let at = 0; at < text.length; at += size)
      read.push(...reader.push(text.slice(at, at + size)));
    expect(read).toEqual(sent);
  }
});
