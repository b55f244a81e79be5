/** Other programs in the group of the aggregator: what they own is not counted. */

import type { Config } from "../../config/config.ts";
import {
  type Admin,
  type GroupMember,
  groupUse,
  KafkaError,
  memberNames,
  ownersOf,
  strangersAmong,
} from "../../kafka/kafka.ts";
import { upperFirst } from "../../lib/text.ts";
import type { RoleContext } from "../../role.ts";

const LOOK_INTERVAL_MS = 30_000;
/** Kafka's error for a member that shares the work by other rules than those in the group. */
const OTHER_RULES = "INCONSISTENT_GROUP_PROTOCOL";

type GroupAdmin = Pick<Admin, "groupMembers">;

/** Says in the log, once each time, which partitions belong to other programs. */
export class Strangers {
  readonly #context: Pick<RoleContext, "clock" | "config" | "log">;
  readonly #admin: GroupAdmin;
  #lookedAt: number;
  #told: string | undefined;

  constructor(context: Pick<RoleContext, "clock" | "config" | "log">, admin: GroupAdmin) {
    this.#context = context;
    this.#admin = admin;
    this.#lookedAt = context.clock.now();
  }

  /** Looks when it is time. Never rejects for a reason of Kafka. */
  async tick(): Promise<void> {
    const { clock, config, log } = this.#context;
    // An answer can take longer than the interval while brokers are away.
    if (config.isEmbedded || clock.now() - this.#lookedAt < LOOK_INTERVAL_MS) return;
    this.#lookedAt = Number.POSITIVE_INFINITY;
    const members = await membersOf(this.#admin, config);
    this.#lookedAt = clock.now();
    if (!members) return;
    const { stranger } = ownersOf(undefined, members, groupUse(config));
    if (stranger !== undefined && stranger !== this.#told) {
      log.warning(`${upperFirst(stranger)}.`);
    } else if (stranger === undefined && this.#told !== undefined) {
      log.info("No partition belongs to another program any more.", { group: config.group });
    }
    this.#told = stranger;
  }
}

/**
 * Waits for `work`. When the group refuses us because of other programs, names them.
 * @throws what `work` rejects with
 */
export async function namingStrangers<T>(
  work: Promise<T>,
  { config, admin }: { config: Config; admin: GroupAdmin },
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code !== OTHER_RULES) throw error;
    const found = strangersAmong((await membersOf(admin, config)) ?? [], groupUse(config));
    if (found.length === 0) throw error;
    const message = `${error.message}. In the group now: ${memberNames(found)}`;
    throw new KafkaError(message, { code: error.code, verdict: error.verdict, cause: error });
  }
}

async function membersOf(admin: GroupAdmin, { group }: Config): Promise<GroupMember[] | undefined> {
  try {
    return await admin.groupMembers(group);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return undefined;
  }
}
