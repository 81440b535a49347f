/**
 * Compares catalog and buckets, an environment at a time, and brings the catalog what it lacks. The catalog is read
 * before the bucket: what leaves both meanwhile is not brought back, because nothing can delete what the catalog does
 * not list. An environment's item is written last of all that belongs to it: until then no workflow knows the
 * environment, and retention deletes nothing of it. Every write is made only where nothing stands, so a rebuild may be
 * cut short anywhere, run again, and run while backups are taken.
 */
import { allPages, type Catalog } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { SnapshotItem } from "../catalog/items";
import type { EnvironmentPlace } from "../storage/object-keys";
import {
  type Change,
  compareEnvironment,
  compareKey,
  comparePrincipal,
  type Difference,
  keyWithoutRecord,
  type ListedEnvironment,
  principalWithoutRecord,
  unknownToBuckets,
} from "./compare";
import type { RebuildFinding, RebuildSource } from "./contract";
import { findEnvironment } from "./find-environment";
import { findEnvironments } from "./find-environments";
import { findPeople, type FoundPeople } from "./find-people";

/** What was compared at once: an environment, or everybody who may sign in. */
export interface Compared {
  /** Null: who may sign in, and environments that only the catalog knows. */
  readonly place: EnvironmentPlace | null;
  readonly snapshots: number;
  readonly differences: readonly Difference[];
  readonly findings: readonly RebuildFinding[];
}

/** Reads only. */
export async function* compareCatalog(source: RebuildSource, catalog: Catalog): AsyncGenerator<Compared> {
  const seen = new Set<string>();
  for await (const place of findEnvironments(source.sides)) {
    seen.add(place.environmentId);
    const listed = await readListed(place.environmentId, catalog);
    const found = await findEnvironment(place, source);
    const differences = compareEnvironment(found, listed, source.now);
    yield { place, snapshots: found.snapshots.length, differences, findings: found.findings };
  }
  yield await comparePeople(source, catalog);
  const rest: Difference[] = [];
  for await (const environment of allPages((cursor) => catalog.listEnvironments(cursor))) {
    if (!seen.has(environment.environmentId)) rest.push(unknownToBuckets(environment));
  }
  yield { place: null, snapshots: 0, differences: rest, findings: [] };
}

/** The same, and each change is made before the next environment is looked at. Safe to repeat. */
export async function* rebuildCatalog(source: RebuildSource, catalog: Catalog): AsyncGenerator<Compared> {
  for await (const compared of compareCatalog(source, catalog)) {
    for (const { change } of compared.differences) if (change !== null) await make(change, catalog);
    yield compared;
  }
}

async function readListed(environmentId: string, catalog: Catalog): Promise<ListedEnvironment> {
  const snapshots = new Map<string, SnapshotItem>();
  const restoreIds = new Set<string>();
  const environment = await catalog.getEnvironment(environmentId);
  for await (const snapshot of allPages((cursor) => catalog.listSnapshots(environmentId, cursor)))
    snapshots.set(snapshot.snapshotId, snapshot);
  for await (const { restoreId } of allPages((cursor) => catalog.listRestores(environmentId, cursor)))
    restoreIds.add(restoreId);
  return { environment, snapshots, restoreIds };
}

async function comparePeople(source: RebuildSource, catalog: Catalog): Promise<Compared> {
  const { principals, keys, findings } = await findPeople(source);
  const differences: Difference[] = [];
  for (const key of keys) {
    const difference = compareKey(key, await catalog.getApiKey(key));
    if (difference !== undefined) differences.push(difference);
  }
  for (const principal of principals) {
    const difference = comparePrincipal(principal, await catalog.getPrincipal(principal.name));
    if (difference !== undefined) differences.push(difference);
  }
  differences.push(...(await withoutRecords({ principals, keys }, catalog)));
  return { place: null, snapshots: 0, differences, findings };
}

async function withoutRecords(
  { principals, keys }: Pick<FoundPeople, "principals" | "keys">,
  catalog: Catalog,
): Promise<readonly Difference[]> {
  const names = new Set(principals.map(({ name }) => name));
  const hashes = new Set(keys.map(({ hash }) => hash));
  const differences: Difference[] = [];
  for await (const principal of allPages((cursor) => catalog.listPrincipals(cursor))) {
    if (!names.has(principal.name)) differences.push(principalWithoutRecord(principal));
    for await (const key of allPages((cursor) => catalog.listApiKeys(principal.name, cursor)))
      if (!hashes.has(key.hash)) differences.push(keyWithoutRecord(key));
  }
  return differences;
}

/** Nothing that stands is overwritten: somebody was faster, and theirs is the newer word. */
async function make(change: Change, catalog: Catalog): Promise<void> {
  try {
    await makeOrFail(change, catalog);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

async function makeOrFail(change: Change, catalog: Catalog): Promise<void> {
  switch (change.do) {
    case "add-environment":
      return catalog.createEnvironment(change.environment);
    case "fill-environment":
      return catalog.fillEnvironment(change.environmentId, change.fill);
    case "add-snapshot":
      return catalog.createSnapshot(change.snapshot);
    case "offer-again": {
      const { environmentId, snapshotId, ...facts } = change.snapshot;
      return catalog.updateSnapshot(environmentId, snapshotId, { ...facts, withheld: false }, ["failed"]);
    }
    case "add-restore":
      return catalog.createEndedRestore(change.restore);
    case "add-principal":
      return catalog.putPrincipal(change.principal, null);
    default:
      return catalog.putApiKey(change.key);
  }
}
