/**
 * Records of how things ended: what a snapshot's manifest does not tell, the last probe, ended restores. As all records
 * they are written before the catalog says the same.
 */
import { z } from "zod";
import type { Collaborators } from "../runtime/collaborators";
import {
  type EnvironmentPlace,
  outcomeRecordKey,
  probeRecordKey,
  restoreOutcomeRecordKey,
} from "../storage/object-keys";
import { StorageError } from "../storage/storage-errors";
import type { EnvironmentItem, RestoreItem, SnapshotItem } from "./items";
import { putRecord, RECORD_FORMAT, type RecordCollaborators } from "./records";

const tierWord = z.enum(["nightly", "weekly", "monthly", "on-demand", "uploaded"]);
const time = z.iso.datetime();

/** `<prefix>/records/outcomes/<snapshotId>.json`: what became of a snapshot, where no manifest says so. */
export const outcomeRecord = z.discriminatedUnion("state", [
  z.object({
    format: z.literal(RECORD_FORMAT),
    state: z.literal("failed"),
    environmentId: z.string(),
    snapshotId: z.string(),
    tier: tierWord,
    night: z.iso.date().nullable(),
    statusMessage: z.string(),
    attempt: z.number().int(),
    attemptId: z.string().nullable(),
    createdBy: z.string(),
    comment: z.string(),
    modelVersion: z.string(),
    createdAt: time,
    finishedAt: time,
    expiresAt: time,
    updatedAt: time,
  }),
  z.object({
    format: z.literal(RECORD_FORMAT),
    state: z.literal("completed"),
    environmentId: z.string(),
    snapshotId: z.string(),
    /** When every object had been seen at the replica; null when that was given up, and `replicationMessage` says why. */
    replicatedAt: time.nullable(),
    replicationMessage: z.string(),
    updatedAt: time,
  }),
]);
export type OutcomeRecord = z.infer<typeof outcomeRecord>;

/** `<prefix>/records/probe.json`. */
export const probeRecord = z.object({
  format: z.literal(RECORD_FORMAT),
  environmentId: z.string(),
  at: time,
  findings: z.array(z.string()),
  updatedAt: time,
});
export type ProbeRecord = z.infer<typeof probeRecord>;

/** `<prefix>/records/restore-outcomes/<restoreId>.json`: the catalog's item as it was when the restore had ended. */
export const restoreOutcomeRecord = z.object({
  format: z.literal(RECORD_FORMAT),
  restore: z.looseObject({
    restoreId: z.string(),
    targetEnvironmentId: z.string(),
    state: z.enum(["failed", "completed"]),
    createdAt: time,
    keptUntil: time.optional(),
  }),
  updatedAt: time,
});
export type RestoreOutcomeRecord = z.infer<typeof restoreOutcomeRecord>;

/** A snapshot that has failed for good, as users see it until its expiry. A refused upload goes after a day and leaves no record. */
export async function putFailureRecord(
  place: EnvironmentPlace,
  snapshot: SnapshotItem,
  collaborators: RecordCollaborators & Pick<Collaborators, "log">,
): Promise<void> {
  const { environmentId, snapshotId, tier, night, statusMessage, attempt, attemptId, createdBy } = snapshot;
  if (tier === "uploaded") return;
  const { modelVersion, createdAt, finishedAt, expiresAt, updatedAt } = snapshot;
  await putEndRecord(collaborators, outcomeRecordKey(place, snapshotId), {
    format: RECORD_FORMAT,
    state: "failed",
    environmentId,
    snapshotId,
    tier,
    night,
    statusMessage,
    attempt,
    attemptId,
    createdBy,
    // A changed one stands in the snapshot's own record.
    comment: snapshot.firstComment ?? snapshot.comment,
    modelVersion,
    createdAt,
    finishedAt: finishedAt ?? updatedAt,
    expiresAt,
    updatedAt,
  } satisfies OutcomeRecord);
}

export async function putReplicationRecord(
  place: EnvironmentPlace,
  snapshot: Pick<SnapshotItem, "snapshotId" | "replicatedAt" | "replicationMessage" | "updatedAt">,
  { settings, store }: RecordCollaborators,
): Promise<void> {
  const { snapshotId, replicatedAt, replicationMessage, updatedAt } = snapshot;
  await putRecord(store, settings.PRIMARY_BUCKET, outcomeRecordKey(place, snapshotId), {
    format: RECORD_FORMAT,
    state: "completed",
    environmentId: place.environmentId,
    snapshotId,
    replicatedAt,
    replicationMessage,
    updatedAt,
  } satisfies OutcomeRecord);
}

export async function putProbeRecord(
  place: EnvironmentPlace,
  { at, findings }: NonNullable<EnvironmentItem["probe"]>,
  { settings, store }: RecordCollaborators,
): Promise<void> {
  const { environmentId } = place;
  await putRecord(store, settings.PRIMARY_BUCKET, probeRecordKey(place), {
    format: RECORD_FORMAT,
    environmentId,
    at,
    findings: [...findings],
    updatedAt: at,
  } satisfies ProbeRecord);
}

/** A restore that has ended. What was only planned has none: planning again costs nothing. */
export async function putRestoreOutcomeRecord(
  target: EnvironmentPlace,
  restore: RestoreItem,
  collaborators: RecordCollaborators & Pick<Collaborators, "log">,
): Promise<void> {
  const record = { format: RECORD_FORMAT, restore, updatedAt: restore.updatedAt };
  await putEndRecord(collaborators, restoreOutcomeRecordKey(target, restore.restoreId), record);
}

/**
 * A bucket that takes no record must not keep an end from being told, or a lease from being given back: it may be why
 * the operation failed. `backups catalog check` then names what has no record.
 */
async function putEndRecord(
  { settings, store, log }: RecordCollaborators & Pick<Collaborators, "log">,
  key: string,
  record: unknown,
): Promise<void> {
  try {
    await putRecord(store, settings.PRIMARY_BUCKET, key, record);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    log.error("How an operation ended could not be recorded in the bucket; the catalog alone knows.", { key, error });
  }
}
