/** Shapes of sales events that are made up here: none of them is a shared sample. */

export interface Shape {
  readonly name: string;
  readonly records: readonly unknown[];
  /** What is counted, product by product: `Product units · money`. */
  readonly totals: readonly string[];
  readonly filtered?: number;
  readonly sureness: "sure" | "likely" | "guess";
  /** Rules that must be among the proposed ones. */
  readonly rules?: readonly string[];
}

const flat: readonly Shape[] = [
  {
    name: "German rows with a total beside the unit price",
    records: [
      { belegnr: 1, artikel: "Schraube", menge: 10, einzelpreis: 0.25, gesamt: 2.5 },
      { belegnr: 2, artikel: "Hammer", menge: 1, einzelpreis: 12.5, gesamt: 12.5 },
    ],
    totals: ["Hammer 1 · 12.50", "Schraube 10 · 2.50"],
    sureness: "sure",
    rules: ["amount: gesamt"],
  },
  {
    name: "a title beside a name that has the variant in it",
    records: [
      { name: "Sock - L", title: "Sock", quantity: 2, price: 2.5 },
      { name: "Sock - M", title: "Sock", quantity: 1, price: 2.5 },
    ],
    totals: ["Sock 3 · 7.50"],
    sureness: "likely",
    rules: ["product: title"],
  },
  {
    name: "Spanish rows whose money grows with the quantity",
    records: [
      { id_producto: "P1", cantidad: 2, monto: 25.5, fecha: "2026-01-01T00:00:00+00:00" },
      { id_producto: "P1", cantidad: 1, monto: 12.75, fecha: "2026-01-01T00:00:00+00:00" },
    ],
    totals: ["P1 3 · 38.25"],
    sureness: "sure",
    rules: ["amount: monto", "time: fecha"],
  },
  {
    name: "Italian rows, where `data` is a time",
    records: [
      { prodotto: "Pane", quantita: 3, prezzo: 1.2, data: "2026-01-01 10:00:00" },
      { prodotto: "Latte", quantita: 1, prezzo: 1.5, data: "2026-01-01 10:00:00" },
    ],
    totals: ["Latte 1 · 1.50", "Pane 3 · 3.60"],
    sureness: "likely",
    rules: ["time: data"],
  },
  {
    name: "Portuguese rows of Debezium with a price as text",
    records: [
      { before: null, after: { produto_id: 7, valor: "19.90" }, op: "c", ts_ms: 1772000000000 },
      { before: {}, after: { produto_id: 7, valor: "21.90" }, op: "u", ts_ms: 1772000001000 },
    ],
    totals: ["7 1 · 19.90"],
    filtered: 1,
    sureness: "likely",
    rules: ["only: op in (c, r)", "time: ts_ms"],
  },
  {
    name: "clicks, carts and purchases in one topic",
    records: [
      { event_type: "view", product_id: "p1", quantity: 1, unit_price: 10.5 },
      { event_type: "cart", product_id: "p1", quantity: 1, unit_price: 10.5 },
      { event_type: "purchase", product_id: "p1", quantity: 2, unit_price: 10.5 },
    ],
    totals: ["p1 2 · 21.00"],
    filtered: 2,
    sureness: "likely",
    rules: ["only: event_type in (purchase)"],
  },
  {
    name: "an order that comes at each of its stages, in words that nobody knows",
    records: [
      { id: 1, state: "STAGE_A", product: "Hat", quantity: 1, price: 10.5 },
      { id: 1, state: "STAGE_B", product: "Hat", quantity: 1, price: 10.5 },
    ],
    totals: ["Hat 2 · 21.00"],
    sureness: "guess",
  },
  {
    name: "whole numbers that may be cents",
    records: [
      { sku: "A", qty: 2, price: 1999 },
      { sku: "B", qty: 1, price: 499 },
    ],
    totals: ["A 2 · 3998.00", "B 1 · 499.00"],
    sureness: "guess",
  },
  {
    name: "cents by name, with a letter for returns that no word explains",
    records: [
      { part: "155", qty: "17", total_cents: "17954", return_flag: "N" },
      { part: "155", qty: "2", total_cents: "2112", return_flag: "R" },
    ],
    totals: ["155 15 · 158.42"],
    sureness: "guess",
  },
  {
    name: "a discount that no field of a total has in it",
    records: [
      { product_id: 1, unit_price: "14.00", quantity: 12, discount: 0.1 },
      { product_id: 2, unit_price: "9.80", quantity: 10, discount: 0 },
    ],
    totals: ["1 12 · 168.00", "2 10 · 98.00"],
    sureness: "guess",
  },
  {
    name: "what was paid, beside what it was before the discount",
    records: [
      { sku: "A", qty: 2, unit_price: 10.5, subtotal: 21.0, discount: 1.5, total: 19.5 },
      { sku: "A", qty: 3, unit_price: 10.5, subtotal: 31.5, discount: 0, total: 31.5 },
    ],
    totals: ["A 5 · 51.00"],
    sureness: "likely",
    rules: ["amount: total"],
  },
  {
    name: "a float's residue in most records",
    records: [
      { product: "Tent", amount: 0.30000000000000004 },
      { product: "Tent", amount: 359.96999999999997 },
    ],
    totals: ["Tent 2 · 360.27"],
    sureness: "guess",
  },
];

const nested: readonly Shape[] = [
  {
    name: "French orders",
    records: [
      {
        date_commande: "2026-01-01",
        lignes: [{ produit: "Livre", quantité: 2, prix_unitaire: 10.25, montant: 20.5 }],
      },
    ],
    totals: ["Livre 2 · 20.50"],
    sureness: "sure",
    rules: ["lines: lignes[]", "amount: montant", "time: $.date_commande"],
  },
  {
    name: "receipts with positive refunds",
    records: [
      {
        receipt_type: "SALE",
        total: 14.5,
        positions: [
          { item_name: "Latte", quantity: 2, price: 4.75 },
          { item_name: "Cake", quantity: 1, price: 5.0 },
        ],
      },
      {
        receipt_type: "REFUND",
        total: 5,
        positions: [{ item_name: "Cake", quantity: 1, price: 5 }],
      },
    ],
    totals: ["Cake 0 · 0.00", "Latte 2 · 9.50"],
    sureness: "likely",
    rules: ["minus: $.receipt_type in (REFUND)"],
  },
  {
    name: "extended JSON of a change stream",
    records: [
      {
        operationType: "insert",
        fullDocument: {
          items: [{ sku: "X", qty: { $numberInt: "2" }, price: { $numberDecimal: "4.8" } }],
        },
      },
      { operationType: "delete", documentKey: { _id: { $oid: "a1" } } },
    ],
    totals: ["X 2 · 9.60"],
    filtered: 1,
    sureness: "likely",
    rules: ["only: $.operationType in (insert)"],
  },
  {
    name: "triples",
    records: [
      {
        amount_total: 23,
        lines: [[0, 0, { product_id: 4, qty: 2, price_unit: 11.5, subtotal: 20 }]],
      },
      { amount_total: -11.5, lines: [[0, 0, { product_id: 4, qty: -1, price_unit: 11.5 }]] },
    ],
    totals: ["4 1 · 11.50"],
    sureness: "likely",
    rules: ["lines: lines[][2]", "returns: subtract"],
  },
  {
    name: "minor units with an exponent, an order of another kind, and taxes that are no lines",
    records: [
      {
        kind: "OrderPlaced",
        cart: {
          rows: [{ sku: "A", units: 3, unit_price: { minor: 1250, exponent: 3 } }],
          taxes: [{ name: "VAT", amount: 12 }],
        },
      },
      { kind: "OrderArchived", cart: null },
    ],
    totals: ["A 3 · 3.75"],
    filtered: 1,
    sureness: "likely",
    rules: ["price: unit_price.minor / 10^unit_price.exponent", "only: $.kind in (OrderPlaced)"],
  },
  {
    name: "a price in an object is of one unit",
    records: [
      { lines: [{ name: "Cap", qty: 2, price: { amount: 12.5, currency: "USD" } }] },
      { lines: [{ name: "Hat", qty: 1, price: { amount: 5.25, currency: "USD" } }] },
    ],
    totals: ["Cap 2 · 25.00", "Hat 1 · 5.25"],
    sureness: "likely",
    rules: ["price: price.amount", "currency: price.currency"],
  },
  {
    name: "a decimal as base64, with its scale in the schema",
    records: [
      {
        schema: { fields: [{ field: "unit_price", type: "bytes", parameters: { scale: "3" } }] },
        payload: { sku: "A", qty: 2, unit_price: "B8s=" },
      },
    ],
    totals: ["A 2 · 3.99"],
    sureness: "likely",
    rules: ["price: payload.unit_price decimal 3"],
  },
  {
    name: "JSON in a text in an envelope",
    records: [
      { op: "c", after: { body: '{"lines":[{"title":"Map","units":2,"unitPrice":1.5}]}' } },
      { op: "d", after: null },
    ],
    totals: ["Map 2 · 3.00"],
    filtered: 1,
    sureness: "sure",
    rules: ["lines: json(after.body).lines[]"],
  },
  {
    name: "line items that were taken back",
    records: [
      {
        items: [
          { name: "Bagel", quantity: 1, unitPrice: 4.5, voided: false },
          { name: "Soup", quantity: 2, unitPrice: 7.25, voided: true },
        ],
      },
    ],
    totals: ["Bagel 1 · 4.50"],
    sureness: "likely",
    rules: ["only: voided not in (true)"],
  },
];

export const shapes: readonly Shape[] = [...flat, ...nested];
