/**
 * Archives that are one stream out of one object of the snapshot, inflated and checked: the database's dump, one of its
 * tables, or one file. A function makes them, or the database task where that would take too long.
 */
import type { ArchiveItem } from "../catalog/items";
import { findFile } from "../contents/list-files";
import { withHead } from "../dump/edit-head";
import { publishedForm } from "../dump/published-form";
import { tableSql } from "../dump/table-sql";
import { readDump } from "../pack/dump-segment";
import { readFile } from "../pack/read-segment";
import type { OpenSnapshot } from "../restore/open-snapshot";
import type { Copy } from "../restore/snapshot-reader";
import { ServiceFailure } from "../runtime/collaborators";
import { dumpOf, type StoredObjectEntry } from "../snapshot/manifest";

export interface SingleStream {
  readonly source: Pick<StoredObjectEntry, "key" | "versionId">;
  /** Bytes that are inflated for it. */
  readonly inflated: number;
  /** About as many bytes as it has; null where that is not known before. */
  readonly size: number | null;
  /** From either region's copy of the source. Throws ObjectDamaged, at the latest after the last byte. */
  readonly read: (copy: Copy) => AsyncIterable<Uint8Array>;
}
type Snapshot = Pick<OpenSnapshot, "manifest" | "reader">;

/** Undefined where the archive is put together from ranges. Throws what finding a file throws. */
export const singleStream = async (archive: ArchiveItem, snapshot: Snapshot): Promise<SingleStream | undefined> => {
  switch (archive.dataType) {
    case "database_only":
      return plainDump(snapshot);
    case "one_table":
      return oneTable(snapshot, archive.table ?? "");
    case "one_file":
      return oneFile(snapshot, archive.file ?? "");
    default:
      return undefined;
  }
};

/** In the published form. A dump that was stored as one segment, as older ones were, goes as it is. */
const plainDump = ({ manifest }: Snapshot): SingleStream => {
  const database = dumpOf(manifest);
  const read = (copy: Copy): AsyncIterable<Uint8Array> =>
    database.head === undefined ? dumpFrom(copy, manifest) : withHead(dumpFrom(copy, manifest), publishedForm);
  return { source: database, inflated: database.dumpSize, size: database.dumpSize, read };
};

/** Also the rows that follow it are read: the dump's checksums are of all of it. */
const oneTable = ({ manifest }: Snapshot, table: string): SingleStream => {
  const database = dumpOf(manifest);
  const read = (copy: Copy): AsyncIterable<Uint8Array> => tableSql(dumpFrom(copy, manifest), table);
  return { source: database, inflated: database.dumpSize, size: null, read };
};

const dumpFrom = ({ store, ref }: Copy, manifest: Snapshot["manifest"]): AsyncGenerator<Uint8Array> =>
  readDump(store, ref.bucket, { ...dumpOf(manifest), versionId: ref.versionId });

const oneFile = async (snapshot: Snapshot, key: string): Promise<SingleStream> => {
  const entry = await findFile(snapshot, key);
  const pack = snapshot.manifest.files.packs.find(({ packId }) => packId === entry.pack);
  if (pack === undefined)
    throw new ServiceFailure(
      "SnapshotDamaged",
      `The snapshot is damaged: its file index names the pack ${entry.pack}, which the manifest lacks: choose another snapshot.`,
      false,
    );
  const read = ({ store, ref }: Copy): AsyncIterable<Uint8Array> =>
    readFile(store, { bucket: ref.bucket, pack: ref }, entry);
  return { source: pack, inflated: entry.size, size: entry.size, read };
};
