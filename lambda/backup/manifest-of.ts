/** The manifest of what an attempt has made. Pure. */
import type { Attempt, EnvironmentItem, SnapshotItem } from "../catalog/items";
import type { Settings } from "../runtime/settings";
import { MANIFEST_FORMAT, type Manifest, type RecoveryPointEntry } from "../snapshot/manifest";
import { manifestWarnings, type SnapshotWarning } from "../snapshot/warnings";
import { namedBy, type SnapshotContents } from "./snapshot-contents";

export interface ManifestSources {
  readonly attempt: Attempt;
  readonly snapshot: SnapshotItem;
  readonly environment: EnvironmentItem;
  readonly contents: SnapshotContents;
  readonly completedAt: string;
  readonly settings: Settings;
}

export function manifestOf({
  attempt,
  snapshot,
  environment,
  contents,
  completedAt,
  settings,
}: ManifestSources): Manifest {
  const { registration, replication } = environment;
  const { dump, plan, files } = contents;
  const database = contents.recoveryPoint ?? dump.database;
  if (database === null) throw new Error(`Snapshot ${snapshot.snapshotId} has neither a dump nor a recovery point.`);
  return {
    format: MANIFEST_FORMAT,
    snapshotId: snapshot.snapshotId,
    attemptId: attempt.attemptId,
    attempt: attempt.attempt,
    environmentId: environment.environmentId,
    appId: registration.appId,
    region: settings.REGION,
    replication,
    replicationRegion: replication === "replicated" ? settings.REPLICA_REGION : null,
    tier: snapshot.tier,
    night: snapshot.night,
    createdAt: snapshot.createdAt,
    completedAt,
    expiresAt: snapshot.expiresAt,
    createdBy: snapshot.createdBy,
    comment: snapshot.comment,
    modelVersion: snapshot.modelVersion,
    consistency: consistencyOf(snapshot, registration, contents),
    baseSnapshotId: plan.useBase ? attempt.baseSnapshotId : null,
    database,
    // What the packs are locked until from now on: never less than before.
    files: {
      ...files,
      packs: files.packs.map((pack) => ({ ...pack, lockedUntil: later(pack.lockedUntil, snapshot.expiresAt) })),
    },
    ...manifestWarnings([
      ...(contents.recoveryPoint === null ? [] : weakerPromises(contents.recoveryPoint)),
      ...dump.warnings,
      ...plan.warnings,
      ...missingWarning(files.missing.count, registration),
    ]),
  };
}

const consistencyOf = (
  { tier }: SnapshotItem,
  { files }: EnvironmentItem["registration"],
  { recoveryPoint }: SnapshotContents,
): Manifest["consistency"] => {
  if (tier === "uploaded") return "uploaded";
  return recoveryPoint === null || files.source.kind === "listing" ? files.source.kind : "around-recovery-point";
};

/** What a snapshot with a recovery point can't promise, told with each of them. */
const weakerPromises = ({ deleteAt, listedBefore, listedAfter }: RecoveryPointEntry): SnapshotWarning[] => [
  {
    code: "RecoveryPoint",
    message: `Its database is a recovery point of AWS Backup: its files are those named right before (${listedBefore}) or right after it (${listedAfter}), since no view of the database at its own instant can be had.`,
  },
  {
    code: "RecoveryPointLocked",
    message: `AWS Backup's lock holds the recovery point until ${deleteAt}: nobody can delete it sooner, or keep it for longer.`,
  },
  {
    code: "RecoveryPointRestore",
    message:
      "A restore makes a new RDS instance and renames two, with interruptions; one that stops in between is resumed.",
  },
];

const later = (a: string, b: string): string => (Date.parse(a) >= Date.parse(b) ? a : b);

function missingWarning(missing: number, registration: EnvironmentItem["registration"]): SnapshotWarning[] {
  if (missing === 0) return [];
  const who = namedBy(registration);
  const subject = missing === 1 ? `1 file that ${who} names is` : `${missing} files that ${who} names are`;
  const message = `${subject} missing from bucket ${registration.files.bucket}; the snapshot's manifest and index list them.`;
  return [{ code: "FilesMissing", message }];
}
