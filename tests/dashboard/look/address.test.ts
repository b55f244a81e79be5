import { expect, test } from "bun:test";
import { addressOf, boardAddress, queryElsewhere } from "../../../src/dashboard/look/address.ts";
import { lookOf } from "../fixture.ts";

const site = { base: "/sales" };

test.each([
  ["", "/sales/"],
  ["view=graph&window=24h", "/sales/graph"],
  ["view=graph&window=15m", "/sales/graph?window=15m"],
  ["view=product&product=a%20b", "/sales/product?product=a+b"],
  ["view=letters", "/sales/rejected"],
  ["view=table&by=store&q=ber", "/sales/by/store?q=ber"],
  ["by=store", "/sales/by/store"],
])("the look ?%s has the address %s", (query, address) => {
  expect(addressOf(site, lookOf(query))).toBe(address);
});

test("a change of the look stays on its page", () => {
  const address = addressOf(site, lookOf("by=store&q=ber&page=2"), { sort: "sales", page: 1 });
  expect(address).toBe("/sales/by/store?sort=sales&q=ber");
});

// A search for stores would show a page of products without any.
test("a search goes along to no board of something else, and how a page looks does", () => {
  const ofStores = lookOf("by=store&q=ber&page=2&mask&lang=de&period=7d&sort=-sales");
  const rest = "?lang=de&period=7d&mask=true&sort=-sales";
  expect(queryElsewhere(ofStores)).toBe(rest);
  expect(boardAddress(site, ofStores, "channel")).toBe(`/sales/by/channel${rest}`);
  const ofProducts = lookOf("q=lap&product=a&page=2");
  expect(queryElsewhere(ofProducts)).toBe("?q=lap");
  expect(boardAddress(site, ofProducts, "store")).toBe("/sales/by/store");
});
