/**
 * A group member as librdkafka keeps it in the background: joins, heartbeats, cooperative
 * rebalances. What it hears becomes events; it waits for the application to answer them.
 */

import type { ConsumerEvent } from "../../src/kafka/kafka.ts";
import type { SimulatedProcess } from "./clock.ts";
import type { SimulatedCluster } from "./cluster.ts";
import { type Member, SESSION_MS_MAX } from "./group.ts";
import { BrokerError } from "./network.ts";

const HEARTBEAT_MS = 125;
const REJOIN_WAIT_MS = 20;

type Rebalance = Extract<ConsumerEvent, { type: "assigned" | "revoked" }>;

export class Membership {
  /** What a transaction's offsets are sent with. */
  readonly member: Member = { id: "", generation: -1 };
  /** For the application, oldest first. */
  readonly events: ConsumerEvent[] = [];
  /** How long the application takes to answer the revocation that it was told of. */
  revocationMs = 0;
  readonly #process: SimulatedProcess;
  readonly #cluster: SimulatedCluster;
  readonly #wake: () => void;
  #owned: number[] = [];
  #state: "joining" | "waiting" | "stable" | "closed" = "joining";
  /** What the application was told of last. */
  #told: "assigned" | "revoked" = "assigned";
  /** What comes after the application's answer. */
  #afterAnswer: () => void = () => {};
  #heardAt: number;
  #attempts = 0;

  constructor(process: SimulatedProcess, cluster: SimulatedCluster, wake: () => void) {
    this.#process = process;
    this.#cluster = cluster;
    this.#wake = wake;
    this.#heardAt = process.now();
    void this.#join();
    this.#heartbeatLater();
  }

  /** The application has answered the last event, if that is of this type. */
  answered(type: "assigned" | "revoked"): void {
    if (this.#state !== "waiting" || type !== this.#told) return;
    const next = this.#afterAnswer;
    this.#afterAnswer = () => {};
    next();
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    const { id } = this.member;
    const leave = () => this.#cluster.group.leave(id);
    await this.#cluster.network.call(this.#process, "LeaveGroup", leave).catch(() => {});
  }

  async #join(): Promise<void> {
    this.#state = "joining";
    const { network, group } = this.#cluster;
    try {
      const { id } = this.member;
      const claims = [...this.#owned];
      const attempt = ++this.#attempts;
      const serve = () => group.join(id, claims, attempt);
      const joined = await network.call(this.#process, "JoinGroup", serve);
      if (this.#isClosed()) return;
      Object.assign(this.member, joined);
      const synced = await network.call(this.#process, "SyncGroup", () => group.sync(joined));
      if (this.#isClosed()) return;
      this.#heardAt = this.#process.now();
      this.#accept(synced);
    } catch (error) {
      if (this.#isClosed()) return;
      await this.#process.sleep(REJOIN_WAIT_MS);
      if (this.#isClosed()) return;
      if (this.#isUnknown(error)) this.#lose();
      else await this.#join();
    }
  }

  #accept(assignment: readonly number[]): void {
    const revoked = this.#owned.filter((partition) => !assignment.includes(partition));
    const added = assignment.filter((partition) => !this.#owned.includes(partition));
    this.#owned = [...assignment];
    const rejoin = () => void this.#join();
    if (revoked.length === 0) {
      this.#give(added, () => {
        this.#state = "stable";
      });
      return;
    }
    this.#tell({ type: "revoked", partitions: revoked, lost: false }, () => {
      if (added.length > 0) this.#give(added, rejoin);
      else rejoin();
    });
  }

  #give(partitions: number[], then: () => void): void {
    this.#tell({ type: "assigned", partitions }, then);
  }

  #lose(): void {
    const partitions = this.#owned;
    this.#owned = [];
    const rejoin = () => void this.#join();
    if (partitions.length === 0) rejoin();
    else this.#tell({ type: "revoked", partitions, lost: true }, rejoin);
  }

  #tell(event: Rebalance, then: () => void): void {
    this.#cluster.world.trace("told", this.#process.name, event.type, event.partitions.join());
    const isLost = event.type === "revoked" && event.lost;
    this.#cluster.world.met.add(`partitions ${isLost ? "lost" : event.type}`);
    const isSlow = event.type === "revoked" && !isLost;
    this.revocationMs = isSlow ? this.#slowRevocationMs() : 0;
    this.#state = "waiting";
    this.#told = event.type;
    this.#afterAnswer = then;
    this.events.push(event);
    this.#wake();
  }

  #slowRevocationMs(): number {
    const { network, world } = this.#cluster;
    if (!world.faults.happens("slowRevocation")) return 0;
    network.silenceHeartbeats(this.#process, 2 * SESSION_MS_MAX);
    return world.random.between(SESSION_MS_MAX, 2 * SESSION_MS_MAX);
  }

  #heartbeatLater(): void {
    this.#process.later(HEARTBEAT_MS, () => void this.#heartbeat());
  }

  async #heartbeat(): Promise<void> {
    if (this.#isClosed()) return;
    if (this.#state !== "joining") {
      const { network, group } = this.#cluster;
      const sender = { ...this.member };
      try {
        await network.call(this.#process, "Heartbeat", () => group.heartbeat(sender));
        this.#heardAt = this.#process.now();
      } catch (error) {
        if (this.#isClosed()) return;
        this.#onHeartbeatError(error);
      }
    }
    this.#heartbeatLater();
  }

  /** In the middle of a rebalance librdkafka only notes it; the next heartbeat fails again. */
  #onHeartbeatError(error: unknown): void {
    // The answer to an outdated request.
    if (this.#state === "joining") return;
    const isStable = this.#state === "stable";
    if (error instanceof BrokerError && error.code === "REBALANCE_IN_PROGRESS") {
      this.#heardAt = this.#process.now();
      if (isStable) void this.#join();
    } else if (this.#isUnknown(error)) {
      if (isStable) this.#lose();
    } else if (this.#process.now() - this.#heardAt >= SESSION_MS_MAX) {
      this.member.id = "";
      if (isStable) this.#lose();
    }
  }

  #isUnknown(error: unknown): boolean {
    if (!(error instanceof BrokerError)) return false;
    if (error.code === "UNKNOWN_MEMBER_ID") this.member.id = "";
    else if (error.code === "ILLEGAL_GENERATION") this.member.generation = -1;
    else return false;
    return true;
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }
}
