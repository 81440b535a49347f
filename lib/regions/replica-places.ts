/**
 * Where a row's replicas are, today's place first, and how each is named. The place where they began has names without a
 * region, any later one has its region's code at their end: so a name never changes, also when its place becomes a
 * former one, and no two places share one. Pure.
 */
import type { NightlyRow, Place } from "./nightly-table";

/** Part of the names of bucket, key alias and stack. */
export type ReplicaKind = "replica" | `replica-${string}`;

export interface ReplicaPlace {
  readonly place: Place;
  readonly kind: ReplicaKind;
  /** False where replicas only live out their time. */
  readonly isCurrent: boolean;
}

export const replicaKind = (row: NightlyRow, { region }: Pick<Place, "region"> = row.replication): ReplicaKind =>
  region === (row.firstReplicationRegion ?? row.replication.region) ? "replica" : `replica-${region}`;

export const replicaPlaces = (row: NightlyRow): readonly [ReplicaPlace, ...ReplicaPlace[]] => [
  { place: row.replication, kind: replicaKind(row), isCurrent: true },
  ...row.formerReplicationRegions.map((place) => ({ place, kind: replicaKind(row, place), isCurrent: false })),
];
