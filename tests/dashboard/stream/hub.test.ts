import { expect, test } from "bun:test";
import { Hub, type HubOptions } from "../../../src/dashboard/stream/hub.ts";
import { encodeMessage } from "../../../src/dashboard/stream/sse.ts";
import { TestClock } from "../../support/clock.ts";
import { quietLog } from "../../support/context.ts";
import { lookOf } from "../fixture.ts";
import { StreamClient } from "../stream.ts";

const message = (data: string) => encodeMessage({ data });
const large = "x".repeat(100 * 1024);

function makeHub(options: Partial<HubOptions> = {}): Hub {
  return new Hub({
    snapshot: () => message("0"),
    heartbeat: () => "{}",
    clock: new TestClock(),
    log: quietLog,
    streamsMax: 100,
    ...options,
  });
}

function subscribe(hub: Hub): StreamClient {
  const stream = hub.subscribe(lookOf());
  if (!stream) throw new Error("The hub was full.");
  return new StreamClient(stream);
}

async function unnamed(client: StreamClient, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count && !client.ended) {
    for (const { event, data } of await client.read()) if (event === undefined) seen.push(data);
  }
  return seen;
}

test("Hub gives the state before what is published next: 1, 2, 3, 4", async () => {
  let state = 0;
  const hub = makeHub({ snapshot: () => message(`1..${state}`) });
  const publish = () => {
    const next = ++state;
    hub.publish(() => message(String(next)));
  };
  publish();
  publish();
  const client = subscribe(hub);
  publish();
  publish();
  expect(await unnamed(client, 3)).toEqual(["1..2", "3", "4"]);
});

test("Hub sends its first byte and a heartbeat with the snapshot", async () => {
  const stream = makeHub().subscribe(lookOf());
  const { value } = (await stream?.getReader().read()) ?? {};
  expect(new TextDecoder().decode(value)).toBe(": ok\n\n");
  const messages = await subscribe(makeHub()).readUntil(({ data }) => data === "0");
  expect(messages.map(({ event }) => event)).toEqual(["hb", undefined]);
});

test("Hub tells each page how its own board stands", async () => {
  const hub = makeHub({ heartbeat: ({ by }) => JSON.stringify({ of: by ?? "products" }) });
  const beats = await Promise.all(
    ["", "by=store"].map(async (query) => {
      const client = new StreamClient(hub.subscribe(lookOf(query)) as ReadableStream<Uint8Array>);
      const first = await client.readUntil(({ data }) => data === "0");
      hub.beat();
      const later = await client.readUntil(({ event }) => event === "hb");
      return [...first, ...later].flatMap(({ event, data }) => (event === "hb" ? data : []));
    }),
  );
  expect(new Set(beats[0])).toEqual(new Set(['{"of":"products"}']));
  expect(new Set(beats[1])).toEqual(new Set(['{"of":"store"}']));
});

// Where nothing is published, the state of each look that ever was stayed.
test("Hub keeps the state of a hundred looks", async () => {
  const asked: string[] = [];
  const snapshot = ({ q }: { q: string }) => {
    asked.push(q);
    return message(q);
  };
  const hub = makeHub({ snapshot });
  const open = async (q: number) => {
    const reader = hub.subscribe(lookOf(`q=${q}`))?.getReader();
    await reader?.read();
    await reader?.cancel();
  };
  for (let q = 0; q < 100; q++) await open(q);
  await open(50);
  expect(asked).toHaveLength(100);
  await open(100);
  await open(0);
  expect(asked.slice(100)).toEqual(["100", "0"]);
});

test("Hub encodes once for each look and gives everyone the same bytes", async () => {
  const encoded: string[] = [];
  const hub = makeHub();
  const streams = ["en", "de", "en"].map((lang) =>
    hub.subscribe(lookOf(`lang=${lang}`))?.getReader(),
  );
  hub.publish(({ locale }) => {
    encoded.push(locale);
    return message(locale);
  });
  expect(encoded).toEqual(["en", "de"]);
  const last = await Promise.all(
    streams.map(async (reader) => {
      for (let skipped = 0; skipped < 3; skipped++) await reader?.read();
      return (await reader?.read())?.value;
    }),
  );
  expect(last[0]).toBe(last[2] as Uint8Array);
  expect(last[0]).not.toBe(last[1] as Uint8Array);
});

test("Hub makes one snapshot for many that come between two frames", () => {
  let made = 0;
  const hub = makeHub({
    snapshot: () => {
      made++;
      return message("0");
    },
  });
  for (let i = 0; i < 50; i++) subscribe(hub);
  expect(made).toBe(1);
});

test("Hub keeps nothing for a subscriber that is behind, and then gives it the state", async () => {
  let state = 0;
  const hub = makeHub({ snapshot: () => message(`snapshot ${state}`) });
  const slow = subscribe(hub);
  const quick = subscribe(hub);
  await unnamed(quick, 1);
  for (state = 1; state <= 50; state++) {
    hub.publish(() => message(`${state} ${large}`));
    const [frame] = await unnamed(quick, 1);
    expect(frame?.split(" ")[0]).toBe(String(state));
  }
  state = 50;
  const seen = (await unnamed(slow, 5)).map((data) => data.slice(0, 11).trimEnd());
  expect(seen[0]).toBe("snapshot 0");
  expect(seen[1]?.startsWith("1 x")).toBe(true);
  expect(seen[3]?.startsWith("3 x")).toBe(true);
  expect(seen[4]).toBe("snapshot 50");
  expect(hub.stats.resynced).toBe(1);
});

test("Hub sends no snapshot to a subscriber that was full and missed nothing", async () => {
  const hub = makeHub();
  const client = subscribe(hub);
  for (let i = 1; i <= 3; i++) hub.publish(() => message(`${i} ${large}`));
  expect((await unnamed(client, 4)).map((data) => data[0])).toEqual(["0", "1", "2", "3"]);
  hub.publish(() => message("4"));
  expect(await unnamed(client, 1)).toEqual(["4"]);
  expect(hub.stats.resynced).toBe(0);
});

test("Hub sends off a subscriber that missed a removal, for a snapshot cannot say it", async () => {
  const hub = makeHub();
  const slow = subscribe(hub);
  for (let i = 0; i < 5; i++) hub.publish(() => message(large));
  hub.publish(() => message("gone"), { removes: true });
  expect(hub.stats).toEqual({ streams: 0, resynced: 0, dropped: 1, refused: 0 });
  await expect(slow.readUntil(() => false)).rejects.toThrow("missed a removal");
});

test("Hub drops a subscriber that reads nothing for 30 s, and no other", async () => {
  const clock = new TestClock();
  const hub = makeHub({ clock });
  const dead = subscribe(hub);
  const alive = subscribe(hub);
  for (let i = 0; i < 5; i++) {
    hub.publish(() => message(large));
    await unnamed(alive, 1);
  }
  for (const ms of [29_000, 2_000]) {
    expect(hub.stats.streams).toBe(2);
    clock.pass(ms);
    hub.beat();
  }
  expect(hub.stats).toEqual({ streams: 1, resynced: 0, dropped: 1, refused: 0 });
  await expect(dead.readUntil(() => false)).rejects.toThrow("30000 ms");
});

// A clock that was set forward by more than 30 s dropped every stream that was full just then.
test("Hub drops no stream because the clock is set", () => {
  const clock = new TestClock();
  const hub = makeHub({ clock });
  subscribe(hub);
  for (let i = 0; i < 5; i++) hub.publish(() => message(large));
  for (const hours of [1, -2]) {
    clock.step(hours * 3_600_000);
    hub.beat();
  }
  expect(hub.stats.streams).toBe(1);
  clock.pass(31_000);
  hub.beat();
  expect(hub.stats.streams).toBe(0);
});

// Each newcomer made a set of the looks of all others: 965 ms of the pages' thread for 8,000.
test("Hub looks at no other subscriber when one comes", () => {
  const hub = makeHub({ streamsMax: 1_000 });
  let asked = 0;
  const look = lookOf();
  const { key } = look;
  const watched = Object.defineProperty({ ...look }, "key", {
    get: () => {
      asked++;
      return key;
    },
  });
  hub.subscribe(watched);
  const alone = asked;
  for (let i = 0; i < 100; i++) hub.subscribe(lookOf());
  expect(asked).toBe(alone);
});

test("Hub has room for another look once the last page of one is gone", async () => {
  const hub = makeHub({ streamsMax: 1_000 });
  const open = (page: number) => hub.subscribe(lookOf(`page=${page}`));
  const first = [open(1), open(1)];
  for (let page = 2; page <= 100; page++) open(page);
  expect(open(101)).toBeUndefined();
  await first[0]?.cancel();
  expect(open(101)).toBeUndefined();
  await first[1]?.cancel();
  expect(open(101)).toBeDefined();
  expect(open(1)).toBeUndefined();
});

test("Hub refuses a stream too many, and has room again when one ends", async () => {
  const warnings: string[] = [];
  const log = { ...quietLog, warning: (message: string) => void warnings.push(message) };
  const hub = makeHub({ streamsMax: 2, log });
  const first = subscribe(hub);
  subscribe(hub);
  expect(hub.subscribe(lookOf())).toBeUndefined();
  expect(hub.subscribe(lookOf())).toBeUndefined();
  expect(hub.stats.refused).toBe(2);
  expect(warnings).toHaveLength(1);
  await first.cancel();
  expect(hub.subscribe(lookOf())).toBeDefined();
});

test("Hub says bye, ends all streams and takes no new ones", async () => {
  const hub = makeHub();
  const client = subscribe(hub);
  hub.close();
  hub.close();
  const messages = await client.readUntil(() => false);
  expect(messages.at(-1)?.event).toBe("bye");
  expect(client.ended).toBe(true);
  expect(hub.subscribe(lookOf())).toBeUndefined();
});

test("Hub refuses one look too many, and takes those that are there", () => {
  const hub = makeHub({ streamsMax: 1000 });
  for (let page = 1; page <= 100; page++) {
    expect(hub.subscribe(lookOf(`page=${page}`))).toBeDefined();
  }
  expect(hub.subscribe(lookOf("page=101"))).toBeUndefined();
  expect(hub.subscribe(lookOf("page=100"))).toBeDefined();
  expect(hub.stats.refused).toBe(1);
});
