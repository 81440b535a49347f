/**
 * Counts a region's snapshots and restores, one after another, into what is measured of them. Memory grows with the
 * number of environments alone. Pure: `now` is given.
 */
import type { EnvironmentItem, RestoreItem, SnapshotItem } from "../catalog/items";
import { eligibility } from "../rules/eligibility";
import { isHeld } from "../restore/acknowledgement";
import { isExpired } from "../rules/retention-calendar";
import { firstWindowFrom, windowTimes, type WindowTable } from "../rules/window-times";

export interface Gauges {
  readonly queued: number;
  readonly longestQueuedSeconds: number;
  readonly overrunSeconds: number;
  /** Of the longest that waits; undefined where none does. */
  readonly replicationLagSeconds: number | undefined;
  readonly backlog: number;
  readonly overdueSeconds: number;
  readonly logicalBytes: number;
  /** Of the environments whose nights are backed up, the oldest first; equal ones by their ids. */
  readonly ages: readonly BackupAge[];
}
export interface BackupAge {
  readonly environmentId: string;
  /**
   * Since its newest backup at the far end was taken; without any, since the window opened in which the first one was
   * due, and 0 until then.
   */
  readonly seconds: number;
  readonly hasBackup: boolean;
}
type Counted = Pick<EnvironmentItem, "environmentId" | "firstStartedAt" | "registration" | "replication">;

export class Tally {
  private readonly environments = new Map<string, Counted>();
  private readonly newest = new Map<string, number>();
  private queued = 0;
  private longestQueued = 0;
  private overrun = 0;
  private lag: number | undefined;
  private backlog = 0;
  private overdue = 0;
  private logical = 0;

  constructor(
    private readonly now: Date,
    private readonly row: WindowTable & { readonly region: string },
  ) {}

  /** Before its snapshots. */
  environment(environment: Counted): void {
    this.environments.set(environment.environmentId, environment);
  }

  snapshot(snapshot: SnapshotItem): void {
    const { now } = this;
    if (isExpired(snapshot.expiresAt, now)) {
      this.backlog += 1;
      this.overdue = Math.max(this.overdue, this.since(snapshot.expiresAt));
      return;
    }
    if (snapshot.state === "queued") this.wait(snapshot.updatedAt);
    if (snapshot.night !== null && (snapshot.state === "queued" || snapshot.state === "running"))
      this.overrun = Math.max(this.overrun, this.since(windowTimes(this.row, snapshot.night).endsAt));
    if (snapshot.state === "completed" && !snapshot.deleting) this.complete(snapshot);
  }

  /** One that waits for a person's word is in nobody's way. */
  restore({ state, phase, createdAt }: Pick<RestoreItem, "state" | "phase" | "createdAt">): void {
    if (state === "queued" && !isHeld({ state, phase })) this.wait(createdAt);
  }

  gauges(): Gauges {
    return {
      queued: this.queued,
      longestQueuedSeconds: this.longestQueued,
      overrunSeconds: this.overrun,
      replicationLagSeconds: this.lag,
      backlog: this.backlog,
      overdueSeconds: this.overdue,
      logicalBytes: this.logical,
      ages: this.ages(),
    };
  }

  private ages(): readonly BackupAge[] {
    return [...this.environments.values()]
      .filter((environment) => eligibility(environment, this.row.region, this.now).eligible)
      .map(({ environmentId, firstStartedAt }) => {
        const newest = this.newest.get(environmentId);
        const due = firstWindowFrom(this.row, new Date(firstStartedAt ?? this.now)).startsAt;
        const seconds = this.since(newest === undefined ? due : new Date(newest));
        return { environmentId, seconds, hasBackup: newest !== undefined };
      })
      .toSorted((a, b) => b.seconds - a.seconds || a.environmentId.localeCompare(b.environmentId));
  }
  private complete(snapshot: SnapshotItem): void {
    const { environmentId, replicatedAt, createdAt, finishedAt } = snapshot;
    this.logical += (snapshot.dumpSize ?? 0) + (snapshot.filesSize ?? 0);
    const isReplicated = this.environments.get(environmentId)?.replication === "replicated";
    if (isReplicated && replicatedAt === null) {
      this.lag = Math.max(this.lag ?? 0, this.since(finishedAt ?? createdAt));
      return;
    }
    // What a user has uploaded is no backup of the environment.
    if (snapshot.tier === "uploaded") return;
    this.newest.set(environmentId, Math.max(this.newest.get(environmentId) ?? 0, Date.parse(createdAt)));
  }
  private wait(since: string): void {
    this.queued += 1;
    this.longestQueued = Math.max(this.longestQueued, this.since(since));
  }
  private since(time: string | Date): number {
    return Math.max(0, (this.now.getTime() - new Date(time).getTime()) / 1000);
  }
}
