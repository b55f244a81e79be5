/** Names of fields, split into words, and what the words mean in several languages. */

import type { Step } from "../../mapping/model/mapping.ts";

const lists = {
  product:
    "product products produkt produkte produit produto producto prodotto item items itm artikel article " +
    "articulo artigo articolo goods merchandise ware part partkey purchased plu stock isbn asin dish",
  name:
    "name title titel titre titulo titolo nom nombre nome bezeichnung label libelle denominacion " +
    "denominazione displayname designation",
  code: "sku code id uuid guid no nr num number key ean gtin upc barcode ref",
  text: "description descripcion descricao descrizione beschreibung desc",
  quantity:
    "quantity quantities qty qte quantite menge anzahl stueck stuck stk units count cantidad cant unidades " +
    "quantidade qtd qtde quantita pezzi pz pcs pieces tickets ordered sold",
  quantityFirst:
    "quantity qty qte quantite menge anzahl cantidad quantidade qtd qtde quantita units",
  price: "price prices preis prix precio preco prezzo rate einzelpreis stueckpreis unitprice",
  unit: "unit each per einzel stueckpreis einzelpreis unitaire unitario unitaria unitprice pro piece stueck",
  total:
    "total totals amount subtotal sum gesamt gesamtpreis summe betrag umsatz montant monto importe valor " +
    "totale importo revenue extended extendedprice sales turnover gross net netto brutto line row wert value",
  cents: "cents cent minor centimes centavos pence centesimi centimos rappen centamount",
  tax: "tax taxes vat mwst ust iva tva steuer gst",
  less: "discount discounts rabatt nachlass remise descuento desconto sconto coupon rebate reduction discounted",
  notMoney:
    "shipping freight versand tip gratuity fee fees charge cost costs kosten weight compare list msrp " +
    "regular refund refunded balance change due tendered pre before prediscount old previous " +
    "points score rating stock percent percentage rate exponent digits scale count quantity qty",
  notQuantity:
    "available refunded shipped fulfillable fulfilled min max inventory remaining returned cancelled " +
    "canceled backorder current stock old previous in reserved weight line lines views price total amount " +
    "revenue id",
  notProduct:
    "customer user client kunde buyer seller store shop vendor supplier brand category country city " +
    "region state address payment card first last email employee cashier warehouse currency status " +
    "method channel company department database db table schema connector topic server site url image " +
    "session member purchaser campaign coupon carrier transaction invoice line variant tax price quantity",
  time:
    "time date timestamp datetime ts at zeit datum zeitpunkt uhrzeit heure horodatage fecha hora data " +
    "quando ora created placed sold when created on millis micros",
  timeFirst: "sold order ordered purchase closed placed sale transaction invoice paid verkauft",
  notTime:
    "updated modified deleted cancelled due expires expiry birth shipped delivery delivered start",
  currency: "currency currencycode waehrung wahrung devise moneda moeda valuta",
  kind:
    "type event kind op operation action status state stage operationtype eventtype art typ evento tipo " +
    "evenement estado statut stato optype flag payment",
  notLines:
    "tax taxes discount discounts payment payments tender tenders fee fees shipping shipment shipments " +
    "fulfillment fulfillments fulfilments modifier modifiers option options property properties note notes " +
    "refund refunds return returns coupon coupons history address addresses adjustment adjustments " +
    "allocation allocations promotion promotions applied steuern zahlungen paiements pagos pagamentos " +
    "tags images before old",
  isTest: "test testmode testing sandbox",
  isVoid:
    "void voided deleted cancelled canceled storniert annule anulado cancelado annullato removed failed",
  isReturn: "return refund isreturn isrefund retoure rueckgabe",
  cameBack: "returned refunded",
  delivery: "fulfillment fulfilment shipping shipment delivery versand lieferung envio livraison",
  isSale: "valid success successful paid livemode confirmed completed",
} as const;

export type Meaning = keyof typeof lists;

const meanings = Object.fromEntries(
  Object.entries(lists).map(([meaning, words]) => [meaning, new Set(words.split(/\s+/))]),
) as unknown as Record<Meaning, ReadonlySet<string>>;

/** Words that stand glued together in names such as `orderunits`. */
const glued = new Set(
  [...meanings.product, ...meanings.name, ...meanings.code, ...meanings.quantityFirst]
    .concat([...meanings.price, ...meanings.unit, ...meanings.total, "order", "date", "time"])
    .filter((word) => word.length > 1),
);

const known = new Map<string, readonly string[]>();
/** Names are remembered, as many as a sample can have. */
const KNOWN_MAX = 5_000;

/** `unitPriceCents`, `unit_price_cents` and `Unit Price (Cents)` are unit, price, cents. */
export function wordsOf(name: string): readonly string[] {
  const found = known.get(name);
  if (found) return found;
  const words = name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/ß/g, "ss")
    .replace(/(\p{Ll}|\p{Nd})(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{Nd}$]+/u)
    .filter((word) => word !== "")
    .flatMap(unglued);
  if (known.size < KNOWN_MAX) known.set(name, words);
  return words;
}

function unglued(word: string): readonly string[] {
  if (word.length < 5 || word.length > 30) return [word];
  if (Object.values(meanings).some((words) => words.has(word))) return [word];
  for (let cut = 2; cut <= word.length - 2; cut++) {
    const [left, right] = [word.slice(0, cut), word.slice(cut)];
    if (glued.has(left) && glued.has(right)) return [left, right];
  }
  return [word];
}

export function means(words: readonly string[], meaning: Meaning): boolean {
  return words.some((word) => meanings[meaning].has(word));
}

/** Keys that only wrap a number, as in extended JSON. */
const wrapper = /^\$(numberDecimal|numberDouble|numberLong|numberInt|date|oid)$/;

/** The keys of a path that say something, the last one last. */
export function keysOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) =>
    step.kind === "key" && !wrapper.test(step.key) ? [step.key] : [],
  );
}

const vague =
  /^(amount|value|units|nanos|id|name|code|cents?|minor|set|shop|money|presentment|[a-z]{2})$/;

/** The words of the last key; those of the keys above before them, while they say too little. */
export function leafWords(steps: readonly Step[]): readonly string[] {
  const keys = keysOf(steps);
  let words: readonly string[] = wordsOf(keys.at(-1) ?? "");
  for (let i = keys.length - 2; i >= 0 && words.every((word) => vague.test(word)); i--) {
    words = [...wordsOf(keys[i] ?? ""), ...words];
  }
  return words;
}
