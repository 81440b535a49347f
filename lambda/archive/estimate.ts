/** How large an archive will be, and how long it will take, roughly: for a person who waits, not for a timer. */
import type { ArchiveDataType, ArchiveWish, SnapshotItem } from "../catalog/items";
import { findFile } from "../contents/list-files";
import { openSnapshot } from "../restore/open-snapshot";
import type { Collaborators } from "../runtime/collaborators";
import { dumpOf, type Manifest } from "../snapshot/manifest";

/** Starting the execution, reading the manifest, putting the parts together. */
const FIXED_SECONDS = 5;
/** Reading the file index and planning: measured, 60,000 lines cost one core 0.6 s. */
const FILES_PER_SECOND = 100_000;
/** Eight copies at once, inside S3; a cautious guess that only a deployment can better. */
const COPIED_BYTES_PER_SECOND = 200 * 1024 ** 2;
/** Read, inflated for its checksum, and written again: measured, one core does 50 to 60 MB without a network. */
const STREAMED_BYTES_PER_SECOND = 40 * 1024 ** 2;

export interface ArchiveEstimate {
  /** Null: how large one table is, only reading the dump tells. */
  readonly bytes: number | null;
  readonly seconds: number;
}

/** Reads the manifest, and for one file its part of the file index. Throws what opening a snapshot and finding a file throw. */
export const estimateArchive = async (
  collaborators: Pick<Collaborators, "catalog" | "settings" | "store" | "replicaStore" | "formerReplicas" | "log">,
  snapshot: Pick<SnapshotItem, "environmentId" | "snapshotId">,
  { dataType, file = "" }: ArchiveWish,
): Promise<ArchiveEstimate> => {
  const { environmentId: sourceEnvironmentId, snapshotId } = snapshot;
  const open = await openSnapshot(collaborators, { sourceEnvironmentId, snapshotId });
  if (dataType !== "one_file") return estimateOf(open.manifest, dataType);
  const { size } = await findFile(open, file);
  return { bytes: size, seconds: seconds(0, size, 0) };
};

/** Pure. Throws where the snapshot has no such part (DatabaseIsRecoveryPoint). */
export const estimateOf = (
  manifest: Pick<Manifest, "snapshotId" | "database" | "files">,
  dataType: Exclude<ArchiveDataType, "one_file">,
): ArchiveEstimate => {
  if (dataType === "database_only" || dataType === "one_table") {
    const { dumpSize } = dumpOf(manifest);
    return { bytes: dataType === "one_table" ? null : dumpSize, seconds: seconds(0, dumpSize, 0) };
  }
  const { files } = manifest;
  let copied = dataType === "files_and_database" ? dumpOf(manifest).segment.length : 0;
  let streamed = 0;
  for (const { liveBytes, liveSegments, segments } of files.packs) {
    if (liveSegments === segments) copied += liveBytes;
    else streamed += liveBytes;
  }
  return { bytes: copied + streamed, seconds: seconds(copied, streamed, files.count) };
};

const seconds = (copied: number, streamed: number, count: number): number =>
  Math.ceil(
    FIXED_SECONDS + copied / COPIED_BYTES_PER_SECOND + streamed / STREAMED_BYTES_PER_SECOND + count / FILES_PER_SECOND,
  );
