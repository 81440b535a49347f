/**
 * A link is the download, and so is an address: whoever gets one, and didn't ask for the archive, is on record before
 * having it.
 */
import { partOf } from "../archive/archive-wish";
import { recordAudit } from "../audit/record-audit";
import type { ArchiveItem } from "../catalog/items";
import type { ApiCollaborators, ApiContext } from "./api-context";

export async function recordLook(
  collaborators: ApiCollaborators,
  context: ApiContext,
  { archiveId, snapshotId, dataType, requestedBy, file, table }: ArchiveItem,
): Promise<void> {
  const by = context.get("caller").name;
  if (by === requestedBy) return;
  const details = { archiveId, snapshotId, dataType, ...partOf({ file, table }) };
  await recordAudit(collaborators, context.get("environment"), { action: "archive.link", by, details });
}
