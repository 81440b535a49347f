/**
 * What an environment's manifests measure: bytes that are stored for it, each object once however many snapshots carry
 * it over, and what a night adds and leaves behind. Pure.
 */
import type { Manifest } from "../snapshot/manifest";

export interface Measured {
  readonly environmentId: string;
  readonly region: string;
  /** Null where nothing is replicated. */
  readonly replicationRegion: string | null;
  readonly snapshots: number;
  /** All objects of the living snapshots, manifests not counted. */
  readonly storedBytes: number;
  /** Dump and index of the newest snapshot: every snapshot has its own. */
  readonly ownBytes: number;
  /** Of all packs of the newest snapshot. */
  readonly packBytes: number;
  readonly night: {
    /** Nights that the averages are over; 0: a single snapshot, and nothing about change is known. */
    readonly measured: number;
    /** Dump, index and packs that the one before did not have. */
    readonly newBytes: number;
    readonly newPacks: number;
    readonly newFiles: number;
    /** Bytes of packs that the next snapshot no longer had. */
    readonly droppedPackBytes: number;
    readonly carriedPacks: number;
    readonly indexParts: number;
    /** From creation to completion. */
    readonly seconds: number;
  };
  /** Where the database is kept as recovery points: what AWS says the newest one holds, and its database. */
  readonly recoveryPoint: { readonly points: number; readonly bytes: number } | null;
}

/** Undefined without any living snapshot. */
export const measure = (manifests: readonly Manifest[], now: Date): Measured | undefined => {
  const living = manifests
    .filter(({ expiresAt }) => Date.parse(expiresAt) > now.getTime())
    .toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  const newest = living.at(-1);
  if (newest === undefined) return undefined;
  const stored = new Map(living.flatMap((one) => objectsOf(one)).map(({ key, size }) => [key, size]));
  const nights = living.slice(1).map((next, index) => between(living[index] ?? next, next));
  const own = sum(ownObjects(newest).map(({ size }) => size));
  const packs = newest.files.packs;
  const pointsOf = living.flatMap(({ database }) => ("kind" in database ? [database] : []));
  const point = pointsOf.at(-1);
  return {
    environmentId: newest.environmentId,
    region: newest.region,
    replicationRegion: newest.replication === "replicated" ? newest.replicationRegion : null,
    snapshots: living.length,
    storedBytes: sum([...stored.values()]),
    ownBytes: own,
    packBytes: sum(packs.map(({ size }) => size)),
    night: {
      measured: nights.length,
      newBytes: nights.length === 0 ? own : mean(nights.map(({ newBytes }) => newBytes)),
      newPacks: mean(nights.map(({ newPacks }) => newPacks)),
      newFiles: mean(nights.map(({ newFiles }) => newFiles)),
      droppedPackBytes: mean(nights.map(({ droppedPackBytes }) => droppedPackBytes)),
      carriedPacks: nights.length === 0 ? packs.length : mean(nights.map(({ carriedPacks }) => carriedPacks)),
      indexParts: newest.files.index.length,
      seconds: mean(living.map((one) => (Date.parse(one.completedAt) - Date.parse(one.createdAt)) / 1000)),
    },
    recoveryPoint: point === undefined ? null : { points: pointsOf.length, bytes: point.databaseSize },
  };
};

type Sized = { readonly key: string; readonly size: number };

const ownObjects = ({ database, files }: Manifest): readonly Sized[] => [
  ...("key" in database ? [database] : []),
  ...files.index,
];
const objectsOf = (manifest: Manifest): readonly Sized[] => [...ownObjects(manifest), ...manifest.files.packs];

const between = (before: Manifest, after: Manifest) => {
  const known = new Set(before.files.packs.map(({ key }) => key));
  const kept = new Set(after.files.packs.map(({ key }) => key));
  const added = after.files.packs.filter(({ key }) => !known.has(key));
  return {
    newBytes: sum([...ownObjects(after), ...added].map(({ size }) => size)),
    newPacks: added.length,
    newFiles: sum(added.map(({ liveSegments }) => liveSegments)),
    droppedPackBytes: sum(before.files.packs.filter(({ key }) => !kept.has(key)).map(({ size }) => size)),
    carriedPacks: after.files.packs.length - added.length,
  };
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : sum(values) / values.length);
