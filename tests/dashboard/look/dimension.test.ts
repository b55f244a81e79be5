import { expect, test } from "bun:test";
import { titleOf } from "../../../src/dashboard/look/dimension.ts";

test.each([
  ["store", "Store"],
  ["payment_method", "Payment method"],
  ["sales-channel", "Sales channel"],
  ["a", "A"],
])("the dimension %s is called %s", (name, title) => {
  expect(titleOf(name)).toBe(title);
});
