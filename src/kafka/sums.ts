/**
 * Sales summed up by product, and by second where that is asked for: what a poll makes of the
 * records that the fast path is sure of, so that no sale of them crosses on its own.
 *
 * One ArrayBuffer, like a `RecordBatch`. `native/sales.h` describes the same layout; both sides
 * compare `LAYOUT_VERSION`.
 *
 *   header      u32 × 16        version, rowsMax, count, advances, isBySecond, 0 …
 *   quantities  f64 × rowsMax   row i: sales of one product of one partition
 *   amounts     f64 × rowsMax   in millionths; integers below 2^53: what would exceed it gets a row
 *                               of its own
 *   firstOffsets  f64 × rowsMax   advance i: of one partition, every record that the poll took
 *   nextOffsets   f64 × rowsMax
 *   seconds     f64 × rowsMax   row i: when it was sold, epoch seconds: as the sale says, but not
 *                               after its record's timestamp; -1 where neither is known
 *   sales       u32 × rowsMax
 *   partitions  i32 × rowsMax
 *   products    i32 × rowsMax   ids in the partition's index
 *   advancedPartitions  i32 × rowsMax
 */

const LAYOUT_VERSION = 2;
const HEADER_BYTES = 64;
const COUNT = 2;
const ADVANCES = 3;
const IS_BY_SECOND = 4;
const BYTES_PER_ROW = 56;

/** Reusable and owned by the caller; at most `rowsMax` products and as many partitions a poll. */
export class SaleSums {
  readonly memory: ArrayBuffer;
  readonly quantities: Float64Array;
  readonly amounts: Float64Array;
  readonly firstOffsets: Float64Array;
  readonly nextOffsets: Float64Array;
  readonly seconds: Float64Array;
  readonly sales: Uint32Array;
  readonly partitions: Int32Array;
  readonly products: Int32Array;
  readonly advancedPartitions: Int32Array;
  /**
   * Partition → memory of its `ProductIndex`, which must not change while a poll is under way. Only
   * sales of products in there are summed up.
   */
  known: ReadonlyMap<number, ArrayBuffer> = new Map();
  readonly #header: Uint32Array;

  /** Unless `isBySecond`, all seconds are 0. */
  constructor(rowsMax: number, { isBySecond = false } = {}) {
    const n = rowsMax;
    const memory = new ArrayBuffer(HEADER_BYTES + n * BYTES_PER_ROW);
    const column = (bytesBefore: number) => [memory, HEADER_BYTES + n * bytesBefore, n] as const;
    this.memory = memory;
    this.#header = new Uint32Array(memory, 0, HEADER_BYTES / 4);
    this.#header.set([LAYOUT_VERSION, n]);
    this.#header[IS_BY_SECOND] = Number(isBySecond);
    this.quantities = new Float64Array(...column(0));
    this.amounts = new Float64Array(...column(8));
    this.firstOffsets = new Float64Array(...column(16));
    this.nextOffsets = new Float64Array(...column(24));
    this.seconds = new Float64Array(...column(32));
    this.sales = new Uint32Array(...column(40));
    this.partitions = new Int32Array(...column(44));
    this.products = new Int32Array(...column(48));
    this.advancedPartitions = new Int32Array(...column(52));
  }

  /** Rows: a product may have more than one. */
  get count(): number {
    return this.#header[COUNT] as number;
  }

  /** Partitions of which records were taken, summed up or not. */
  get advances(): number {
    return this.#header[ADVANCES] as number;
  }

  /** As `RecordBatch.isHalfFull`. */
  get isHalfFull(): boolean {
    return Math.max(this.count, this.advances) * 2 > this.sales.length;
  }

  /** As the addon takes it, which clears it. */
  asArguments(): [sums: ArrayBuffer, partitions: number[], products: ArrayBuffer[]] {
    return [this.memory, [...this.known.keys()], [...this.known.values()]];
  }
}
