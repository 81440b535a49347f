/**
 * Counts a region's snapshots and restores, one after another, into what is measured of them. Memory grows with the
 * number of environments alone. Pure: `now` is given.
 */
import type { EnvironmentItem, RestoreItem, SnapshotItem } from "../catalog/items";
import { eligibility } from "../rules/eligibility";
import { isExpired } from "../rules/retention-calendar";
import { windowTimes, type WindowTable } from "../rules/window-times";

export interface Gauges {
  readonly queued: number;
  readonly longestQueuedSeconds: number;
  readonly overrunSeconds: number;
  /** Of the longest that waits; undefined where none does. */
  readonly replicationLagSeconds: number | undefined;
  readonly backlog: number;
  readonly overdueSeconds: number;
  readonly logicalBytes: number;
  /** By environment, of those whose nights are backed up. */
  readonly newestAgeSeconds: ReadonlyMap<string, number>;
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

  restore({ state, createdAt }: Pick<RestoreItem, "state" | "createdAt">): void {
    if (state === "queued") this.wait(createdAt);
  }

  gauges(): Gauges {
    const eligible = [...this.environments.values()].filter(
      (environment) => eligibility(environment, this.row.region, this.now).eligible,
    );
    return {
      queued: this.queued,
      longestQueuedSeconds: this.longestQueued,
      overrunSeconds: this.overrun,
      replicationLagSeconds: this.lag,
      backlog: this.backlog,
      overdueSeconds: this.overdue,
      logicalBytes: this.logical,
      // An environment without any snapshot has been unprotected since its app was started.
      newestAgeSeconds: new Map(
        eligible.map(({ environmentId, firstStartedAt }) => [
          environmentId,
          this.since(new Date(this.newest.get(environmentId) ?? firstStartedAt ?? this.now)),
        ]),
      ),
    };
  }

  private complete(snapshot: SnapshotItem): void {
    const { environmentId, replicatedAt, createdAt, finishedAt } = snapshot;
    this.logical += (snapshot.dumpSize ?? 0) + (snapshot.filesSize ?? 0);
    const isReplicated = this.environments.get(environmentId)?.replication === "replicated";
    if (isReplicated && replicatedAt === null) {
      this.lag = Math.max(this.lag ?? 0, this.since(finishedAt ?? createdAt));
      return;
    }
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
