/** Asks the group, every few seconds at most, who owns the partitions in which sales wait. */

import { type Admin, type GroupUse, groupUse, KafkaError, ownersOf } from "../../kafka/kafka.ts";
import type { Clock } from "../../lib/clock.ts";

/** From one question to the next. */
const ASK_INTERVAL_MS = 5_000;
/** The longest wait for an answer. Who has none is not named. */
const ASK_MS_MAX = 3_000;

/** What a group and its clients are known by. */
export type GroupSettings = Parameters<typeof groupUse>[0];

type Owners = ReturnType<typeof ownersOf>;
const NOBODY: Owners = { stranger: undefined, other: undefined };

export class GroupOwners {
  readonly #settings: GroupSettings | undefined;
  readonly #clock: Pick<Clock, "now" | "sleep">;
  #askedAt = Number.NEGATIVE_INFINITY;
  #askedFor = "";
  #found = NOBODY;

  /** `settings`: undefined = nobody is asked. */
  constructor(settings: GroupSettings | undefined, clock: Pick<Clock, "now" | "sleep">) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /**
   * See `ownersOf`. Asks again when other partitions wait. A dashboard may lack the right Describe
   * on the group: then nobody is named.
   */
  async of(partitions: readonly number[], admin: Pick<Admin, "groupMembers">): Promise<Owners> {
    if (partitions.length === 0 || !this.#settings) return NOBODY;
    const now = this.#clock.now();
    const isSame = this.#askedFor === partitions.join();
    if (isSame && now - this.#askedAt < ASK_INTERVAL_MS) return this.#found;
    this.#askedAt = now;
    this.#askedFor = partitions.join();
    this.#found = (await this.#ask(partitions, admin, groupUse(this.#settings))) ?? NOBODY;
    return this.#found;
  }

  async #ask(partitions: readonly number[], admin: Pick<Admin, "groupMembers">, use: GroupUse) {
    const isOver = new AbortController();
    const asked = admin.groupMembers(use.group).catch((error: unknown) => {
      if (!(error instanceof KafkaError)) throw error;
      return undefined;
    });
    const late = this.#clock.sleep(ASK_MS_MAX, isOver.signal).then(() => undefined);
    const members = await Promise.race([asked, late]);
    isOver.abort();
    return members && ownersOf(partitions, members, use);
  }
}
