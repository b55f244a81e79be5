/** Names of fields, cut into words. */

import { expect, test } from "bun:test";
import { means, wordsOf } from "../../../src/inspect/names/words.ts";

test.each([
  ["unitPriceCents", ["unit", "price", "cents"]],
  ["Unit Price (Cents)", ["unit", "price", "cents"]],
  ["orderunits", ["order", "units"]],
  ["quantité", ["quantite"]],
  ["Größe", ["grosse"]],
  ["łącznaKwota", ["laczna", "kwota"]],
  ["商品名称", ["商品", "名称"]],
  ["下单时间", ["下单", "时间"]],
  // Taken apart into single letters of Hangul, the name meant nothing.
  ["상품명", ["상품", "명"]],
  ["販売日時", ["販売", "日時"]],
  ["谜题数量", ["谜题", "数量"]],
])("%s", (name, words) => {
  expect(wordsOf(name)).toEqual(words);
});

test("words of many languages mean the same", () => {
  for (const name of [
    "Menge",
    "quantité",
    "количество",
    "数量",
    "수량",
    "ilość",
    "aantal",
    "adet",
  ]) {
    expect([name, means(wordsOf(name), "quantity")]).toEqual([name, true]);
  }
  for (const name of ["Preis", "prix", "цена", "单价", "単価", "단가", "cena", "prijs", "pris"]) {
    expect([name, means(wordsOf(name), "price")]).toEqual([name, true]);
  }
});
