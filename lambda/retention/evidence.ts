/**
 * Everything that decides what lives, gathered from the catalog and from both buckets. Reads only, so that it serves
 * the dry run too. To be called under the environment's lease when something is to be deleted by it.
 */
import { allPages } from "../catalog/catalog";
import type { Attempt, EnvironmentItem, Pin, SnapshotItem } from "../catalog/items";
import { readSnapshotRecord } from "../catalog/records";
import { laterOf } from "../rules/effective-expiry";
import { isExpired } from "../rules/retention-calendar";
import type { Collaborators } from "../runtime/collaborators";
import { environmentPrefix } from "../storage/object-keys";
import { ObjectDamaged } from "../storage/storage-errors";
import { type FoundVersion, type Side, sidesOf, takeInventory } from "./inventory";
import { type ManifestFound, readManifests } from "./read-manifests";

export interface Evidence {
  readonly environment: EnvironmentItem;
  readonly inventory: readonly FoundVersion[];
  /** Regions of the replica sides, by side. */
  readonly regions: ReadonlyMap<Side, string>;
  readonly manifests: readonly ManifestFound[];
  /** As the catalog lists them, each with its effective expiry. */
  readonly snapshots: readonly SnapshotItem[];
  /** Of these the catalog does not say yet that they are kept longer: their record was written, and then something broke. */
  readonly behind: readonly SnapshotItem[];
  /** Until when an administrator keeps a snapshot, where its record was read. */
  readonly keptUntil: ReadonlyMap<string, string>;
  /** Pins whose executions still run, and those of restores that will be started again. */
  readonly pins: readonly Pin[];
  /** Pins whose executions have ended without taking them away. */
  readonly stalePins: readonly Pin[];
  readonly runningAttempts: readonly Attempt[];
  /** Snapshots whose record says that a user wanted them deleted. */
  readonly deletedByUser: ReadonlySet<string>;
  /** Restores into this environment that have not ended. */
  readonly runningRestores: ReadonlySet<string>;
  /** Records that can't be read, as sentences. */
  readonly damagedRecords: readonly string[];
  /** True when objects stand under the other replication class, where this environment can't have written any. */
  readonly strayClass: boolean;
}

export type EvidenceCollaborators = Pick<
  Collaborators,
  "settings" | "catalog" | "store" | "replicaStore" | "formerReplicas" | "workflows" | "clock"
>;

export async function gatherEvidence(
  environment: EnvironmentItem,
  collaborators: EvidenceCollaborators,
): Promise<Evidence> {
  const { catalog, settings, store } = collaborators;
  const { environmentId } = environment;
  const sides = sidesOf(environment, collaborators);
  const inventory = await takeInventory(environment, sides);
  const listed = await collect(allPages((cursor) => catalog.listSnapshots(environmentId, cursor)));
  const byId = new Map(listed.map((snapshot) => [snapshot.snapshotId, snapshot]));
  const manifests = await readManifests(environmentId, inventory, byId, sides);
  const hasEnded = cachedHasEnded(collaborators);
  const other = environmentPrefix({
    environmentId,
    replication: environment.replication === "replicated" ? "single-region" : "replicated",
  });
  const records = await readRecords({ environment, inventory, manifests, byId }, collaborators);
  const snapshots = listed.map((item) => withKeepUntil(item, records.keptUntil.get(item.snapshotId)));
  const stray = await store.listVersions(settings.PRIMARY_BUCKET, { prefix: other });
  return {
    environment,
    inventory,
    regions: new Map(sides.flatMap(({ side, region }) => (region === undefined ? [] : [[side, region] as const]))),
    manifests,
    snapshots,
    behind: snapshots.filter((item, at) => item !== listed[at]),
    ...(await sortPins(environmentId, collaborators, hasEnded)),
    runningAttempts: await findRunningAttempts(snapshots, collaborators, hasEnded),
    ...records,
    runningRestores: await findRunningRestores(inventory, collaborators),
    strayClass: stray.versions.length > 0,
  };
}

/** The pins as they stand now: read again after a snapshot has been marked, when no new pin can be taken any more. */
export async function refreshPins(evidence: Evidence, collaborators: EvidenceCollaborators): Promise<Evidence> {
  const pins = await sortPins(evidence.environment.environmentId, collaborators, cachedHasEnded(collaborators));
  return { ...evidence, ...pins };
}

type HasEnded = Collaborators["workflows"]["hasEnded"];

const cachedHasEnded = ({ workflows }: EvidenceCollaborators): HasEnded => {
  const known = new Map<string, Promise<boolean>>();
  return (executionArn, knownSince) => {
    const answer = known.get(executionArn) ?? workflows.hasEnded(executionArn, knownSince);
    known.set(executionArn, answer);
    return answer;
  };
};

async function sortPins(
  environmentId: string,
  { catalog }: EvidenceCollaborators,
  hasEnded: HasEnded,
): Promise<Pick<Evidence, "pins" | "stalePins">> {
  const pins: Pin[] = [];
  const stalePins: Pin[] = [];
  for await (const pin of allPages((cursor) => catalog.listPins(environmentId, cursor))) {
    const isStale = (await hasEnded(pin.executionArn, pin.since)) && !(await isHeldByOpenRestore(pin, catalog));
    (isStale ? stalePins : pins).push(pin);
  }
  return { pins, stalePins };
}

/** An open restore is started again when its execution has ended, and needs its snapshot then. */
async function isHeldByOpenRestore(pin: Pin, catalog: Collaborators["catalog"]): Promise<boolean> {
  const restore = await catalog.getRestore(pin.holder);
  return restore !== undefined && restore.state !== "completed" && restore.state !== "failed";
}

async function findRunningAttempts(
  snapshots: readonly SnapshotItem[],
  { catalog }: EvidenceCollaborators,
  hasEnded: HasEnded,
): Promise<readonly Attempt[]> {
  const running: Attempt[] = [];
  for (const { state, attemptId } of snapshots) {
    if (attemptId === null || (state !== "running" && state !== "queued")) continue;
    const attempt = await catalog.getAttempt(attemptId);
    if (attempt !== undefined && !(await hasEnded(attempt.executionArn, attempt.startedAt))) running.push(attempt);
  }
  return running;
}

/** A record is written before the catalog says the same: it is the promise. */
const withKeepUntil = (item: SnapshotItem, keptUntil: string | undefined): SnapshotItem => {
  const expiresAt = laterOf(item.expiresAt, keptUntil ?? null);
  return expiresAt === item.expiresAt || item.state !== "completed" ? item : { ...item, expiresAt };
};

interface Recorded {
  readonly environment: EnvironmentItem;
  readonly inventory: readonly FoundVersion[];
  readonly manifests: readonly ManifestFound[];
  readonly byId: ReadonlyMap<string, SnapshotItem>;
}

/**
 * Reads only the records that can matter: of snapshots that end, that the catalog does not know, or for which it has
 * another expiry than their manifest.
 */
async function readRecords(
  { environment, inventory, manifests, byId }: Recorded,
  collaborators: EvidenceCollaborators,
): Promise<Pick<Evidence, "deletedByUser" | "keptUntil" | "damagedRecords">> {
  const deletedByUser = new Set<string>();
  const keptUntil = new Map<string, string>();
  const damagedRecords: string[] = [];
  const sealed = new Map(manifests.map(({ snapshotId, facts }) => [snapshotId, facts?.expiresAt]));
  const recorded = new Set(inventory.flatMap(({ what }) => (what.kind === "snapshot-record" ? [what.snapshotId] : [])));
  for (const snapshotId of recorded) {
    const item = byId.get(snapshotId);
    const ends = item !== undefined && (item.deleting || isExpired(item.expiresAt, collaborators.clock.now()));
    const differs = item === undefined ? sealed.has(snapshotId) : sealed.get(snapshotId) !== item.expiresAt;
    if (!ends && !differs) continue;
    try {
      const record = await readSnapshotRecord(environment, snapshotId, collaborators);
      if (record?.deletion) deletedByUser.add(snapshotId);
      if (record?.keepUntil) keptUntil.set(snapshotId, record.keepUntil);
    } catch (error) {
      if (!(error instanceof ObjectDamaged)) throw error;
      damagedRecords.push(error.message);
    }
  }
  return { deletedByUser, keptUntil, damagedRecords };
}

/** Those too that have failed and whose files could not all be undone: what stood there may be nowhere but in their records. */
async function findRunningRestores(
  inventory: readonly FoundVersion[],
  { catalog }: EvidenceCollaborators,
): Promise<ReadonlySet<string>> {
  const running = new Set<string>();
  const seen = new Set(inventory.flatMap(({ what }) => (what.kind === "restore-record" ? [what.restoreId] : [])));
  for (const restoreId of seen) {
    const restore = await catalog.getRestore(restoreId);
    if (restore === undefined || restore.state === "completed") continue;
    if (restore.state !== "failed" || typeof restore.files.undoStuck === "string") running.add(restoreId);
  }
  return running;
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
