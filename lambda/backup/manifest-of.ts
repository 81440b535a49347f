/** The manifest of what an attempt has made. Pure. */
import type { Attempt, EnvironmentItem, SnapshotItem } from "../catalog/items";
import type { Settings } from "../runtime/settings";
import { MANIFEST_FORMAT, type Manifest } from "../snapshot/manifest";
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
    consistency: snapshot.tier === "uploaded" ? "uploaded" : registration.files.source.kind,
    baseSnapshotId: plan.useBase ? attempt.baseSnapshotId : null,
    database: dump.database,
    // What the packs are locked until from now on: never less than before.
    files: {
      ...files,
      packs: files.packs.map((pack) => ({ ...pack, lockedUntil: later(pack.lockedUntil, snapshot.expiresAt) })),
    },
    warnings: [...dump.warnings, ...plan.warnings, ...missingWarning(files.missing.count, registration)],
  };
}

const later = (a: string, b: string): string => (Date.parse(a) >= Date.parse(b) ? a : b);

function missingWarning(missing: number, registration: EnvironmentItem["registration"]): string[] {
  if (missing === 0) return [];
  const who = namedBy(registration);
  const subject = missing === 1 ? `1 file that ${who} names is` : `${missing} files that ${who} names are`;
  return [`${subject} missing from bucket ${registration.files.bucket}; the snapshot's manifest and index list them.`];
}
