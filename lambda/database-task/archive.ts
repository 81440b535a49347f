/**
 * `archive`: makes an archive that is one stream and takes a function too long: of a large dump, one of its tables, or a
 * large file. Holds
 * no lease: it changes nothing of the environment. A repetition writes the same object again; the workflow's next call
 * finds it and completes the archive.
 */
import { hasEnded, loadArchive } from "../archive/archive-state";
import { singleStream } from "../archive/single-stream";
import { storeStream } from "../archive/store-stream";
import { openSnapshot } from "../restore/open-snapshot";
import { ServiceFailure } from "../runtime/collaborators";
import type { TaskContext } from "./task-context";

export const archive = async (context: TaskContext, archiveId: string): Promise<void> => {
  const item = await loadArchive(context, archiveId);
  if (hasEnded(item)) return;
  const { environmentId: sourceEnvironmentId, snapshotId } = item;
  const snapshot = await openSnapshot(context, { sourceEnvironmentId, snapshotId });
  const stream = await singleStream(item, snapshot);
  if (stream === undefined)
    throw new ServiceFailure("ArchiveNotPlain", `Archive ${archiveId} is not put together by the task.`, false);
  await storeStream(context, item, snapshot, stream);
};
