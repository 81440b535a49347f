/**
 * Names under which this tab has asked for downloads: asking for the same one again finds what was prepared, instead of
 * preparing it twice.
 */
import type { ArchiveDataType } from "../api/types";

const itemOf = (snapshotId: string, dataType: ArchiveDataType): string => `backups.download.${snapshotId}.${dataType}`;

export const downloadKey = (snapshotId: string, dataType: ArchiveDataType): string => {
  const item = itemOf(snapshotId, dataType);
  const key = sessionStorage.getItem(item) ?? crypto.randomUUID();
  sessionStorage.setItem(item, key);
  return key;
};
/** After a failure, and once its links have expired: the next one is a new one. */
export const forgetDownload = (snapshotId: string, dataType: ArchiveDataType): void =>
  sessionStorage.removeItem(itemOf(snapshotId, dataType));
