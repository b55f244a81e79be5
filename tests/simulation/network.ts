/**
 * Requests between a process and the simulated brokers: delayed, lost, late or doubled.
 *
 * Harsher than TCP, which keeps the order of one connection: any request may overtake any other, as
 * over several connections and brokers.
 */

import type { SimulatedProcess } from "./clock.ts";
import type { Api, Disaster } from "./faults.ts";
import type { World } from "./world.ts";

/** A broker's answer that says no. */
export class BrokerError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** No answer came: what was asked for may have happened, may happen later, or never. */
export class LostError extends Error {}

/** Answers that ask for another try. */
const PASSING = new Set(["CONCURRENT_TRANSACTIONS", "UNSTABLE_OFFSET_COMMIT"]);
/** Doubles with each try. */
const RETRY_WAIT_MS = 5;
const RETRY_WAIT_MS_MAX = 80;

export class Network {
  /** Called when a disaster befalls a process in the middle of a request. */
  onDisaster: (kind: Disaster, process: SimulatedProcess) => void = () => {};
  readonly #world: World;
  /** Whose heartbeats get lost, and until when. */
  readonly #silentUntil = new Map<SimulatedProcess, number>();
  #requests = 0;
  /** The youngest request of each process that has arrived. */
  readonly #arrived = new Map<SimulatedProcess, number>();

  constructor(world: World) {
    this.#world = world;
  }

  silenceHeartbeats(of: SimulatedProcess, ms: number): void {
    this.#silentUntil.set(of, this.#world.time.now + ms);
  }

  /** One request. Rejects with BrokerError or LostError; never settles in a killed process. */
  call<T>(from: SimulatedProcess, api: Api, serve: () => T | Promise<T>): Promise<T> {
    const { faults, time, met } = this.#world;
    const disaster = faults.disaster();
    if (disaster) met.add(`${disaster.kind} ${disaster.when} ${api}`);
    if (disaster?.when === "before") this.onDisaster(disaster.kind, from);
    if (from.killed) return new Promise(() => {});
    const isSilent = api === "Heartbeat" && time.now < (this.#silentUntil.get(from) ?? 0);
    const fate = isSilent ? "requestLost" : faults.fate(api);
    this.#world.trace(api, from.name, fate);
    if (fate !== "prompt") met.add(`${fate} ${api}`);
    const request = ++this.#requests;
    return new Promise((resolve, reject) => {
      const arrive = (isAnswered: boolean) => {
        const answer = (settle: () => void) => {
          if (isAnswered) from.later(faults.delayMs(fate), settle);
        };
        const refuse = (error: unknown) => {
          const reason = error instanceof BrokerError ? error.code : String(error);
          this.#world.trace(`${api} refused`, from.name, reason);
          met.add(`${api} refused ${reason}`);
          answer(() => reject(error));
        };
        const youngest = this.#arrived.get(from) ?? 0;
        if (request < youngest) met.add(`${api} overtaken`);
        else this.#arrived.set(from, request);
        try {
          const result = serve();
          if (fate === "late") met.add(`late ${api} in effect`);
          if (result instanceof Promise) {
            result.then((value) => answer(() => resolve(value)), refuse);
          } else answer(() => resolve(result));
        } catch (error) {
          refuse(error);
        }
        if (disaster?.when === "after") this.onDisaster(disaster.kind, from);
      };
      if (fate === "requestLost" || fate === "responseLost" || fate === "late") {
        from.later(faults.lossMs(), () => reject(new LostError(api)));
      }
      if (fate === "requestLost") return;
      const isAnswered = fate !== "responseLost" && fate !== "late";
      const wayMs = fate === "late" ? faults.lateMs() : faults.delayMs(fate);
      time.later(wayMs, () => arrive(isAnswered));
      if (fate === "duplicated") time.later(wayMs + faults.lateMs(), () => arrive(false));
    });
  }

  /** The request again and again while that may help, as the client library does it. */
  async insist<T>(
    from: SimulatedProcess,
    {
      api,
      serve,
      until,
    }: { api: Api; serve: () => T | Promise<T>; until?: (error: unknown) => boolean },
  ): Promise<T> {
    for (let waitMs = RETRY_WAIT_MS; ; waitMs = Math.min(2 * waitMs, RETRY_WAIT_MS_MAX)) {
      try {
        return await this.call(from, api, serve);
      } catch (error) {
        const passing = error instanceof LostError || PASSING.has((error as BrokerError).code);
        if (!passing || until?.(error)) throw error;
        await from.sleep(waitMs);
      }
    }
  }
}
