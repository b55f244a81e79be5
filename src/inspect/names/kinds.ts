/** What the value of a field such as `type` or `status` says of a record. */

import { means, plain, UNSPACED, wordsOf } from "./words.ts";

/** `none`: a word for something that is not a sale, or not one yet. */
export type RecordKind = "sale" | "return" | "none" | "unknown";

const set = (words: string) => new Set(words.split(/\s+/).map(plain));

const saleWords = set(
  "sale sales sold sell paid purchase purchases purchased buy bought order ordered orders placed place created create " +
    "complete completed completion checkout succeeded success successful captured closed fulfilled " +
    "shipped delivered confirmed processing invoiced invoice settled approved transaction receipt insert " +
    "inserted load snapshot read verkauf verkauft bezahlt bestellt abgeschlossen vente vendu paye payee " +
    "commande terminee venta vendido pagado pagada completado completada pedido venda vendida pago paga " +
    "concluido concluida vendita venduto pagato pagata completato ordine partially new_order " +
    "ok accepted prod production live unshipped unfulfilled payment payments charge factura facture rechnung fattura fatura boleta livree livre " +
    "expediee versendet geliefert zugestellt enviado entregado entregada entregue " +
    "spedito consegnato betaald verzonden geleverd betalt betald levererad oplacone " +
    "zaplacone zrealizowane odendi tamamlandi оплачен оплачено выполнен завершен продажа " +
    "已支付 已付款 已完成 已发货 交易成功 销售 売上 販売 完了 支払済 결제완료 배송완료 판매",
);
const noneWords = set(
  "view viewed views impression cart basket checkouts adds add added remove removed wishlist search searched click " +
    "clicked visit browse login started start begin pending draft cancel canceled cancelled " +
    "cancellation void voided failed fail failure declined rejected denied unpaid expired open abandoned " +
    "abandonment test quote quotation update updated change changed modified edited delete deleted drop " +
    "truncate alter restock restocked stock inventory authorized authorised onhold hold reserved " +
    "waiting awaiting storniert storno offen entwurf abgebrochen annule annulee attente brouillon " +
    "cancelado cancelada pendiente borrador pendente rascunho annullato annullata sospeso bozza abierto " +
    "heartbeat created_cart requires saved parked layaway estimate estimates proforma angebot " +
    "devis " +
    "addtocart addedtocart pageview pageviews sandbox staging dev qa demo training incomplete aborted timeout timedout anulado anulada fallido rechazado echoue refuse " +
    "expire gescheitert fehlgeschlagen abgelehnt concept geannuleerd openstaand " +
    "anulowane oczekuje iptal bekliyor avbruten avbrutt annulleret отменен отменено " +
    "отмена ожидает черновик 已取消 取消 待付款 未支付 未付款 已关闭 キャンセル 未払い 下書き 취소 결제대기 대기",
);
const returnWords = set(
  "refund refunded refunds return returned returns chargeback credit retoure ruckgabe rueckgabe erstattung " +
    "remboursement rembourse retour devolucion reembolso reembolsado devolucao devolvido reso rimborso " +
    "rimborsato " +
    "credito abono avoir gutschrift retur returnering terugbetaald zwrot iade iadesi " +
    "возврат 退款 已退款 退货 已退货 返品 返金 환불 반품",
);

/** `NO_SALE`, `not paid`. */
const isNot = /^(no|not|non|nicht|kein|pas|nao|nie|niet|ikke|inte|не)$/;

/** `Awaiting Fulfillment`, `PENDING_SHIPMENT`: paid, and not yet with the customer. */
const isWaiting = /^(awaiting|waiting|pending)$/;
const isHandedOver = /^(fulfil+ment|shipment|shipping|pickup|collection|delivery|dispatch)$/;

/** A negative word outweighs: `order_cancelled` is no order. */
export function kindOfText(text: string): RecordKind {
  // Cut into words, 未支付 (not paid) would be paid.
  const all = UNSPACED.test(text) ? [plain(text).trim()] : wordsOf(text);
  const words = all.filter((word) => !/^\d+$|^v\d+$/.test(word));
  const has = (those: ReadonlySet<string>) => words.some((word) => those.has(word));
  if (words.some((one) => isWaiting.test(one)) && words.some((one) => isHandedOver.test(one))) {
    return "sale";
  }
  if (has(noneWords) || (words.some((word) => isNot.test(word)) && has(saleWords))) return "none";
  if (words.includes("partially")) return "sale";
  if (has(returnWords)) return "return";
  return has(saleWords) ? "sale" : "unknown";
}

/** Words that also name goods, clicks, or how a parcel stands. */
const vagueWords = set(
  "view viewed views impression cart basket checkouts add adds added remove removed wishlist " +
    "search searched click clicked visit browse login start started begin open update updated " +
    "change changed modified edited drop stock inventory hold reserved requires concept expire " +
    "credit retour avoir abono heartbeat created_cart alter restock restocked refuse",
);

/** A text that says so in any field, such as `cancelled` or `test`. */
export function isNoSale(text: string): boolean {
  const kind = kindOfText(text);
  const words = UNSPACED.test(text) ? [] : wordsOf(text);
  return (kind === "none" || kind === "return") && !words.some((one) => vagueWords.has(one));
}

/** `customer_type`, `payment_type` and `product_type` say nothing of the sale. */
export function isOtherKind(words: readonly string[]): boolean {
  const isState = words.some((one) => one !== "payment" && means([one], "state"));
  if (otherKind.test(words.join(" "))) return true;
  return !isState && (words.includes("payment") || means(words, "product"));
}

const otherKind = new RegExp(
  "^(customer|user|client|buyer|member|device|account|store|shop|restock) " +
    "(type|kind|status|segment)$",
);

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
  modify: "other",
  remove: "other",
  delete: "other",
  replace: "other",
  truncate: "other",
  alter: "other",
  rename: "other",
  "bootstrap-start": "other",
  "bootstrap-complete": "other",
  "create-table": "other",
  "drop-table": "other",
  "rename-table": "other",
  "add-column": "other",
  "drop-column": "other",
};

/**
 * Values of an operation's field that count, or undefined when it is no such field. None where the
 * sample has changes of rows alone.
 */
export function insertsAmong(
  texts: readonly string[],
  keys: readonly string[],
): string[] | undefined {
  const kinds = texts.map((text) => operations[text.toLowerCase()]);
  const isBeside = keys.some((key) =>
    /^(after|before|old|table|payload|__deleted|ns|full_?document|(new|old)_?image)$/i.test(key),
  );
  if (kinds.includes(undefined) || (!isBeside && !kinds.includes("other"))) return undefined;
  if (!kinds.includes("insert")) return isBeside ? [] : undefined;
  const inserts = new Set(texts.filter((_, i) => kinds[i] === "insert"));
  if (inserts.has("c") || inserts.has("r")) for (const text of ["c", "r"]) inserts.add(text);
  if (inserts.has("insert") && keys.includes("xid")) inserts.add("bootstrap-insert");
  // AWS DMS loads a table first.
  if (keys.includes("record-type")) for (const text of ["insert", "load"]) inserts.add(text);
  return [...inserts];
}
