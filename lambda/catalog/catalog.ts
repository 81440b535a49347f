/**
 * The catalog: an index that can be rebuilt from manifests and records. Only this module and those that it builds upon
 * know how items lie in the table. Every method is one request unless it says otherwise.
 */
import { allPages, environmentPk, isoSeconds, page, type Page } from "./catalog-base";
import { ConditionFailed, type Item } from "./catalog-table";
import { GAUGES_PK, type TooOldTold } from "./gauges-item";
import type {
  Attempt,
  Census,
  EnvironmentItem,
  LastWarning,
  Lease,
  Night,
  Pin,
  ShardProgress,
  SnapshotItem,
  SnapshotState,
  Sweep,
} from "./items";
import type { PlaceEntry, Places } from "./place-items";
import { RequestsCatalog } from "./requests-catalog";

export { allPages, isoSeconds, type Page };

const snapshotSk = (snapshotId: string): string => `SNAPSHOT#${snapshotId}`;
const attemptPk = (attemptId: string): string => `ATTEMPT#${attemptId}`;
const leaseKey = (environmentId: string) => ({ pk: environmentPk(environmentId), sk: "LEASE" });
const tooOldKey = { pk: GAUGES_PK, sk: "TOO-OLD" };
const lastWarningKey = (environmentId: string) => ({ pk: environmentPk(environmentId), sk: "LAST-WARNING" });
const PLACES_KEY = { pk: "PLACES", sk: "PLACES" };
const shardSk = (shard: number): string => `SHARD#${String(shard).padStart(6, "0")}`;
const pinSk = (pin: Pick<Pin, "snapshotId" | "holder">): string => `PIN#${pin.snapshotId}#${pin.holder}`;

export class Catalog extends RequestsCatalog {
  // Environments

  /** Throws ConditionFailed when the environment is registered already. */
  async createEnvironment(environment: EnvironmentItem): Promise<void> {
    await this.table.put(
      {
        pk: environmentPk(environment.environmentId),
        sk: "ENVIRONMENT",
        type: "ENVIRONMENT",
        sortKey: environment.environmentId,
        ...environment,
      },
      { absent: true },
    );
  }
  async getEnvironment(environmentId: string): Promise<EnvironmentItem | undefined> {
    return this.read({ pk: environmentPk(environmentId), sk: "ENVIRONMENT" });
  }
  async updateEnvironment(environmentId: string, change: Partial<EnvironmentItem>): Promise<void> {
    await this.table.update({ pk: environmentPk(environmentId), sk: "ENVIRONMENT" }, { set: change });
  }
  /** Only where each of these fields is still null. Throws ConditionFailed. */
  async fillEnvironment(environmentId: string, fill: Partial<EnvironmentItem>): Promise<void> {
    const empty = Object.fromEntries(Object.keys(fill).map((field) => [field, null]));
    await this.table.update(
      { pk: environmentPk(environmentId), sk: "ENVIRONMENT" },
      { set: fill },
      { exists: true, equals: empty },
    );
  }
  async listEnvironments(cursor?: string): Promise<Page<EnvironmentItem>> {
    return page(await this.table.queryType("ENVIRONMENT", cursor === undefined ? {} : { cursor }));
  }

  // Snapshots

  /** Throws ConditionFailed when the snapshot exists. */
  async createSnapshot(snapshot: SnapshotItem): Promise<void> {
    await this.table.put(snapshotItem(snapshot), { absent: true });
  }
  async getSnapshot(environmentId: string, snapshotId: string): Promise<SnapshotItem | undefined> {
    return this.read({ pk: environmentPk(environmentId), sk: snapshotSk(snapshotId) });
  }
  /** Throws ConditionFailed when the snapshot is absent or not in one of `states`. */
  async updateSnapshot(
    environmentId: string,
    snapshotId: string,
    change: Partial<SnapshotItem>,
    states?: readonly SnapshotState[],
  ): Promise<void> {
    await this.table.update(
      { pk: environmentPk(environmentId), sk: snapshotSk(snapshotId) },
      { set: { ...change, ...(change.expiresAt === undefined ? {} : { sortKey: change.expiresAt }) } },
      states === undefined ? undefined : { oneOf: { state: states } },
    );
  }
  /** The seal's commit in the catalog: only while the lease is held. Two writes and a check, one request. */
  async completeSnapshot(
    snapshot: SnapshotItem,
    environment: Partial<EnvironmentItem>,
    leaseToken: string,
  ): Promise<void> {
    await this.table.transact([
      { kind: "check", key: leaseKey(snapshot.environmentId), condition: { equals: { token: leaseToken } } },
      { kind: "put", item: snapshotItem(snapshot) },
      {
        kind: "update",
        key: { pk: environmentPk(snapshot.environmentId), sk: "ENVIRONMENT" },
        change: { set: environment },
      },
    ]);
  }
  async listSnapshots(environmentId: string, cursor?: string): Promise<Page<SnapshotItem>> {
    return page(
      await this.table.query(environmentPk(environmentId), {
        skPrefix: "SNAPSHOT#",
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
  }
  /** Every snapshot whose expiry has come, of every environment, oldest expiry first. */
  async listExpired(now: Date, cursor?: string): Promise<Page<SnapshotItem>> {
    return page(
      await this.table.queryType("SNAPSHOT", { upTo: isoSeconds(now), ...(cursor === undefined ? {} : { cursor }) }),
    );
  }
  /** Every snapshot of every environment, earliest expiry first; eventually consistent. */
  async listAllSnapshots(cursor?: string): Promise<Page<SnapshotItem>> {
    return page(await this.table.queryType("SNAPSHOT", cursor === undefined ? {} : { cursor }));
  }
  async deleteSnapshot(environmentId: string, snapshotId: string): Promise<void> {
    await this.table.delete({ pk: environmentPk(environmentId), sk: snapshotSk(snapshotId) });
  }

  // Leases

  /** The lease that stands after the call: ours if it was free (or ours already), otherwise the other's. Up to two requests. */
  async acquireLease(lease: Lease): Promise<Lease> {
    try {
      await this.table.put({ ...leaseKey(lease.environmentId), ...lease }, { absent: true });
      return lease;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const standing = await this.getLease(lease.environmentId);
      return standing ?? this.acquireLease(lease);
    }
  }
  async getLease(environmentId: string): Promise<Lease | undefined> {
    return this.read(leaseKey(environmentId));
  }
  /** Takes over a lease whose holder has provably ended. Throws ConditionFailed when it has changed hands. */
  async takeOverLease(standing: Lease, lease: Lease): Promise<void> {
    await this.table.put(
      { ...leaseKey(lease.environmentId), ...lease },
      { equals: { token: standing.token, taskArn: standing.taskArn } },
    );
  }
  /** Gives the lease back; no error if it is another's or gone. */
  async releaseLease(environmentId: string, token: string): Promise<void> {
    try {
      await this.table.delete(leaseKey(environmentId), { equals: { token } });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  /** Throws ConditionFailed when the lease is no longer ours: the task must stop at once. */
  async recordLeaseTask(environmentId: string, token: string, taskArn: string, taskSince: string): Promise<void> {
    await this.table.update(leaseKey(environmentId), { set: { taskArn, taskSince } }, { equals: { token } });
  }
  async holdsLease(environmentId: string, token: string): Promise<boolean> {
    return (await this.getLease(environmentId))?.token === token;
  }

  // Places

  async getPlaces(): Promise<Places> {
    return (await this.read<Places>(PLACES_KEY)) ?? { version: 0, entries: [] };
  }
  /** Throws ConditionFailed when they are no longer as they stood. */
  async updatePlaces({ version }: Places, entries: readonly PlaceEntry[]): Promise<void> {
    await this.table.update(
      PLACES_KEY,
      { set: { version: version + 1, entries } },
      { equals: { version: version === 0 ? null : version } },
    );
  }

  // Attempts and their shards

  async putAttempt(attempt: Attempt): Promise<void> {
    await this.table.put({ pk: attemptPk(attempt.attemptId), sk: "ATTEMPT", ...attempt });
  }
  async getAttempt(attemptId: string): Promise<Attempt | undefined> {
    return this.read({ pk: attemptPk(attemptId), sk: "ATTEMPT" });
  }
  async updateAttempt(attemptId: string, change: Partial<Attempt>): Promise<void> {
    await this.table.update({ pk: attemptPk(attemptId), sk: "ATTEMPT" }, { set: change });
  }
  async putShard(attemptId: string, shard: ShardProgress): Promise<void> {
    await this.table.put({ pk: attemptPk(attemptId), sk: shardSk(shard.shard), ...shard });
  }
  async getShard(attemptId: string, shard: number): Promise<ShardProgress | undefined> {
    return this.read({ pk: attemptPk(attemptId), sk: shardSk(shard) });
  }
  async listShards(attemptId: string, cursor?: string): Promise<Page<ShardProgress>> {
    return page(
      await this.table.query(attemptPk(attemptId), { skPrefix: "SHARD#", ...(cursor === undefined ? {} : { cursor }) }),
    );
  }
  async deleteShard(attemptId: string, shard: number): Promise<void> {
    await this.table.delete({ pk: attemptPk(attemptId), sk: shardSk(shard) });
  }
  async deleteAttempt(attemptId: string): Promise<void> {
    await this.table.delete({ pk: attemptPk(attemptId), sk: "ATTEMPT" });
  }

  // Pins

  async pin(pin: Pin): Promise<void> {
    await this.table.put({ pk: environmentPk(pin.environmentId), sk: pinSk(pin), ...pin });
  }
  async unpin(pin: Pick<Pin, "environmentId" | "snapshotId" | "holder">): Promise<void> {
    await this.table.delete({ pk: environmentPk(pin.environmentId), sk: pinSk(pin) });
  }
  async listPins(environmentId: string, cursor?: string): Promise<Page<Pin>> {
    return page(
      await this.table.query(environmentPk(environmentId), {
        skPrefix: "PIN#",
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
  }

  // Nights

  /** False when this region's night has been opened before. */
  async openNight(night: Night): Promise<boolean> {
    try {
      await this.table.put({ pk: `NIGHT#${night.region}`, sk: `NIGHT#${night.date}`, ...night }, { absent: true });
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      return false;
    }
  }

  async getNight(region: string, date: string): Promise<Night | undefined> {
    return this.read({ pk: `NIGHT#${region}`, sk: `NIGHT#${date}` });
  }

  // Retention's own calendar

  /** False when the environment has a sweep already. */
  async createSweep(sweep: Sweep): Promise<boolean> {
    try {
      await this.table.put(sweepItem(sweep), { absent: true });
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      return false;
    }
  }
  async putSweep(sweep: Sweep): Promise<void> {
    await this.table.put(sweepItem(sweep));
  }
  async getSweep(environmentId: string): Promise<Sweep | undefined> {
    return this.read({ pk: environmentPk(environmentId), sk: "SWEEP" });
  }
  async deleteSweep(environmentId: string): Promise<void> {
    await this.table.delete({ pk: environmentPk(environmentId), sk: "SWEEP" });
  }
  /** Every environment whose next sweep has come, the longest overdue first. */
  async listDueSweeps(now: Date, cursor?: string): Promise<Page<Sweep>> {
    return page(
      await this.table.queryType("SWEEP", { upTo: isoSeconds(now), ...(cursor === undefined ? {} : { cursor }) }),
    );
  }
  /** At most one an environment: what was last told of its last snapshot's expiry. */
  async putLastWarning(warning: LastWarning): Promise<void> {
    await this.table.put({
      ...lastWarningKey(warning.environmentId),
      type: "LAST-WARNING",
      sortKey: warning.expiresAt,
      ...warning,
    });
  }
  async getLastWarning(environmentId: string): Promise<LastWarning | undefined> {
    return this.read(lastWarningKey(environmentId));
  }
  async deleteLastWarning(environmentId: string): Promise<void> {
    await this.table.delete(lastWarningKey(environmentId));
  }
  async listLastWarnings(cursor?: string): Promise<Page<LastWarning>> {
    return page(await this.table.queryType("LAST-WARNING", cursor === undefined ? {} : { cursor }));
  }
  async getTooOldTold(): Promise<TooOldTold | undefined> {
    return this.read(tooOldKey);
  }
  async putTooOldTold(told: TooOldTold): Promise<void> {
    await this.table.put({ ...tooOldKey, ...told });
  }
  async getCensus(): Promise<Census | undefined> {
    return this.read({ pk: "CENSUS", sk: "CENSUS" });
  }
  async putCensus(census: Census): Promise<void> {
    await this.table.put({ pk: "CENSUS", sk: "CENSUS", ...census });
  }
}

const snapshotItem = (snapshot: SnapshotItem): Item => ({
  pk: environmentPk(snapshot.environmentId),
  sk: snapshotSk(snapshot.snapshotId),
  type: "SNAPSHOT",
  sortKey: snapshot.expiresAt,
  ...snapshot,
});

const sweepItem = (sweep: Sweep): Item => ({
  pk: environmentPk(sweep.environmentId),
  sk: "SWEEP",
  type: "SWEEP",
  sortKey: sweep.dueAt,
  ...sweep,
});
