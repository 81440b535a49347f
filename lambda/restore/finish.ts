/**
 * Finish: completed, then the pin and the lease go back. Repeatable: after a crash the next call does what is left,
 * and a lease that was not given back is taken over once the execution has ended.
 */
import { isoSeconds } from "../catalog/catalog";
import type { RestoreItem } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { RestoreOutput } from "./contract";
import { isSwapped, loadRestore, output, record } from "./restore-state";

type FinishCollaborators = Pick<Collaborators, "catalog" | "clock">;

export const finish = async (
  collaborators: FinishCollaborators,
  input: { readonly restoreId: string },
): Promise<RestoreOutput> => {
  const restore = await loadRestore(collaborators, input.restoreId);
  if (restore.state !== "completed") {
    if (!isSwapped(restore)) {
      throw new ServiceFailure(
        "RestoreNotSwapped",
        `Restore ${restore.restoreId} can't be completed: the restored database is not the live one.`,
        false,
      );
    }
    await record(collaborators, restore, {
      state: "completed",
      phase: "done",
      statusMessage: summary(restore),
      finishedAt: isoSeconds(collaborators.clock.now()),
    });
  }
  await letGo(collaborators, restore);
  return output(restore, "done");
};

/** Unpins the source and gives the target's lease back, in this order: the lease's end lets others begin. */
export const letGo = async ({ catalog }: Pick<Collaborators, "catalog">, restore: RestoreItem): Promise<void> => {
  const { sourceEnvironmentId, snapshotId, restoreId, targetEnvironmentId } = restore;
  await catalog.unpin({ environmentId: sourceEnvironmentId, snapshotId, holder: restoreId });
  // By execution and not by the recorded token: a crash may have come between taking the lease and recording it.
  const lease = await catalog.getLease(targetEnvironmentId);
  if (lease !== undefined && lease.executionArn === restore.executionArn) {
    await catalog.releaseLease(targetEnvironmentId, lease.token);
  }
};

const summary = (restore: RestoreItem): string =>
  restore.databaseOnly
    ? "The database was restored; the files were left as they were."
    : `The database was restored; ${restore.files.put} files were put, ${restore.files.kept} were there already, ` +
      `${restore.database?.removed ?? 0} were removed.`;
