/** History as other programs see it: read and recomputed without any code of Salesboard. */

interface Record {
  partition: number;
  /** Epoch milliseconds. */
  timestamp: number;
  key: Uint8Array | null;
  value: Uint8Array | null;
}

/** "partition 0, 2026-11-25T06:38:12Z 1 s, Laptop" → "3 sales, 5 units, 1250 millionths". */
export type HistoryRows = { [what: string]: string };

export interface Note {
  inputOffset: number;
  head: string | null;
  sales: number;
  older: [quantity: number, totalPrice: string, sales: number];
  late: number;
  untimed: number;
  ahead: number;
  unrecorded: number;
}

type Sums = [sales: bigint, quantity: bigint, micros: bigint];

const decoder = new TextDecoder();

/** What the records of a history topic say, and the bookkeeping of each partition. */
export function historyRows(records: readonly Record[]): {
  rows: HistoryRows;
  notes: Note[];
  /** Where the law of conservation is broken. */
  broken: string[];
} {
  const latest = new Map<string, Uint8Array | null>();
  const notes: Note[] = [];
  for (const { partition, key, value } of records) {
    if (key?.[0] === 0) notes[partition] = JSON.parse(decoder.decode(value ?? undefined));
    else latest.set(`${partition} ${decoder.decode(key ?? undefined)}`, value);
  }
  const rows: HistoryRows = {};
  const held = new Map<number, bigint>();
  const broken: string[] = [];
  for (const [where, value] of latest) {
    if (value === null) continue;
    const partition = Number(where.split(" ")[0]);
    const { start, seconds, products, rest } = JSON.parse(decoder.decode(value));
    const head = notes[partition]?.head;
    if (!head || spanOf(seconds, Date.parse(head) / 1000, Date.parse(start) / 1000) === null)
      continue;
    const all = rest ? [...products, ["(rest)", ...rest]] : products;
    for (const [product, quantity, price, sales] of all) {
      const sums: Sums = [BigInt(sales), BigInt(quantity), microsOf(price)];
      rows[`partition ${partition}, ${start} ${seconds} s, ${product}`] = textOf(sums);
      held.set(partition, (held.get(partition) ?? 0n) + BigInt(sales));
    }
  }
  for (const [partition, note] of notes.entries()) {
    if (!note) continue;
    const [quantity, price, sales] = note.older;
    if (sales > 0) {
      rows[`partition ${partition}, older`] = textOf([
        BigInt(sales),
        BigInt(quantity),
        microsOf(price),
      ]);
    }
    const all = (held.get(partition) ?? 0n) + BigInt(sales) + BigInt(note.unrecorded);
    if (all !== BigInt(note.sales)) {
      broken.push(`partition ${partition} holds ${all} sales, but ${note.sales} were counted`);
    }
  }
  return { rows, notes, broken };
}

/** What history must be, by the records of the input: those that are plain sales. */
export function expectedHistory(input: readonly Record[]): HistoryRows {
  const heads = new Map<number, number>();
  const sales = input.flatMap(({ partition, timestamp, value }) => {
    const sale = saleIn(value);
    if (!sale) return [];
    const second = Math.floor(Math.min(sale.timestamp ?? timestamp, timestamp) / 1000);
    heads.set(partition, Math.max(heads.get(partition) ?? 0, second));
    return [{ partition, second, ...sale }];
  });
  const sums = new Map<string, Sums>();
  for (const { partition, second, product, quantity, price } of sales) {
    const head = heads.get(partition) as number;
    const seconds = [1, 60, 3600].find((seconds) => spanOf(seconds, head, second) !== null);
    const time = seconds && spanOf(seconds, head, second);
    const start = time && new Date(time * 1000).toISOString().replace(".000Z", "Z");
    const what = start ? `${start} ${seconds} s, ${product}` : "older";
    const key = `partition ${partition}, ${what}`;
    const [count, units, micros] = sums.get(key) ?? [0n, 0n, 0n];
    const added = BigInt(quantity) * microsOf(price);
    sums.set(key, [count + 1n, units + BigInt(quantity), micros + added]);
  }
  return Object.fromEntries([...sums].map(([key, each]) => [key, textOf(each)]));
}

/** When the slot of so many seconds begins that a moment is in; null: not in that ring. */
function spanOf(seconds: number, head: number, moment: number): number | null {
  const down = (time: number, unit: number) => Math.floor(time / unit) * unit;
  const bySecond = down(head - 15 * 60, 60);
  const byMinute = down(down(head, 60) - 24 * 3600, 3600);
  const byHour = down(head, 3600) - 60 * 24 * 3600;
  const [from = 0, to = 0] =
    { 1: [bySecond, head + 1], 60: [byMinute, bySecond], 3600: [byHour, byMinute] }[seconds] ?? [];
  return moment >= from && moment < to ? down(moment, seconds) : null;
}

function saleIn(value: Uint8Array | null) {
  const text = decoder.decode(value ?? undefined);
  const price = /"price":([\d.]+)/.exec(text)?.[1];
  if (price === undefined) return undefined;
  const sale = JSON.parse(text) as { product: string; quantity: number; timestamp?: number };
  return { ...sale, price };
}

function microsOf(decimal: string): bigint {
  const [whole = "", fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.padEnd(6, "0"));
}

function textOf([sales, quantity, micros]: Sums): string {
  return `${sales} sales, ${quantity} units, ${micros} millionths`;
}
