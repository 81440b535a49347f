/**
 * Records: small versioned objects that hold the mutable facts, so that the catalog can be rebuilt from the bucket
 * alone. They are not locked. A record is written before the catalog says the same, so a failure between the two
 * leaves a record that is ahead, and repeating the call brings the catalog after it.
 */
import { z } from "zod";
import type { Collaborators } from "../runtime/collaborators";
import {
  drillsRecordKey,
  drillTargetRecordKey,
  type EnvironmentPlace,
  registrationRecordKey,
  snapshotRecordKey,
} from "../storage/object-keys";
import { laterOf } from "../rules/effective-expiry";
import type { ObjectStore, VersionListOptions } from "../storage/object-store";
import { ObjectDamaged } from "../storage/storage-errors";
import { putRegisterEntry } from "./environment-register";
import { type DrillResult, drillsRecord, type DrillsRecord, type DrillTarget, drillTargetRecord } from "./drills";
import type { EnvironmentItem } from "./items";
import { isoSeconds } from "./catalog";
import { registration } from "./registration";

export const RECORD_FORMAT = 1;
/** Records are a few KiB; the audit of a deletion names at most a few thousand packs. */
export const RECORD_BYTES_LIMIT = 8 * 1024 * 1024;

/** `<prefix>/records/registration.json`: everything about an environment that no manifest tells. */
export const registrationRecord = z.object({
  format: z.literal(RECORD_FORMAT),
  environmentId: z.string(),
  registration,
  replication: z.enum(["replicated", "single-region"]),
  registeredAt: z.iso.datetime(),
  firstStartedAt: z.iso.datetime().nullable(),
  running: z.boolean(),
  modelVersion: z.string(),
  updatedAt: z.iso.datetime(),
});
export type RegistrationRecord = z.infer<typeof registrationRecord>;

/** `<prefix>/records/snapshots/<snapshotId>.json`: what became of a snapshot after its seal. */
export const snapshotRecord = z.object({
  format: z.literal(RECORD_FORMAT),
  environmentId: z.string(),
  snapshotId: z.string(),
  /** Null while it is the manifest's. */
  comment: z.string().nullable(),
  /**
   * Until when an administrator keeps it; null while its expiry is the manifest's. It only ever moves later, so over all
   * versions of a record the latest counts: whoever writes a comment at the same moment can't lose it.
   */
  keepUntil: z.iso.datetime().nullable(),
  /** A user's explicit wish to delete it: who, when, and the packs it needed, so that a crash in between loses none. */
  deletion: z
    .object({
      requestedBy: z.string(),
      requestedAt: z.iso.datetime(),
      packs: z.array(z.string()),
      completedAt: z.iso.datetime().nullable(),
    })
    .nullable(),
  updatedAt: z.iso.datetime(),
});
export type SnapshotRecord = z.infer<typeof snapshotRecord>;

export type RecordCollaborators = Pick<Collaborators, "settings" | "store">;

export async function putRegistrationRecord(
  environment: EnvironmentItem,
  { settings, store, clock }: RecordCollaborators & Pick<Collaborators, "clock">,
): Promise<void> {
  const { environmentId, replication, registeredAt, firstStartedAt, running, modelVersion } = environment;
  await putRegisterEntry(store, settings.PRIMARY_BUCKET, environment);
  await putRecord(store, settings.PRIMARY_BUCKET, registrationRecordKey(environment), {
    format: RECORD_FORMAT,
    environmentId,
    registration: environment.registration,
    replication,
    registeredAt,
    firstStartedAt,
    running,
    modelVersion,
    updatedAt: isoSeconds(clock.now()),
  } satisfies RegistrationRecord);
}

export async function putSnapshotRecord(
  place: EnvironmentPlace,
  record: SnapshotRecord,
  { settings, store }: RecordCollaborators,
): Promise<void> {
  await putRecord(store, settings.PRIMARY_BUCKET, snapshotRecordKey(place, record.snapshotId), record);
}

/** `drills`: newest first. */
export async function putDrillsRecord(
  place: EnvironmentPlace,
  drills: readonly DrillResult[],
  { settings, store, clock }: RecordCollaborators & Pick<Collaborators, "clock">,
): Promise<void> {
  await putRecord(store, settings.PRIMARY_BUCKET, drillsRecordKey(place), {
    format: RECORD_FORMAT,
    environmentId: place.environmentId,
    drills: [...drills],
    updatedAt: isoSeconds(clock.now()),
  } satisfies DrillsRecord);
}

export async function putDrillTargetRecord(
  target: DrillTarget | null,
  { settings, store, clock }: RecordCollaborators & Pick<Collaborators, "clock">,
): Promise<void> {
  const record: z.infer<typeof drillTargetRecord> = {
    format: RECORD_FORMAT,
    target,
    updatedAt: isoSeconds(clock.now()),
  };
  await putRecord(store, settings.PRIMARY_BUCKET, drillTargetRecordKey(), record);
}

/**
 * The newest version counts, except for `keepUntil`. A request a page of versions and one a version: a delete marker put
 * on a record by mistake hides nothing from us.
 */
export async function readSnapshotRecord(
  place: EnvironmentPlace,
  snapshotId: string,
  { settings, store }: RecordCollaborators,
): Promise<SnapshotRecord | undefined> {
  const key = snapshotRecordKey(place, snapshotId);
  const versions: SnapshotRecord[] = [];
  for (const versionId of await recordVersions(store, settings.PRIMARY_BUCKET, key))
    versions.push(parsed(snapshotRecord, await readRecord(store, settings.PRIMARY_BUCKET, key, versionId), key));
  return mergeSnapshotRecords(versions);
}

/** All versions of one record, newest first, as the one record that they say. Pure. */
export const mergeSnapshotRecords = (versions: readonly SnapshotRecord[]): SnapshotRecord | undefined => {
  const [newest] = versions;
  if (newest === undefined) return undefined;
  const keepUntil = versions
    .map((version) => version.keepUntil)
    .reduce((latest, one) => (latest === null ? one : laterOf(latest, one)), null);
  return { ...newest, keepUntil };
};

/** When the date until which it is kept was written: by the oldest version that has it. Null where it isn't kept longer. */
export const keptSince = (versions: readonly SnapshotRecord[]): string | null => {
  const keepUntil = mergeSnapshotRecords(versions)?.keepUntil ?? null;
  return keepUntil === null
    ? null
    : (versions.findLast((version) => version.keepUntil === keepUntil)?.updatedAt ?? null);
};

/** One request: the newest version counts, and what stood before stays as an older one. */
export const putRecord = async (store: ObjectStore, bucket: string, key: string, record: unknown): Promise<void> => {
  const body = Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`);
  await store.put({ bucket, key, body, contentType: "application/json" });
};

/** Newest first; empty where there is no record. Two requests. */
export async function readDrillsRecord(
  place: EnvironmentPlace,
  { settings, store }: RecordCollaborators,
): Promise<readonly DrillResult[]> {
  const found = await readNewest(store, settings.PRIMARY_BUCKET, drillsRecordKey(place), drillsRecord);
  return found?.drills ?? [];
}

/** Undefined where there is none, or where it was taken away. Two requests. */
export async function readDrillTargetRecord({
  settings,
  store,
}: RecordCollaborators): Promise<DrillTarget | undefined> {
  const found = await readNewest(store, settings.PRIMARY_BUCKET, drillTargetRecordKey(), drillTargetRecord);
  return found?.target ?? undefined;
}

async function readNewest<T>(
  store: ObjectStore,
  bucket: string,
  key: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const [newest] = await recordVersions(store, bucket, key);
  return newest === undefined ? undefined : parsed(schema, await readRecord(store, bucket, key, newest), key);
}

/** Version ids, newest first, without delete markers. */
async function recordVersions(store: ObjectStore, bucket: string, key: string): Promise<readonly string[]> {
  const found: string[] = [];
  let options: VersionListOptions | undefined = { prefix: key };
  while (options !== undefined) {
    const page = await store.listVersions(bucket, options);
    for (const version of page.versions) {
      if (version.key === key && !version.isDeleteMarker) found.push(version.versionId);
    }
    options = page.next === undefined ? undefined : { prefix: key, ...page.next };
  }
  return found;
}

async function readRecord(store: ObjectStore, bucket: string, key: string, versionId: string): Promise<unknown> {
  const { body } = await store.get({ bucket, key, versionId });
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > RECORD_BYTES_LIMIT)
      throw new ObjectDamaged(`The record ${key} is larger than ${RECORD_BYTES_LIMIT} bytes.`);
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch (cause) {
    throw new ObjectDamaged(`The record ${key} is not JSON.`, { cause });
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, key: string): T {
  const result = schema.safeParse(value);
  if (!result.success)
    throw new ObjectDamaged(`The record ${key} is not in the format of a record.`, { cause: result.error });
  return result.data;
}
