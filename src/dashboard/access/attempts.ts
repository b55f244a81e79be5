/** Slows down failed logins, by name and by address, so that nobody can guess for long. */

import { isIP } from "node:net";

/** Failures that cost nothing, because people mistype. */
const FREE = { name: 5, address: 10 };
/** The longest pause. A stranger can cause that of a name, so that one is short. */
const PAUSE_MS_MAX = { name: 10_000, address: 60_000 };
/** A failure is forgotten after this time. */
const FORGET_MS = 15 * 60_000;
const REMEMBERED_MAX = 10_000;

interface PastFailures {
  failures: number;
  /** By `Clock.now`. */
  lastAt: number;
  notBefore: number;
}

/** One login under way. It counts as failed until it succeeds: many at once are no way around. */
export interface Attempt {
  /** Milliseconds to wait first; 0 = go on. */
  readonly waitMs: number;
  succeed(): void;
}

export class Attempts {
  readonly #now: () => number;
  readonly #entries = new Map<string, PastFailures>();

  /** `now`: milliseconds of a monotonic clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  begin(name: string, address: string): Attempt {
    const keys = [
      ["name", `name ${name}`],
      ["address", `address ${networkOf(address)}`],
    ] as const;
    const now = this.#now();
    const entries = keys.map(([, key]) => this.#entryOf(key, now));
    const waitMs = Math.max(0, ...entries.map(({ notBefore }) => notBefore - now));
    if (waitMs > 0) return { waitMs, succeed() {} };
    for (const [i, [kind, key]] of keys.entries()) {
      const entry = entries[i] as PastFailures;
      entry.failures++;
      entry.lastAt = now;
      const over = entry.failures - FREE[kind];
      if (over >= 0) entry.notBefore = now + Math.min(1000 * 2 ** over, PAUSE_MS_MAX[kind]);
      this.#keep(key, entry);
    }
    const [byName, byAddress] = entries;
    return {
      waitMs,
      succeed: () => {
        Object.assign(byName as PastFailures, { failures: 0, notBefore: 0 });
        // Others at this address may still be guessing.
        const address = byAddress as PastFailures;
        address.failures = Math.max(0, address.failures - 1);
        address.notBefore = 0;
      },
    };
  }

  /** The number of names and addresses that are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  #entryOf(key: string, now: number): PastFailures {
    const known = this.#entries.get(key);
    if (known && now - known.lastAt < FORGET_MS) return known;
    return { failures: 0, lastAt: now, notBefore: 0 };
  }

  /** The map is in the order of last use, so that the oldest entry gives way. */
  #keep(key: string, entry: PastFailures): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > REMEMBERED_MAX && oldest !== undefined) this.#entries.delete(oldest);
  }
}

/** An IPv6 host has a network of 2^64 addresses to try from. */
function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::", 2);
  const groups = head.split(":").filter(Boolean);
  const missing = 8 - groups.length - (tail?.split(":").filter(Boolean).length ?? 0);
  const whole = tail === undefined ? groups : [...groups, ...Array(missing).fill("0")];
  return whole.slice(0, 4).join(":");
}
