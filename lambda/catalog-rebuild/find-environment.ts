/**
 * An environment with its snapshots and ended restores, as manifests and records tell them. Memory grows with its
 * objects, a few dozen bytes each, and with nothing else. Reads only.
 */
import { drillsRecord } from "../catalog/drills";
import type { EnvironmentItem, RestoreItem, SnapshotItem } from "../catalog/items";
import { probeRecord, restoreOutcomeRecord } from "../catalog/outcome-records";
import { registrationRecord } from "../catalog/records";
import { isExpired } from "../rules/retention-calendar";
import { secondsTaken } from "../snapshot/sealed-facts";
import {
  drillsRecordKey,
  type EnvironmentPlace,
  probeRecordKey,
  registrationRecordKey,
  restoreOutcomeRecordKey,
} from "../storage/object-keys";
import { ObjectChecker } from "./check-stored-object";
import type { FoundEnvironment, RebuildFinding, RebuildSource } from "./contract";
import { findSnapshot } from "./find-snapshot";
import { readNewestRecord } from "./read-record";
import { StoredVersions } from "./stored-versions";

export async function findEnvironment(place: EnvironmentPlace, source: RebuildSource): Promise<FoundEnvironment> {
  const stored = await StoredVersions.of(place, source.sides);
  const findings: RebuildFinding[] = [];
  const sides =
    place.replication === "replicated" ? source.sides : source.sides.filter(({ side }) => side === "primary");
  const checker = new ObjectChecker(stored, sides, source.check);
  const { snapshotIds, restoreIds, unfinished } = idsIn(stored);
  const snapshots: SnapshotItem[] = [];
  for (const snapshotId of [...snapshotIds].toSorted()) {
    const found = await findSnapshot(snapshotId, { place, source, stored, checker, findings });
    if (found !== undefined) snapshots.push(found);
  }
  snapshots.sort(byAge);
  const restores = await readRestores(place, restoreIds, source.now, stored, findings);
  for (const restoreId of unfinished) findings.push(unfinishedRestore(place, restoreId));
  const environment = await readRegistration(place, snapshots, stored, findings);
  return { place, environment, snapshots, restores, findings };
}

interface Ids {
  readonly snapshotIds: ReadonlySet<string>;
  readonly restoreIds: ReadonlySet<string>;
  /** Restores that have written what they meant to do, and not how they ended. */
  readonly unfinished: readonly string[];
}

function idsIn(stored: StoredVersions): Ids {
  const snapshotIds = new Set<string>();
  const restoreIds = new Set<string>();
  const begun = new Set<string>();
  for (const { what } of stored.each()) {
    if (what.kind === "manifest" || what.kind === "outcome-record") snapshotIds.add(what.snapshotId);
    if (what.kind === "restore-outcome-record") restoreIds.add(what.restoreId);
    if (what.kind === "restore-record") begun.add(what.restoreId);
  }
  return { snapshotIds, restoreIds, unfinished: [...begun].filter((id) => !restoreIds.has(id)).toSorted() };
}

async function readRestores(
  place: EnvironmentPlace,
  restoreIds: ReadonlySet<string>,
  now: Date,
  stored: StoredVersions,
  findings: RebuildFinding[],
): Promise<readonly RestoreItem[]> {
  const restores: RestoreItem[] = [];
  for (const restoreId of [...restoreIds].toSorted()) {
    const record = await readNewestRecord(
      {
        key: restoreOutcomeRecordKey(place, restoreId),
        schema: restoreOutcomeRecord,
        environmentId: place.environmentId,
        snapshotId: null,
        without: "what became of the restore is not known any more",
      },
      stored,
      findings,
    );
    if (record === undefined) continue;
    const restore = record.restore as unknown as RestoreItem;
    if (restore.keptUntil === undefined || !isExpired(restore.keptUntil, now)) restores.push(restore);
  }
  return restores.toSorted(byAge);
}

async function readRegistration(
  place: EnvironmentPlace,
  snapshots: readonly SnapshotItem[],
  stored: StoredVersions,
  findings: RebuildFinding[],
): Promise<EnvironmentItem | null> {
  const { environmentId } = place;
  const key = registrationRecordKey(place);
  const wish = { environmentId, snapshotId: null };
  const record = await readNewestRecord(
    { ...wish, key, schema: registrationRecord, without: "the environment has to be registered again" },
    stored,
    findings,
  );
  if (record === undefined) {
    findings.push({
      code: "registration-unreadable",
      environmentId,
      snapshotId: null,
      bucket: null,
      key,
      message: `Environment ${environmentId} has no registration that can be read; register it again as ${place.replication}, then rebuild again: until then none of its snapshots is offered.`,
    });
    return null;
  }
  const probe = await readNewestRecord(
    { ...wish, key: probeRecordKey(place), schema: probeRecord, without: "probe the environment again" },
    stored,
    findings,
  );
  const drills = await readNewestRecord(
    {
      ...wish,
      key: drillsRecordKey(place),
      schema: drillsRecord,
      without: "earlier restore drills are not known any more",
    },
    stored,
    findings,
  );
  const newest = newestBackup(snapshots);
  const lastDrillAt = drills?.drills[0]?.startedAt ?? undefined;
  const { registration, replication, registeredAt, firstStartedAt, running, modelVersion } = record;
  return {
    environmentId,
    registration,
    replication,
    registeredAt,
    firstStartedAt,
    running,
    modelVersion,
    lastDurationSeconds:
      newest === undefined
        ? null
        : secondsTaken({ createdAt: newest.createdAt, completedAt: newest.finishedAt ?? newest.createdAt }),
    lastSnapshotId: newest?.snapshotId ?? null,
    probe: probe === undefined ? null : { at: probe.at, findings: probe.findings },
    ...(lastDrillAt === undefined ? {} : { lastDrillAt }),
  };
}

/** The base of the next backup: an upload is none. */
const newestBackup = (snapshots: readonly SnapshotItem[]): SnapshotItem | undefined =>
  snapshots.findLast(({ state, tier }) => state === "completed" && tier !== "uploaded");

function unfinishedRestore({ environmentId }: EnvironmentPlace, restoreId: string): RebuildFinding {
  return {
    code: "restore-unfinished",
    environmentId,
    snapshotId: null,
    bucket: null,
    key: null,
    message: `Restore ${restoreId} into environment ${environmentId} has no recorded end: it may have been running when the catalog was lost; look at the target before it is started, and restore again.`,
  };
}

const byAge = (a: { readonly createdAt: string }, b: { readonly createdAt: string }): number =>
  a.createdAt === b.createdAt ? 0 : a.createdAt < b.createdAt ? -1 : 1;
