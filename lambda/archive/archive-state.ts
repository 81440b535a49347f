/** What the archive's steps share: loading the archive, recording how far it is, and letting go of its snapshot. */
import { isoSeconds } from "../catalog/catalog";
import type { ArchiveItem } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { ArchiveOutput } from "./contract";

export const loadArchive = async (
  { catalog }: Pick<Collaborators, "catalog">,
  archiveId: string,
): Promise<ArchiveItem> => {
  const archive = await catalog.getArchive(archiveId);
  if (archive !== undefined) return archive;
  throw new ServiceFailure("ArchiveNotFound", `There is no archive ${archiveId}: ask for it anew.`, false);
};

export const hasEnded = ({ state }: Pick<ArchiveItem, "state">): boolean => state === "completed" || state === "failed";

/** Only of an archive that has not ended: throws ConditionFailed otherwise. */
export const record = async (
  { catalog, clock }: Pick<Collaborators, "catalog" | "clock">,
  archive: ArchiveItem,
  change: Partial<ArchiveItem>,
): Promise<ArchiveItem> => {
  const stamped = { ...change, updatedAt: isoSeconds(clock.now()) };
  await catalog.updateArchive(archive.archiveId, stamped, ["queued", "running"]);
  return { ...archive, ...stamped };
};

/** The archive stands: nothing of the snapshot is needed any more. Repeatable. */
export const complete = async (
  collaborators: Pick<Collaborators, "catalog" | "clock">,
  archive: ArchiveItem,
  size: number,
): Promise<void> => {
  const finishedAt = isoSeconds(collaborators.clock.now());
  await record(collaborators, archive, { state: "completed", statusMessage: "", size, bytesDone: size, finishedAt });
  await unpin(collaborators, archive);
};

export const unpin = ({ catalog }: Pick<Collaborators, "catalog">, archive: ArchiveItem): Promise<void> => {
  const { environmentId, snapshotId, archiveId } = archive;
  return catalog.unpin({ environmentId, snapshotId, holder: archiveId });
};

export const output = (outcome: ArchiveOutput["outcome"], message = ""): ArchiveOutput => ({
  outcome,
  network: null,
  message,
});
