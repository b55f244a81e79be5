/** What the value of a field such as `type` or `status` says of a record. */

import { wordsOf } from "./words.ts";

/** `none`: a word for something that is not a sale, or not one yet. */
export type RecordKind = "sale" | "return" | "none" | "unknown";

const set = (words: string) => new Set(words.split(/\s+/));

const saleWords = set(
  "sale sales sold sell paid purchase purchases purchased buy bought order ordered orders placed place created create " +
    "complete completed completion checkout succeeded success successful captured closed fulfilled " +
    "shipped delivered confirmed processing invoiced invoice settled approved transaction receipt insert " +
    "inserted load snapshot read verkauf verkauft bezahlt bestellt abgeschlossen vente vendu paye payee " +
    "commande terminee venta vendido pagado pagada completado completada pedido venda vendida pago paga " +
    "concluido concluida vendita venduto pagato pagata completato ordine partially new_order",
);
const noneWords = set(
  "view viewed views impression cart basket checkouts adds add added remove removed wishlist search searched click " +
    "clicked visit browse login started start begin pending draft cancel canceled cancelled " +
    "cancellation void voided failed fail failure declined rejected denied unpaid expired open abandoned " +
    "abandonment test quote quotation update updated change changed modified edited delete deleted drop " +
    "truncate alter restock restocked stock inventory authorized authorised onhold hold reserved " +
    "waiting awaiting storniert storno offen entwurf abgebrochen annule annulee attente brouillon " +
    "cancelado cancelada pendiente borrador pendente rascunho annullato annullata sospeso bozza abierto " +
    "heartbeat created_cart requires",
);
const returnWords = set(
  "refund refunded refunds return returned returns chargeback credit retoure ruckgabe rueckgabe erstattung " +
    "remboursement rembourse retour devolucion reembolso reembolsado devolucao devolvido reso rimborso " +
    "rimborsato",
);

/** A negative word outweighs: `order_cancelled` is no order. */
export function kindOfText(text: string): RecordKind {
  const words = wordsOf(text).filter((word) => !/^\d+$|^v\d+$/.test(word));
  const has = (those: ReadonlySet<string>) => words.some((word) => those.has(word));
  if (has(noneWords)) return "none";
  if (words.includes("partially")) return "sale";
  if (has(returnWords)) return "return";
  return has(saleWords) ? "sale" : "unknown";
}

/** Operations of change data capture, by what they say of a row. */
const operations: Record<string, "insert" | "other"> = {
  c: "insert",
  r: "insert",
  i: "insert",
  insert: "insert",
  "bootstrap-insert": "insert",
  load: "insert",
  create: "insert",
  read: "insert",
  u: "other",
  d: "other",
  t: "other",
  m: "other",
  update: "other",
  delete: "other",
  replace: "other",
  truncate: "other",
  alter: "other",
  rename: "other",
  "bootstrap-start": "other",
  "bootstrap-complete": "other",
};

/** Values of an operation's field that count, or undefined when it is no such field. */
export function insertsAmong(
  texts: readonly string[],
  keys: readonly string[],
): string[] | undefined {
  const kinds = texts.map((text) => operations[text.toLowerCase()]);
  const isBeside = keys.some((key) =>
    /^(after|before|old|table|payload|__deleted|ns|full_?document)$/i.test(key),
  );
  const hasInsert = kinds.includes("insert");
  if (!hasInsert || kinds.includes(undefined) || (!isBeside && !kinds.includes("other"))) {
    return undefined;
  }
  const inserts = new Set(texts.filter((_, i) => kinds[i] === "insert"));
  if (inserts.has("c") || inserts.has("r")) for (const text of ["c", "r"]) inserts.add(text);
  if (inserts.has("insert") && keys.includes("xid")) inserts.add("bootstrap-insert");
  return [...inserts];
}
