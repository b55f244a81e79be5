import { expect, test } from "bun:test";
import { encodeComment, encodeMessage, joinMessages } from "../../../src/dashboard/stream/sse.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test("encodeMessage writes an unnamed message", () => {
  expect(text(encodeMessage({ data: "a" }))).toBe("data: a\n\n");
});

test("encodeMessage writes a named message", () => {
  expect(text(encodeMessage({ event: "hb", data: '{"t":1}' }))).toBe(
    'event: hb\ndata: {"t":1}\n\n',
  );
});

test.each(["a\nb", "a\r\nb", "a\rb"])("encodeMessage keeps %j inside one message", (data) => {
  expect(text(encodeMessage({ data }))).toBe("data: a\ndata: b\n\n");
});

test("encodeMessage does not let data end the message and start another", () => {
  const bytes = encodeMessage({ data: "x\n\nevent: bye\ndata: forged" });
  expect(text(bytes)).toBe("data: x\ndata: \ndata: event: bye\ndata: data: forged\n\n");
});

test.each(["", "a\nb", "a\rb", "a\0b"])("encodeMessage rejects the event name %j", (event) => {
  expect(() => encodeMessage({ event, data: "" })).toThrow(TypeError);
});

test("encodeComment writes one line and rejects two", () => {
  expect(text(encodeComment("ok"))).toBe(": ok\n\n");
  expect(() => encodeComment("a\nb")).toThrow(TypeError);
});

test("joinMessages keeps the order", () => {
  const frame = joinMessages(
    encodeMessage({ data: "1" }),
    encodeMessage({ event: "e", data: "2" }),
  );
  expect(text(frame)).toBe("data: 1\n\nevent: e\ndata: 2\n\n");
});
