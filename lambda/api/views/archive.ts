/** An archive as the API shows it. Pure. */
import type { ArchiveItem } from "../../catalog/items";
import { COMPLETED } from "../../snapshot/published-words";
import type { ArchiveView } from "../schemas/archives";
import { progressOf, timeOf } from "./values";

/** `url` null: none was made, because it isn't completed or its links have expired. */
export const archiveView = (
  archive: ArchiveItem,
  link: { readonly url: string | null; readonly expiresAt: string | null },
): ArchiveView => ({
  archive_id: archive.archiveId,
  snapshot_id: archive.snapshotId,
  data_type: archive.dataType,
  ...(archive.file === undefined ? {} : { key: archive.file }),
  ...(archive.table === undefined ? {} : { table: archive.table }),
  ...progressOf(archive, COMPLETED.archive),
  url: link.url,
  size: archive.size,
  bytes_done: archive.bytesDone,
  estimated_seconds: archive.estimatedSeconds,
  expires_at: link.expiresAt === null ? null : timeOf(link.expiresAt),
});
