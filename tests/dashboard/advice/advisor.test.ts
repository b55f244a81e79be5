import { describe, expect, test } from "bun:test";
import { Advisor } from "../../../src/dashboard/advice/advisor.ts";
import type { Board } from "../../../src/dashboard/model/board.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import type { Latest, StoredRecord } from "../../../src/dashboard/records/records.ts";
import { inputJudge } from "../../../src/mapping/input-judge.ts";
import { configOf, recordingLog } from "../../support/context.ts";
import { waitFor } from "../../support/wait.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const sale = (i: number) => ({ title: `Item ${i % 3}`, quantity: 1 + (i % 2), unit_price: "9.50" });

function stored(values: readonly unknown[]): StoredRecord[] {
  return values.map((value, offset) => {
    return { partition: 0, offset, timestamp: offset, key: null, value: bytes(value), headers: [] };
  });
}

function boardOf(part: Partial<Board>): Board {
  return { ...new SalesView().board, isComplete: true, ...part };
}

function open(values: readonly unknown[], args: string[] = ["--brokers", "k:9092"]) {
  const config = configOf("serve", ...args);
  const state = { looks: 0, now: 0, changes: 0, fails: false };
  const latest = async <T extends StoredRecord>(): Promise<Latest<T>> => {
    state.looks++;
    if (state.fails) throw new Error("Kafka does not answer.");
    return { records: stored(values) as T[], at: 0, looked: 0, since: undefined, isAll: true };
  };
  const { log, lines } = recordingLog();
  const advisor = new Advisor({
    records: { latest },
    judge: inputJudge(config),
    config,
    clock: { now: () => state.now },
    log,
    onChange: () => void state.changes++,
  });
  const look = async (board: Board) => {
    const before = state.changes;
    advisor.consider(board);
    await waitFor(() => state.changes > before, { what: "advice" });
  };
  return { advisor, state, lines, look };
}

const misfit = boardOf({ deadLetters: 20n });

describe("Advisor", () => {
  test("finds the reason, and the commands that would count", async () => {
    const { advisor, look } = open(Array.from({ length: 30 }, (_, i) => sale(i)));
    await look(misfit);
    expect(advisor.advice).toMatchObject({ looked: 30, fits: false, reason: { records: 30 } });
    const { commands = [], counted } = advisor.advice?.proposal ?? {};
    expect(counted).toBe(30);
    expect(commands[0]).toBe("salesboard reset --brokers k:9092 && \\");
    expect(commands[1]).toStartWith("salesboard --brokers k:9092 --map '\n  product: title\n");
  });

  test("looks once, and again when there are ten times as many, up to a thousand", async () => {
    const { advisor, state, look } = open([sale(1), sale(2)]);
    await look(misfit);
    for (let i = 0; i < 5; i++) advisor.consider(misfit);
    expect(state.looks).toBe(1);
    advisor.consider(boardOf({ deadLetters: 199n }));
    expect(state.looks).toBe(1);
    await look(boardOf({ deadLetters: 1_000n }));
    for (let i = 0; i < 5; i++) advisor.consider(boardOf({ filtered: 1_000_000n }));
    expect(state.looks).toBe(2);
  });

  test("never looks while records count, and forgets its advice then", async () => {
    const { advisor, state, look } = open([sale(1), sale(2)]);
    const counting = boardOf({ deadLetters: 99n, totalEver: { ...misfit.totalEver, sales: 1n } });
    advisor.consider(counting);
    expect(state.looks).toBe(0);
    await look(misfit);
    advisor.consider(counting);
    expect(advisor.advice).toBeUndefined();
  });

  test("tries again half a minute after Kafka has not answered", async () => {
    const { advisor, state, lines, look } = open([sale(1), sale(2)]);
    state.fails = true;
    advisor.consider(misfit);
    await waitFor(() => lines.length === 1, { what: "a warning" });
    state.now = 29_999;
    advisor.consider(misfit);
    expect(state.looks).toBe(1);
    state.fails = false;
    state.now = 30_000;
    await look(misfit);
    expect(advisor.advice?.proposal?.counted).toBe(2);
  });

  test("says that the mapping of the dashboard fits", async () => {
    const rules = ["--map", "product: title; quantity: quantity; price: unit_price"];
    const { advisor, look } = open([sale(1)], ["--brokers", "k:9092", ...rules]);
    await look(misfit);
    expect(advisor.advice).toMatchObject({ fits: true, proposal: undefined });
  });
});
