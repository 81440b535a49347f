/**
 * `unpack`: makes the contents of a snapshot out of an uploaded archive or dump. The upload is read twice: the first
 * time to examine all of it, and nothing is written to the primary bucket; only what passed is stored, the second time.
 * So a refused upload leaves nothing. A failure while storing leaves objects under the attempt's two-day lock. The
 * uploaded object goes in every case, because there is one attempt only; a task that is killed leaves it to the sweep.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AttemptRef } from "../backup/contract";
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { Attempt, EnvironmentItem, UploadItem } from "../catalog/items";
import { ServiceFailure } from "../runtime/collaborators";
import { ObjectNotFound } from "../storage/storage-errors";
import type { StoredUpload } from "../upload/read-upload";
import { dealOut } from "../upload/stored-contents";
import { databaseWarnings } from "./database-facts";
import { claimLease } from "./lease-claim";
import type { TaskContext } from "./task-context";
import { examineUpload } from "./unpack-examine";
import { storeUpload } from "./unpack-store";

export const unpack = async (context: TaskContext, ref: AttemptRef, uploadId: string): Promise<void> => {
  const { catalog } = context;
  const { environmentId, snapshotId, attemptId } = ref;
  const attempt = await catalog.getAttempt(attemptId);
  if (attempt === undefined || attempt.environmentId !== environmentId || attempt.snapshotId !== snapshotId)
    throw new ServiceFailure(
      "AttemptMissing",
      `The attempt ${attemptId} of snapshot ${snapshotId} isn't in the catalog.`,
      false,
    );
  await claimLease(context, environmentId, attempt.leaseToken);
  const environment = await catalog.getEnvironment(environmentId);
  const upload = await catalog.getUpload(uploadId);
  if (environment === undefined)
    throw new ServiceFailure("EnvironmentMissing", `The environment "${environmentId}" isn't registered.`, false);
  if (upload === undefined || upload.environmentId !== environmentId || upload.snapshotId !== snapshotId)
    throw new ServiceFailure(
      "UploadMissing",
      `The upload ${uploadId} isn't in the catalog; upload the file again.`,
      false,
    );
  try {
    // A repetition after success has nothing to do but to clear up.
    if (attempt.dump === null) await unpackUpload(context, { attempt, environment, upload });
  } finally {
    await forgetUploadedObject(context, upload);
  }
};

interface Unpacking {
  readonly attempt: Attempt;
  readonly environment: EnvironmentItem;
  readonly upload: UploadItem;
}

const unpackUpload = async (context: TaskContext, unpacking: Unpacking): Promise<void> => {
  const { catalog, clock, log } = context;
  const { attempt, upload } = unpacking;
  const { attemptId, snapshotId, environmentId } = attempt;
  await noteRunning(context, upload);
  const stored = await uploadedObject(context, upload);
  const folder = await mkdtemp(join(tmpdir(), "backup-unpack-"));
  try {
    log.info("Examining an upload.", { attemptId, uploadId: upload.uploadId, size: stored.size });
    const examined = await examineUpload(context, stored, folder);
    log.info("Storing an upload.", { attemptId, dumpSize: examined.dump.facts.dumpSize, files: examined.files });
    const { dump, parts, packs } = await storeUpload(context, unpacking, stored, folder);
    const { plan, shards } = dealOut(parts, packs);
    for (const shard of shards) await catalog.putShard(attemptId, shard);
    const { modelVersion, databaseSize } = examined.metadata;
    await catalog.updateSnapshot(environmentId, snapshotId, { modelVersion, updatedAt: isoSeconds(clock.now()) }, [
      "running",
    ]);
    const { facts } = examined.dump;
    const database = { ...dump, ...facts, databaseSize: databaseSize ?? dump.dumpSize };
    const warnings = [
      ...databaseWarnings({ extensions: facts.extensions, foreignTables: 0 }),
      ...examined.dump.warnings,
    ];
    await catalog.updateAttempt(attemptId, {
      dump: { database, listSegments: [], listCount: examined.files, warnings },
      plan,
      failure: null,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const noteRunning = async ({ catalog, clock }: TaskContext, { uploadId }: UploadItem): Promise<void> => {
  try {
    await catalog.updateUpload(uploadId, { state: "running", updatedAt: isoSeconds(clock.now()) }, ["queued"]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

const uploadedObject = async ({ store, settings }: TaskContext, upload: UploadItem): Promise<StoredUpload> => {
  const ref = { bucket: settings.TRANSFER_BUCKET, key: upload.key };
  try {
    return { store, ...ref, size: (await store.head(ref)).size };
  } catch (error) {
    if (!(error instanceof ObjectNotFound)) throw error;
    throw new ServiceFailure(
      "UploadMissing",
      `The uploaded file of ${upload.uploadId} is gone, as it is after a day; upload it again.`,
      false,
      { cause: error },
    );
  }
};

/** Its failure changes nothing about the outcome: the sweep removes what stays. */
const forgetUploadedObject = async ({ store, settings, log }: TaskContext, { key }: UploadItem): Promise<void> => {
  try {
    await store.deleteBatch(settings.TRANSFER_BUCKET, [{ key }]);
  } catch (error) {
    log.warn("An uploaded object can't be deleted; it is swept within a day.", { key, error: String(error) });
  }
};
