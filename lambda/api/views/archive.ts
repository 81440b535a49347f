/** An archive as the API shows it. Pure. */
import type { ArchiveItem } from "../../catalog/items";
import type { SignedUrl } from "../../runtime/collaborators";
import { COMPLETED } from "../../snapshot/published-words";
import type { ArchiveView } from "../schemas/archives";
import { progressOf, timeOrNull } from "./values";

export interface WaysToArchive {
  /** When the last of them ends; null until it is completed. */
  readonly linkExpiresAt: string | null;
  /** Absent: none was made, because it isn't completed or its time is over. */
  readonly link?: string;
  readonly address?: SignedUrl | undefined;
}

export const archiveView = (archive: ArchiveItem, { linkExpiresAt, link, address }: WaysToArchive): ArchiveView => ({
  archive_id: archive.archiveId,
  snapshot_id: archive.snapshotId,
  data_type: archive.dataType,
  ...(archive.file === undefined ? {} : { key: archive.file }),
  ...(archive.table === undefined ? {} : { table: archive.table }),
  ...progressOf(archive, COMPLETED.archive),
  url: address?.url ?? null,
  expires_at: address?.expiresAt.toISOString() ?? timeOrNull(linkExpiresAt),
  link: link ?? null,
  link_expires_at: timeOrNull(linkExpiresAt),
  size: archive.size,
  bytes_done: archive.bytesDone,
  estimated_seconds: archive.estimatedSeconds,
});
