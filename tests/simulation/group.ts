/**
 * The group coordinator: members, generations, cooperative-sticky assignments (KIP-429), and
 * offsets that count when the transaction they were sent with commits (KIP-447).
 *
 * Unlike Kafka's: it makes the assignment itself, where Kafka asks a member for it in SyncGroup; a
 * new member is admitted at its first JoinGroup, where Kafka first gives it an id (KIP-394); a
 * JoinGroup that was answered is not heard a second time, which over one connection cannot be. With
 * its old claims it would give away partitions whose owner goes on.
 */

import { BrokerError } from "./network.ts";
import type { World } from "./world.ts";

/** Who sends a request, as the sender believes. */
export interface Member {
  id: string;
  generation: number;
}

interface MemberState {
  readonly id: string;
  heardAt: number;
  /** Partitions that it said it owns when it joined last, at its attempt of this number. */
  claims: readonly number[];
  attempt: number;
  /** The last attempt that was answered. */
  answered: number;
  assignment: readonly number[];
  /** Its JoinGroup requests, unanswered until all members have sent one. */
  joining: ((generation: number) => void)[];
}

export const SESSION_MS_MAX = 500;
/** How long a rebalance waits for a member that does not join. */
const REBALANCE_MS_MAX = 20_000;

export class GroupCoordinator {
  /** Partitions of the topic that the group reads. */
  partitions = 0;
  readonly offsets = new Map<number, number>();
  readonly #world: World;
  readonly #members = new Map<string, MemberState>();
  /** Whom a partition was given to; nobody while it is on its way from one to another. */
  readonly #owners = new Map<number, string>();
  /** Offsets of undecided transactions, by producer id. */
  readonly #pending = new Map<number, Map<number, number>>();
  #generation = 0;
  #rebalancing = false;
  #rebalances = 0;
  #membersEver = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * A request that comes after a later one of the same member, or again after its answer, says
   * nothing any more: its claims are old.
   */
  join(id: string, claims: readonly number[], attempt: number): Promise<Member> {
    const member = id === "" ? this.#admit() : this.#member(id);
    if (attempt < member.attempt || attempt === member.answered)
      throw new BrokerError("UNKNOWN_MEMBER_ID");
    member.attempt = attempt;
    member.claims = claims;
    this.#world.trace("joins", member.id, claims.join());
    return new Promise((resolve) => {
      member.joining.push((generation) => resolve({ id: member.id, generation }));
      this.rebalance();
    });
  }

  sync(sender: Member): readonly number[] {
    const member = this.#current(sender);
    if (this.#rebalancing) throw new BrokerError("REBALANCE_IN_PROGRESS");
    return member.assignment;
  }

  heartbeat(sender: Member): void {
    this.#current(sender).heardAt = this.#world.time.now;
    if (this.#rebalancing) throw new BrokerError("REBALANCE_IN_PROGRESS");
  }

  leave(id: string): void {
    this.#remove(id);
  }

  /** All members have to join again. */
  rebalance(): void {
    if (!this.#rebalancing && this.#members.size > 0) {
      this.#rebalancing = true;
      const rebalance = ++this.#rebalances;
      this.#world.time.later(REBALANCE_MS_MAX, () => {
        if (!this.#rebalancing || this.#rebalances !== rebalance) return;
        for (const { id, joining } of this.#members.values()) {
          if (joining.length === 0) this.#remove(id);
        }
      });
    }
    this.#completeIfAllJoined();
  }

  /** TxnOffsetCommit: a member of another generation is fenced (KIP-447). */
  commitPending(
    producerId: number,
    sender: Member,
    positions: readonly { partition: number; offset: number }[],
  ): void {
    if (sender.generation >= 0 || sender.id !== "") this.#current(sender);
    const pending = this.#pending.get(producerId) ?? new Map<number, number>();
    const offsets = positions.map(({ partition, offset }) => `${partition}:${offset}`);
    this.#world.trace("offsets pending", producerId, sender.id, sender.generation, offsets.join());
    for (const { partition, offset } of positions) {
      const owner = this.#owners.get(partition);
      if (owner !== undefined && owner !== sender.id) {
        this.#world.violate(`${sender.id} commits partition ${partition}, which ${owner} owns`);
      }
      pending.set(partition, offset);
    }
    this.#pending.set(producerId, pending);
  }

  /** What a transaction that is not decided will make of the partition's offset. */
  pendingOffset(producerId: number, partition: number): number | undefined {
    return this.#pending.get(producerId)?.get(partition);
  }

  /** The marker of a transaction reaches the offsets. */
  end(producerId: number, outcome: "committed" | "aborted"): void {
    const pending = this.#pending.get(producerId);
    this.#pending.delete(producerId);
    if (!pending || outcome === "aborted") return;
    for (const [partition, offset] of pending) {
      const before = this.offsets.get(partition) ?? 0;
      if (offset < before) {
        this.#world.violate(`the offset of partition ${partition} fell: ${before} → ${offset}`);
      }
      this.offsets.set(partition, offset);
    }
  }

  owner(partition: number): string | undefined {
    return this.#owners.get(partition);
  }

  /** An undecided transaction holds offsets of the partition. */
  isPending(partition: number): boolean {
    for (const pending of this.#pending.values()) if (pending.has(partition)) return true;
    return false;
  }

  /** OffsetFetch of stable offsets: to be asked again while one is undecided (KIP-447). */
  fetchOffsets(partitions: readonly number[]): { partition: number; offset: number | null }[] {
    if (partitions.some((partition) => this.isPending(partition))) {
      throw new BrokerError("UNSTABLE_OFFSET_COMMIT");
    }
    return partitions.map((partition) => ({
      partition,
      offset: this.offsets.get(partition) ?? null,
    }));
  }

  #admit(): MemberState {
    const { now } = this.#world.time;
    const id = `member-${++this.#membersEver}`;
    const member: MemberState = {
      id,
      heardAt: now,
      claims: [],
      attempt: 0,
      answered: 0,
      assignment: [],
      joining: [],
    };
    this.#members.set(id, member);
    this.#expectHeartbeats(member);
    return member;
  }

  #expectHeartbeats(member: MemberState): void {
    const { time } = this.#world;
    // At least a moment: rounding must not let the clock stand still.
    time.later(Math.max(1, member.heardAt + SESSION_MS_MAX - time.now), () => {
      if (this.#members.get(member.id) !== member) return;
      if (member.joining.length > 0) member.heardAt = time.now;
      if (time.now - member.heardAt >= SESSION_MS_MAX) this.#remove(member.id);
      else this.#expectHeartbeats(member);
    });
  }

  #remove(id: string): void {
    if (!this.#members.delete(id)) return;
    this.#world.trace("member gone", id);
    for (const [partition, owner] of this.#owners) {
      if (owner === id) this.#owners.delete(partition);
    }
    this.rebalance();
  }

  #member(id: string): MemberState {
    const member = this.#members.get(id);
    if (!member) throw new BrokerError("UNKNOWN_MEMBER_ID");
    return member;
  }

  #current({ id, generation }: Member): MemberState {
    const member = this.#member(id);
    if (generation !== this.#generation) throw new BrokerError("ILLEGAL_GENERATION");
    return member;
  }

  #completeIfAllJoined(): void {
    const members = [...this.#members.values()];
    if (members.length === 0) this.#rebalancing = false;
    if (!this.#rebalancing || members.some(({ joining }) => joining.length === 0)) return;
    this.#rebalancing = false;
    this.#generation++;
    this.#assign(members);
    for (const member of members) {
      member.heardAt = this.#world.time.now;
      member.answered = member.attempt;
      for (const answer of member.joining.splice(0)) answer(this.#generation);
      this.#world.trace("assignment", member.id, this.#generation, member.assignment.join());
    }
  }

  /** Balanced and sticky; who must give a partition up does so before another is given it. */
  #assign(members: readonly MemberState[]): void {
    const shares = new Map(members.map((member) => [member, new Set<number>()]));
    const holders = new Map<number, MemberState>();
    const byLoad = () => [...shares].sort(([, a], [, b]) => a.size - b.size);
    for (let partition = 0; partition < this.partitions; partition++) {
      const claimants = members.filter(({ claims }) => claims.includes(partition));
      // Of two that claim it, one has not heard that it lost it.
      const owner = claimants.find(({ id }) => this.#owners.get(partition) === id) ?? claimants[0];
      if (owner) {
        shares.get(owner)?.add(partition);
        holders.set(partition, owner);
      } else byLoad()[0]?.[1].add(partition);
    }
    for (;;) {
      const sorted = byLoad();
      const [least, most] = [sorted[0]?.[1], sorted.at(-1)?.[1]];
      if (!least || !most || most.size - least.size <= 1) break;
      const moved = Math.max(...most);
      most.delete(moved);
      least.add(moved);
    }
    this.#owners.clear();
    for (const [member, share] of shares) {
      // Also one that still claims what it has lost gets it back when its owner has given it up.
      const isFree = (partition: number) => (holders.get(partition) ?? member) === member;
      member.assignment = [...share].filter(isFree).sort((a, b) => a - b);
      for (const partition of member.assignment) this.#owners.set(partition, member.id);
    }
  }
}
