/**
 * Writes the manifest once: its existence is the commit. A failure leaves it either absent or standing; which of the
 * two is found out by listing its versions.
 */
import type { EnvironmentItem } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { Manifest } from "../snapshot/manifest";
import { manifestKey } from "../storage/object-keys";
import { crc32ToBase64 } from "../storage/crc32-text";
import type { Lock } from "../storage/object-store";
import { isLocked } from "../storage/standing-object";
import { ObjectExists } from "../storage/storage-errors";
import { findManifest, manifestEntry, type CommittedManifest } from "./committed-manifest";
import { lockAndCheck } from "./object-locks";

export async function putManifest(
  manifest: Manifest,
  environment: EnvironmentItem,
  lock: Lock,
  { store, settings }: Pick<Collaborators, "store" | "settings">,
): Promise<CommittedManifest> {
  const bucket = settings.PRIMARY_BUCKET;
  const key = manifestKey(environment, manifest.snapshotId);
  const body = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  let versionId: string | undefined;
  try {
    versionId = (await store.put({ bucket, key, body, lock, onlyIfAbsent: true, contentType: "application/json" }))
      .versionId;
  } catch (error) {
    if (!(error instanceof ObjectExists)) throw error;
    return standing(environment, manifest, error, { store, settings });
  }
  if (versionId === undefined) {
    throw new ServiceFailure(
      "BucketNotVersioned",
      `The bucket ${bucket} keeps no versions, so it can't hold snapshots; turn on Object Lock.`,
      false,
    );
  }
  const entry = manifestEntry(key, versionId, body);
  const info = await store.head({ bucket, key, versionId });
  if (!isLocked(info, lock) || (info.crc32 ?? crc32ToBase64(entry.crc32)) !== crc32ToBase64(entry.crc32))
    await lockAndCheck(store, bucket, entry, lock);
  return { manifest, entry };
}

/** The key is taken: by our own earlier try, whose answer was lost, or by an earlier attempt at this snapshot. */
async function standing(
  environment: EnvironmentItem,
  { snapshotId }: Manifest,
  cause: unknown,
  collaborators: Pick<Collaborators, "store" | "settings">,
): Promise<CommittedManifest> {
  const found = await findManifest(environment, snapshotId, collaborators);
  if (found !== undefined) return found;
  throw new ServiceFailure(
    "ManifestInDoubt",
    `The manifest of snapshot ${snapshotId} was refused as standing already and yet is not listed; the seal is to be repeated.`,
    true,
    { cause },
  );
}
