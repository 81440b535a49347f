/**
 * `list-old`: lists which files the database of the target refers to, before its instance is replaced: what the plan of
 * the removal is made from. It only reads the database. A repetition lists anew, under keys of its own.
 */
import { besideInstance } from "../instance-swap/instance-names";
import { ServiceFailure } from "../runtime/collaborators";
import { listOldFiles } from "./old-files";
import { openRestore, recordProgress } from "./restore-target";
import type { TaskContext } from "./task-context";

export const listOld = async (context: TaskContext, restoreId: string): Promise<void> => {
  const opened = await openRestore(context, restoreId);
  const { restore, target } = opened;
  if (typeof restore.instances?.renamingSince === "string") return; // the old instance no longer has the name
  const { instance } = target.registration.database;
  if (instance === null || restore.preflight === null)
    throw new ServiceFailure(
      "RestoreNotReady",
      `The restore ${restoreId} has no facts of its target's instance.`,
      false,
    );
  const oldFiles = await listOldFiles(context, opened);
  await recordProgress(context, restoreId, {
    newOid: null,
    restored: false,
    swappedAt: null,
    removed: 0,
    oldDropped: false,
    ...restore.database,
    oldOid: restore.preflight.databaseOid,
    newName: besideInstance(instance, restoreId),
    ...oldFiles,
  });
};
