/**
 * One round over a snapshot's objects at the replica: at most one head for each. What needs mending is mended (a lock
 * extended, an object copied again) and counts as missing until a later round has seen it. Safe to repeat.
 */
import { createHash } from "node:crypto";
import { atOnce } from "../runtime/at-once";
import type { Collaborators } from "../runtime/collaborators";
import type { StoredObjectEntry } from "../snapshot/manifest";
import type { EnvironmentPlace } from "../storage/object-keys";
import type { Lock, ObjectInfo, ObjectStore, VersionRef } from "../storage/object-store";
import type { Replica } from "../storage/replicas";
import { ObjectNotFound } from "../storage/storage-errors";
import { copyAgain } from "./copy-again";
import { damagedBytes, judgeReplica } from "./judge-replica";
import { replicaVersions } from "./replica-versions";

export type CheckCollaborators = Pick<Collaborators, "store" | "settings" | "log" | "remainingMs">;

export interface Round {
  readonly place: EnvironmentPlace;
  /** Of the region that the snapshot's manifest names. */
  readonly replica: Replica;
  readonly snapshotId: string;
  readonly objects: readonly StoredObjectEntry[];
  readonly lock: Lock;
  /** Whether what is missing is copied without waiting for S3's word. */
  readonly copyAgain: boolean;
}
export interface RoundResult {
  /** Sentences; the check has failed if there is one. */
  readonly damaged: readonly string[];
  /** Keys that were missing or not locked well enough when this round looked. */
  readonly waiting: readonly string[];
  /** There, whole as far as the head tells, but without a checksum. */
  readonly unverified: readonly (StoredObjectEntry & { readonly replicaVersionId: string })[];
}

const OBJECTS_AT_ONCE = 16;
/** Copying 5 GB between regions takes less than this; with less time left it is left to the next round. */
const COPY_NEEDS_MS = 120_000;

export async function checkObjects(round: Round, collaborators: CheckCollaborators): Promise<RoundResult> {
  const { store: replicaStore, bucket } = round.replica;
  const wanted = new Set(round.objects.map((entry) => entry.key));
  const versions = await replicaVersions(replicaStore, bucket, round.place, round.snapshotId, wanted);
  const damaged: string[] = [];
  const waiting: string[] = [];
  const unverified: (StoredObjectEntry & { replicaVersionId: string })[] = [];

  await atOnce(OBJECTS_AT_ONCE, round.objects, async (entry) => {
    const versionId = versions.get(entry.key);
    const ref = versionId === undefined ? undefined : { bucket, key: entry.key, versionId };
    const info = ref === undefined ? undefined : await headOrNothing(replicaStore, ref);
    if (ref === undefined || info === undefined) {
      waiting.push(entry.key);
      const problem = await mendMissing(entry, round, collaborators);
      if (problem !== undefined) damaged.push(problem);
      return;
    }
    const verdict = judgeReplica(entry, info, round.lock);
    if (verdict.kind === "damaged") damaged.push(verdict.message);
    if (verdict.kind === "unverified") unverified.push({ ...entry, replicaVersionId: ref.versionId });
    if (verdict.kind === "unlocked") {
      waiting.push(entry.key);
      await replicaStore.retain(ref, round.lock);
    }
  });
  return { damaged, waiting, unverified };
}

/** Reads an object back and compares: for servers that keep no checksums. Undefined when it is whole. */
export async function readBack(
  entry: RoundResult["unverified"][number],
  { store, bucket }: Replica,
): Promise<string | undefined> {
  const content = await store.get({
    bucket,
    key: entry.key,
    versionId: entry.replicaVersionId,
  });
  const hash = createHash("sha256");
  for await (const chunk of content.body) hash.update(chunk);
  return hash.digest("hex") === entry.sha256 ? undefined : damagedBytes(entry.key).message;
}

async function headOrNothing(store: ObjectStore, ref: VersionRef): Promise<ObjectInfo | undefined> {
  try {
    return await store.head(ref);
  } catch (error) {
    // Listed a moment ago: removed meanwhile, or a listing behind its time.
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  }
}

/** Copies a missing object again when its time has come. Returns a sentence when it can't be mended at all. */
async function mendMissing(
  entry: StoredObjectEntry,
  round: Round,
  collaborators: CheckCollaborators,
): Promise<string | undefined> {
  const { store, settings, log, remainingMs } = collaborators;
  try {
    const gaveUp =
      round.copyAgain ||
      (await store.head({ bucket: settings.PRIMARY_BUCKET, key: entry.key, versionId: entry.versionId }))
        .replicationStatus === "FAILED";
    if (!gaveUp || remainingMs() < COPY_NEEDS_MS) return undefined;
    log.warn("An object is copied to the replica again.", { key: entry.key, size: entry.size });
    await copyAgain(entry, round.lock, {
      store,
      bucket: settings.PRIMARY_BUCKET,
      replicaStore: round.replica.store,
      replicaBucket: round.replica.bucket,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof ObjectNotFound)) throw error;
    return `The object ${entry.key} (version ${entry.versionId}) is missing at the replica and gone from the primary bucket.`;
  }
}
