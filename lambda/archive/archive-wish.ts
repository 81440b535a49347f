/** What an archive is asked to hold. Pure. */
import type { ArchivePart, ArchiveWish } from "../catalog/items";

/** Without the keys of what is not asked for. */
export const partOf = ({ file, table }: { readonly [name in keyof ArchivePart]: string | undefined }): ArchivePart => ({
  ...(file === undefined ? {} : { file }),
  ...(table === undefined ? {} : { table }),
});

type Asked = ArchiveWish & { readonly snapshotId: string };
/** Both hold the same of one snapshot; snapshots' ids are of one environment each. */
export const isSameWish = (one: Asked, other: Asked): boolean =>
  one.snapshotId === other.snapshotId &&
  one.dataType === other.dataType &&
  one.file === other.file &&
  one.table === other.table;
