import { expect, test } from "bun:test";
import { openLibc } from "../../src/lib/libc.ts";

const missing = (name: string) => {
  throw new Error(`${name}: cannot open shared object file`);
};

test("glibc is opened by its name", () => {
  expect(openLibc((name) => name)).toBe("libc.so.6");
});

// Where musl is the C library, no addon could be loaded from memory, and no buffer was bounded.
test("musl is opened where there is no glibc", () => {
  expect(openLibc((name) => (name === "libc.so.6" ? missing(name) : name))).toBe("libc.so");
});

test("where there is neither, the caller hears of it", () => {
  expect(() => openLibc(missing)).toThrow("libc.so: cannot open");
});
