/** The boards of the bounded periods, each kept up to date only while somebody looks at it. */

import { dayNumber, firstDayKept } from "../../domain/day.ts";
import { NO_SUMS, type Sums } from "../../domain/sums.ts";
import { LocalDays } from "../../mapping/exact/local-days.ts";
import type { Period } from "../look/look.ts";
import type { Board, BoardChange } from "./board.ts";
import { type Comparison, isSameComparison } from "./comparison.ts";
import {
  type BoundedPeriod,
  boundedPeriods,
  type DayRange,
  type DaysKnown,
  endedRanges,
  isIncomplete,
  isSameDays,
  rangeOf,
} from "./days/days.ts";
import { EndedDays } from "./days/ended-days.ts";
import type { OutputPartition } from "./output-partition.ts";
import { PeriodRows } from "./period-rows.ts";
import type { Row } from "./rows.ts";

/** Boards after which a period that nobody looks at is no longer kept in order. */
const IDLE_BOARDS_MAX = 20;
const SECOND_MS = 1_000;

interface Watched {
  readonly rows: PeriodRows;
  /** Rows of the next board that differ from those of the last one. */
  changed: readonly Row[];
  /** The last board; undefined while nobody looks at the period. */
  board: Board | undefined;
  idleBoards: number;
  /** The last comparison of ended days. */
  compared: Comparison | undefined;
}

/** What is visible of the days of a partition. */
interface Noted {
  readonly zone: string | undefined;
  readonly latest: number | undefined;
  readonly since: number | undefined;
  readonly first: number | undefined;
  readonly writtenAt: number;
  readonly hasOutside: boolean;
  readonly hasLines: boolean;
}

export class PeriodBoards {
  readonly #watched: ReadonlyMap<BoundedPeriod, Watched>;
  readonly #partitions: () => Iterable<OutputPartition>;
  readonly #noted = new Map<number, Noted>();
  #known: DaysKnown | undefined;
  /** Those of the zone that the aggregator counts in, which says where a day begins. */
  #localDays: LocalDays | undefined;
  #isAnew = true;
  readonly #ended: EndedDays;

  /** `idOf` gives each product one id, the same in all periods. */
  constructor(idOf: (product: string) => number, partitions: () => Iterable<OutputPartition>) {
    this.#partitions = partitions;
    this.#ended = new EndedDays((product) => {
      return [...partitions()].flatMap((partition) => partition.daysOf(product));
    });
    this.#watched = new Map(
      boundedPeriods.map((period) => {
        const rows = new PeriodRows(idOf);
        return [
          period,
          { rows, changed: [], board: undefined, idleBoards: 0, compared: undefined },
        ] as const;
      }),
    );
  }

  /** Takes what has become visible in a whole partition. */
  take(id: number, partition: OutputPartition): void {
    this.#noted.set(id, notedOf(partition));
    const changes = partition.takeDays();
    if (!changes) this.#isAnew = true;
    for (const { rows } of this.#watched.values()) {
      for (const change of changes ?? []) rows.add(change);
    }
    for (const change of changes ?? []) this.#ended.add(change);
  }

  /**
   * Prepares the boards as of `date`; a new local date begins other periods. Returns what is known
   * about days, the same object as long as that is the same, and whether any row changed.
   */
  turn(date: Date): { days: DaysKnown | undefined; hasChanged: boolean } {
    const days = this.#knownAt(date);
    const isOtherDay = days?.today !== this.#known?.today || days?.zone !== this.#known?.zone;
    if (!isSameDays(days, this.#known)) this.#known = days;
    if (days && (isOtherDay || this.#isAnew)) this.#addUp(days.today);
    let hasChanged = false;
    for (const watched of this.#watched.values()) {
      watched.changed = watched.rows.publish();
      hasChanged ||= watched.changed.length > 0;
    }
    return { days: this.#known, hasChanged };
  }

  /** The next boards, made from that of all time, and how they differ from the last ones. */
  publish({ before, after, changedEver }: BoardChange): ReadonlyMap<Period, BoardChange> {
    const changes = new Map<Period, BoardChange>();
    for (const [period, watched] of this.#watched) {
      const last = watched.board;
      if (!last || ++watched.idleBoards > IDLE_BOARDS_MAX || !after.days) {
        watched.board = undefined;
        continue;
      }
      const next = this.#boardOf(period, watched, after);
      watched.board = next;
      const { rows, total, compared } = last;
      const asBefore = { ...before, period, rows, total, compared };
      const { changed } = watched;
      changes.set(period, { before: asBefore, after: next, changed, changedEver });
    }
    return changes;
  }

  /** As of the last board, of one product or of all; undefined where days lack sales. */
  sumsOf(period: BoundedPeriod, product: string | undefined): Readonly<Sums> | undefined {
    const rows = this.#watched.get(period)?.rows;
    if (!this.#known || isIncomplete(period, this.#known)) return undefined;
    return product === undefined ? rows?.total : rows?.of(product);
  }

  /** The board of a period, of the same moment as that of all time. */
  of(period: BoundedPeriod, all: Board): Board {
    const watched = this.#watched.get(period) as Watched;
    watched.idleBoards = 0;
    const known = watched.board;
    const isLatest = known?.version === all.version && known.asOf === all.asOf;
    const board = isLatest ? known : this.#boardOf(period, watched, all);
    watched.board = board;
    return board;
  }

  #boardOf(period: BoundedPeriod, watched: Watched, all: Board): Board {
    if (!all.isComplete) return { ...all, period };
    const { rows } = watched;
    const compared = this.#compared(period, watched, all);
    const byDay = this.#byDay(period, all);
    return { ...all, period, rows: rows.sorted(), total: rows.total, compared, byDay };
  }

  #byDay(period: BoundedPeriod, { days }: Board): readonly Sums[] | undefined {
    if (!days || period === "today" || period === "yesterday") return undefined;
    const { first, last } = rangeOf(period, days.today);
    const ended = Array.from({ length: last - first }, (_, i) => {
      return this.#ended.sumIn({ first: first + i, last: first + i });
    });
    return [...ended, this.#watched.get("today")?.rows.total ?? NO_SUMS];
  }

  /** The same object as long as nothing differs. */
  #compared(period: BoundedPeriod, watched: Watched, { days, comparison }: Board) {
    if (!days) return undefined;
    if (period === "today") {
      // Midnight comes before the next comparison.
      return comparison?.days.last === days.today ? comparison : undefined;
    }
    const next = this.#compareEnded(period, days);
    if (!isSameComparison(next, watched.compared)) watched.compared = next;
    return watched.compared;
  }

  #compareEnded(period: BoundedPeriod, { today, incompleteTo }: DaysKnown): Comparison | undefined {
    const ranges = endedRanges(period, today);
    if (!ranges) return undefined;
    const { days, daysBefore } = ranges;
    const { first } = daysBefore;
    const noted = [...this.#noted.values()];
    const isInReach = noted.every(({ latest = today }) => firstDayKept(latest) <= first);
    const hasBegun = noted.some((each) => each.first !== undefined && each.first <= first);
    if (!isInReach || !hasBegun || first <= (incompleteTo ?? first - 1)) return undefined;
    const ended = this.#ended;
    const pairOf = (sum: (range: DayRange) => Sums) => {
      return { sums: sum(days), before: sum(daysBefore) };
    };
    const all = pairOf((range) => ended.sumIn(range));
    if (all.before.revenue <= 0n) return undefined;
    const of = (product: string) => pairOf((range) => ended.sumOf(product, range));
    return { ...ranges, ...all, hour: undefined, of };
  }

  #addUp(today: number): void {
    const missingFrom = this.#ended.begin(today, this.#isAnew);
    const all = [...this.#watched].map(([period, { rows }]) => {
      rows.begin(rangeOf(period, today), this.#isAnew);
      return rows;
    });
    this.#isAnew = false;
    for (const partition of this.#partitions()) {
      for (const { product, sums } of partition.daySums()) {
        if (sums.day >= missingFrom) this.#ended.put(sums);
        for (const rows of all) rows.move(product, sums);
      }
    }
  }

  #knownAt(date: Date): DaysKnown | undefined {
    const noted = [...this.#noted.values()];
    const latest = noted
      .filter(({ zone }) => zone !== undefined)
      .reduce<Noted | undefined>((a, b) => (a && a.writtenAt >= b.writtenAt ? a : b), undefined);
    const zone = latest?.zone;
    if (zone === undefined) return undefined;
    if (this.#localDays?.zone !== zone) this.#localDays = new LocalDays(zone);
    const today = this.#localDays.dayOf(Math.floor(date.getTime() / SECOND_MS));
    const incomplete = noted.flatMap((each) => {
      if (each.zone === zone) return each.since ?? [];
      // No line was counted by days yet, or in another zone.
      return each.hasLines ? (each.latest ?? today) : [];
    });
    const firsts = noted.flatMap(({ first }) => first ?? []);
    const isAllInDays = noted.every((each) => !each.hasOutside);
    return {
      zone,
      today,
      first: isAllInDays && firsts.length > 0 ? Math.min(...firsts) : undefined,
      incompleteTo: incomplete.length > 0 ? Math.max(...incomplete) : undefined,
    };
  }
}

function notedOf({ bookkeeping, firstDay, lacksDays }: OutputPartition): Noted {
  const { days, writtenAt = 0, sales = 0n, returns = 0n } = bookkeeping ?? {};
  const outside = days ? days.outsideSales + days.outsideReturns : sales + returns;
  const since = lacksDays ? days?.latest : days?.since;
  return {
    zone: days?.zone,
    latest: days && dayNumber(days.latest),
    since: since === undefined ? undefined : dayNumber(since),
    first: firstDay,
    writtenAt,
    hasOutside: outside > 0n || lacksDays,
    hasLines: sales + returns > 0n,
  };
}
