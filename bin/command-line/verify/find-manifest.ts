/** A snapshot's manifest, found by its key alone: catalog and API need not be there. Only reads. */
import { manifest as manifestSchema, type Manifest } from "../../../lambda/snapshot/manifest";
import { manifestKey, type ReplicationClass } from "../../../lambda/storage/object-keys";
import type { ObjectStore, VersionRef } from "../../../lambda/storage/object-store";
import { findOldestVersion } from "../../../lambda/storage/oldest-version";
import { CommandFailure, type SnapshotStorage } from "../surroundings";

const CLASSES: readonly ReplicationClass[] = ["replicated", "single-region"];
/** This service writes no manifest that is larger. */
const LARGEST = 64 * 1024 ** 2;

/** The oldest version, which is the one that was committed. Throws CommandFailure (1), and what reading throws. */
export async function findManifest(
  { store, bucket, region }: SnapshotStorage,
  environmentId: string,
  snapshotId: string,
): Promise<Manifest> {
  for (const replication of CLASSES) {
    const found = await findOldestVersion(store, bucket, manifestKey({ replication, environmentId }, snapshotId));
    if (found === undefined) continue;
    const parsed = manifestSchema.safeParse(await readJson(store, found));
    if (!parsed.success)
      throw new CommandFailure(1, [
        `The manifest of snapshot ${snapshotId} in ${bucket} can't be understood: it is damaged.`,
      ]);
    if (parsed.data.snapshotId !== snapshotId || parsed.data.environmentId !== environmentId)
      throw new CommandFailure(1, [
        `The manifest of snapshot ${snapshotId} in ${bucket} is the one of ${parsed.data.snapshotId} of environment ${parsed.data.environmentId}.`,
      ]);
    return parsed.data;
  }
  throw new CommandFailure(1, [
    `The bucket ${bucket} in ${region} holds no snapshot ${snapshotId} of environment ${environmentId}; check both names and the region.`,
  ]);
}

/** Undefined where it is no JSON, or too large to be what it should be. */
async function readJson(store: ObjectStore, ref: VersionRef): Promise<unknown> {
  const { body } = await store.get(ref);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > LARGEST) return undefined;
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
