/**
 * Lines that a poll adds up by product, by each dimension, and on request by second. The fast path
 * adds up every record that it can read with certainty, so that none of them crosses on its own. A
 * record is added up wholly or not at all.
 *
 * One ArrayBuffer, like a `RecordBatch`. `native-fold/sales.h` is the other side of this layout.
 * Both sides compare `LAYOUT_VERSION`.
 *
 *   header      u32 × 16        version, rowsMax, count, advances, isBySecond, isFull, 0 …
 *   quantities  f64 × rowsMax   row i: lines of one product of one partition, in millionths
 *   amounts     f64 × rowsMax   in millionths, as quantities negative for returns; integers below
 *                               2^53: a sum that would exceed that starts another row
 *   seconds     f64 × rowsMax   time of the lines, epoch seconds: the line's time, but not after
 *                               its record's; −1 if neither is known
 *   firstOffsets  f64 × rowsMax   advance i: the records of one partition that the poll took
 *   nextOffsets   f64 × rowsMax
 *   counted     f64 × rowsMax   records of them whose lines were added up
 *   filtered    f64 × rowsMax   records of them that are not about a sale
 *   untimed     f64 × rowsMax   lines of them whose time could not be read
 *   sales       u32 × rowsMax   row i: its lines, without returns
 *   returns     u32 × rowsMax
 *   places      i32 × rowsMax   which totals row i is for: the partition, plus PARTITIONS_MAX times
 *                               0 for the products, 1 for the first rule `by`, and so on
 *   products    i32 × rowsMax   ids in the index of that place
 *   advancedPartitions  i32 × rowsMax
 *   leaderEpochs  i32 × rowsMax   of the last record of advance i; −1 if unknown
 */

const LAYOUT_VERSION = 5;
const HEADER_BYTES = 64;
const COUNT = 2;
const ADVANCES = 3;
const IS_BY_SECOND = 4;
/** A record was left for the next poll, because its lines may need more rows than there are. */
const IS_FULL = 5;
const BYTES_PER_ROW = 88;
/** Partitions from this number on take the slow path. */
const PARTITIONS_MAX = 100_000;

/** Reusable, owned by the caller. A poll fills at most `rowsMax` rows, and as many advances. */
export class SaleSums {
  readonly memory: ArrayBuffer;
  readonly quantities: Float64Array;
  readonly amounts: Float64Array;
  readonly seconds: Float64Array;
  readonly firstOffsets: Float64Array;
  readonly nextOffsets: Float64Array;
  readonly counted: Float64Array;
  readonly filtered: Float64Array;
  readonly untimed: Float64Array;
  readonly sales: Uint32Array;
  readonly returns: Uint32Array;
  readonly products: Int32Array;
  readonly advancedPartitions: Int32Array;
  readonly leaderEpochs: Int32Array;
  /**
   * Partition → memory of the `ProductIndex` of its products, and of the values of each dimension.
   * JavaScript must not change them during a poll. The fast path adds plain names to them, and adds
   * up only records with names that stand in them then.
   */
  known: ReadonlyMap<number, readonly ArrayBuffer[]> = new Map();
  /**
   * The rules of the fast path for the next poll (`mapping/program/`). Empty: nothing is added up.
   */
  program: ArrayBuffer;
  readonly #header: Uint32Array;
  readonly #places: Int32Array;

  /** Without `isBySecond` all seconds are 0. */
  constructor(
    rowsMax: number,
    {
      program,
      isBySecond = false,
    }: { program?: ArrayBuffer | undefined; isBySecond?: boolean } = {},
  ) {
    const n = rowsMax;
    this.program = program ?? new ArrayBuffer(0);
    const memory = new ArrayBuffer(HEADER_BYTES + n * BYTES_PER_ROW);
    const column = (bytesBefore: number) => [memory, HEADER_BYTES + n * bytesBefore, n] as const;
    this.memory = memory;
    this.#header = new Uint32Array(memory, 0, HEADER_BYTES / 4);
    this.#header.set([LAYOUT_VERSION, n]);
    this.#header[IS_BY_SECOND] = Number(isBySecond);
    this.quantities = new Float64Array(...column(0));
    this.amounts = new Float64Array(...column(8));
    this.seconds = new Float64Array(...column(16));
    this.firstOffsets = new Float64Array(...column(24));
    this.nextOffsets = new Float64Array(...column(32));
    this.counted = new Float64Array(...column(40));
    this.filtered = new Float64Array(...column(48));
    this.untimed = new Float64Array(...column(56));
    this.sales = new Uint32Array(...column(64));
    this.returns = new Uint32Array(...column(68));
    this.#places = new Int32Array(...column(72));
    this.products = new Int32Array(...column(76));
    this.advancedPartitions = new Int32Array(...column(80));
    this.leaderEpochs = new Int32Array(...column(84));
  }

  /** The number of rows. A product may have more than one. */
  get count(): number {
    return this.#header[COUNT] as number;
  }

  /** The partition that row `row` is of. */
  partitionOf(row: number): number {
    return (this.#places[row] as number) % PARTITIONS_MAX;
  }

  /** What row `row` adds up by: 0 = products, 1 = the first rule `by`, and so on. */
  dimensionOf(row: number): number {
    return Math.floor((this.#places[row] as number) / PARTITIONS_MAX);
  }

  /** Partitions with records in this poll, added up or not. */
  get advances(): number {
    return this.#header[ADVANCES] as number;
  }

  /** Like `RecordBatch.isHalfFull`. */
  get isHalfFull(): boolean {
    const used = Math.max(this.count, this.advances);
    return this.#header[IS_FULL] === 1 || used * 2 > this.sales.length;
  }

  /** The arguments for the addon, which clears the sums. */
  asArguments(): [
    sums: ArrayBuffer,
    places: number[],
    indexes: ArrayBuffer[],
    program: ArrayBuffer,
  ] {
    const places: number[] = [];
    const indexes: ArrayBuffer[] = [];
    for (const [partition, memories] of this.known) {
      if (partition >= PARTITIONS_MAX) continue;
      for (const [dimension, memory] of memories.entries()) {
        places.push(partition + dimension * PARTITIONS_MAX);
        indexes.push(memory);
      }
    }
    return [this.memory, places, indexes, this.program];
  }
}
