/**
 * The manifest that stands in the primary bucket, found without the catalog's help. Versions are listed, because a
 * delete marker may hide the current one; the oldest version is the commit, whatever was put on top of it.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { EnvironmentItem } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import { manifest as manifestSchema, type Manifest, type StoredObjectEntry } from "../snapshot/manifest";
import { manifestKey } from "../storage/object-keys";
import { findOldestVersion } from "../storage/oldest-version";
import type { ObjectStore } from "../storage/object-store";
import { ObjectDamaged } from "../storage/storage-errors";

export interface CommittedManifest {
  readonly manifest: Manifest;
  readonly entry: StoredObjectEntry;
}
/** Larger than any manifest: 100,000 packs and index parts of about 400 bytes each. */
const MANIFEST_LIMIT_BYTES = 64 * 1024 * 1024;

/** Undefined when the snapshot is not committed. Throws ObjectDamaged when the manifest can't be read as one. */
export async function findManifest(
  environment: Pick<EnvironmentItem, "environmentId" | "replication">,
  snapshotId: string,
  { store, settings }: Pick<Collaborators, "store" | "settings">,
): Promise<CommittedManifest | undefined> {
  const key = manifestKey(environment, snapshotId);
  const oldest = await findOldestVersion(store, settings.PRIMARY_BUCKET, key);
  if (oldest === undefined) return undefined;
  const bytes = await readAll(store, { bucket: settings.PRIMARY_BUCKET, key, versionId: oldest.versionId });
  return { manifest: parseManifest(bytes, key), entry: manifestEntry(key, oldest.versionId, bytes) };
}

/** Reads and checks the manifest of a completed snapshot, by the version that the catalog names. */
export async function readManifest(entry: StoredObjectEntry, bucket: string, store: ObjectStore): Promise<Manifest> {
  const bytes = await readAll(store, { bucket, key: entry.key, versionId: entry.versionId });
  if (manifestEntry(entry.key, entry.versionId, bytes).sha256 !== entry.sha256) {
    throw new ObjectDamaged(`The manifest ${entry.key} is not the one that was written: its checksum differs.`);
  }
  return parseManifest(bytes, entry.key);
}

export const manifestEntry = (key: string, versionId: string, bytes: Uint8Array): StoredObjectEntry => ({
  key,
  versionId,
  size: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
  crc32: crc32(bytes),
});

function parseManifest(bytes: Uint8Array, key: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new ObjectDamaged(`The manifest ${key} can't be read as a manifest.`, { cause });
  }
}

async function readAll(
  store: ObjectStore,
  ref: { bucket: string; key: string; versionId: string },
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (await store.get(ref)).body) {
    pieces.push(piece);
    size += piece.length;
    if (size > MANIFEST_LIMIT_BYTES)
      throw new ObjectDamaged(`The manifest ${ref.key} is larger than any manifest can be.`);
  }
  return Buffer.concat(pieces);
}
