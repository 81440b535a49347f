/**
 * `archive`: inflates a database dump that is too large for a function into a plain dump in the transfer bucket. Holds
 * no lease: it changes nothing of the environment. A repetition writes the same object again; the workflow's next call
 * finds it and completes the archive.
 */
import { hasEnded, loadArchive } from "../archive/archive-state";
import { storePlainDump } from "../archive/plain-dump";
import { openSnapshot } from "../restore/open-snapshot";
import { ServiceFailure } from "../runtime/collaborators";
import type { TaskContext } from "./task-context";

export const archive = async (context: TaskContext, archiveId: string): Promise<void> => {
  const item = await loadArchive(context, archiveId);
  if (hasEnded(item)) return;
  if (item.dataType !== "database_only")
    throw new ServiceFailure("ArchiveNotPlain", `Archive ${archiveId} is not put together by the task.`, false);
  const { environmentId: sourceEnvironmentId, snapshotId } = item;
  await storePlainDump(context, item, await openSnapshot(context, { sourceEnvironmentId, snapshotId }));
};
