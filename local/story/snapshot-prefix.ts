import type { SnapshotItem } from "../../lambda/catalog/items";

/** The part of the bucket that belongs to this snapshot alone: everything beside its manifest. */
export const ownPrefix = ({ manifest, snapshotId }: SnapshotItem): string => {
  if (manifest === null) throw new Error(`Snapshot ${snapshotId} has no manifest.`);
  return manifest.key.slice(0, manifest.key.lastIndexOf("/") + 1);
};
