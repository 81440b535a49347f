/** The snapshot that a restore reads: its manifest, and a reader of its objects. Only reads. */
import type { SnapshotItem } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { manifest as manifestSchema, type Manifest, type StoredObjectEntry } from "../snapshot/manifest";
import { crc32FromBase64 } from "../storage/crc32-text";
import { ObjectDamaged } from "../storage/storage-errors";
import { loadEnvironment } from "./restore-state";
import { SnapshotReader, type ReaderCollaborators } from "./snapshot-reader";

export interface OpenSnapshot {
  readonly snapshot: SnapshotItem;
  readonly manifest: Manifest;
  readonly reader: SnapshotReader;
}

/** Whether it is still offered is not asked here: a pinned snapshot stays readable past its expiry. */
export const openSnapshot = async (
  collaborators: ReaderCollaborators & Pick<Collaborators, "catalog">,
  place: { readonly sourceEnvironmentId: string; readonly snapshotId: string },
): Promise<OpenSnapshot> => {
  const environment = await loadEnvironment(collaborators, place.sourceEnvironmentId);
  const snapshot = await collaborators.catalog.getSnapshot(place.sourceEnvironmentId, place.snapshotId);
  if (snapshot === undefined || snapshot.manifest === null) {
    throw new ServiceFailure(
      "SnapshotNotFound",
      `Snapshot ${place.snapshotId} of environment ${place.sourceEnvironmentId} does not exist: choose another one.`,
      false,
    );
  }
  const reader = new SnapshotReader(collaborators, environment.replication === "replicated");
  return { snapshot, manifest: parseManifest(snapshot, await reader.whole(snapshot.manifest)), reader };
};

const parseManifest = (snapshot: SnapshotItem, bytes: Buffer): Manifest => {
  const unreadable = (cause: unknown): ServiceFailure =>
    new ServiceFailure(
      "SnapshotDamaged",
      `The manifest of snapshot ${snapshot.snapshotId} can't be understood: choose another snapshot.`,
      false,
      { cause },
    );
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw unreadable(error);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw unreadable(parsed.error);
  if (parsed.data.snapshotId !== snapshot.snapshotId) throw unreadable(`It is the one of ${parsed.data.snapshotId}.`);
  return parsed.data;
};

/** Looks at the object, in either region: there, of the right size, and of the right checksum where the server knows it. */
export const checkObject = (reader: SnapshotReader, entry: StoredObjectEntry): Promise<void> =>
  reader.read(entry, async ({ store, ref }) => {
    const { size, crc32 } = await store.head(ref);
    const known = crc32FromBase64(crc32);
    if (size === entry.size && (known === undefined || known === entry.crc32)) return;
    throw new ObjectDamaged(
      `The object ${entry.key} in ${ref.bucket} has another size or checksum than the manifest says.`,
    );
  });
