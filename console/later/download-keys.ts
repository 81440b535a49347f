/**
 * Names under which this tab has asked for downloads: asking for the same one again finds what was prepared, instead of
 * preparing it twice.
 */
/** `what`: the data type, or which part of the backup. */
const itemOf = (snapshotId: string, what: string): string => `backups.download.${snapshotId}.${what}`;

export const downloadKey = (snapshotId: string, what: string): string => {
  const item = itemOf(snapshotId, what);
  const key = sessionStorage.getItem(item) ?? crypto.randomUUID();
  sessionStorage.setItem(item, key);
  return key;
};
/** After a failure, and once its links have expired: the next one is a new one. */
export const forgetDownload = (snapshotId: string, what: string): void =>
  sessionStorage.removeItem(itemOf(snapshotId, what));
