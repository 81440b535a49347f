/**
 * `delete-replaced`: once the new instance has answered under the name and the files are removed, the old one is
 * deleted, and its deletion protection lifted on purpose. It is known by its resource id, it has a name that only this
 * service gives, and the restore's mark: whoever takes that off keeps it. Its automated backups stay for their own
 * retention. Repeatable.
 */
import { isSwapped } from "../restore/restore-state";
import { ServiceFailure } from "../runtime/collaborators";
import type { InstanceOutput } from "./contract";
import { deleteKnown, isThere } from "./delete-known";
import { isMarkedBy, SWAP_MARK } from "./swap-mark";
import { done, look, more, openSwap, recordSwap, type SwapCollaborators } from "./swap-state";

export const deleteReplaced = async (
  { restoreId }: { readonly restoreId: string },
  collaborators: SwapCollaborators,
): Promise<InstanceOutput> => {
  const open = await openSwap(collaborators, restoreId);
  const { restore, swap } = open;
  if (restore.database?.oldDropped === true) return done();
  const { live, replaced } = await look(collaborators.instances, swap);
  if (!isSwapped(restore) || live?.resourceId !== swap.newResourceId)
    throw new ServiceFailure(
      "InstanceReplaced",
      `The restored database instance does not have the name ${swap.instance}, so the old one is kept: see the runbook's article instance-swap.`,
      false,
    );
  if (isThere(replaced, swap.oldResourceId) && !isMarkedBy(replaced, restoreId))
    throw new ServiceFailure(
      "InstanceKept",
      `The replaced database instance ${swap.replaced} does not carry the tag ${SWAP_MARK}=${restoreId} any more, so it is kept: see the runbook's article instance-swap.`,
      false,
    );
  if (!(await deleteKnown(collaborators, replaced, swap.oldResourceId)))
    return more(`${swap.replaced} is being deleted.`);
  if (restore.database !== null)
    await recordSwap(collaborators, open, {}, { database: { ...restore.database, oldDropped: true } });
  return done();
};
