/**
 * Deletes an instance that is known by its resource id, step by step; another one under its name is none of ours. It has
 * to carry the restore's mark, or the request would be refused.
 */
import type { Collaborators } from "../runtime/collaborators";
import type { InstanceFacts } from "./instances";

/** True once it is gone, or RDS has begun to delete it. */
export const deleteKnown = async (
  { instances }: Pick<Collaborators, "instances">,
  found: InstanceFacts | undefined,
  resourceId: string | null,
): Promise<boolean> => {
  if (!isThere(found, resourceId)) return true;
  if (found.settings.deletionProtection) await instances.change(found.name, { deletionProtection: false });
  else await instances.delete(found.name);
  return false;
};

export const isThere = (found: InstanceFacts | undefined, resourceId: string | null): found is InstanceFacts =>
  found !== undefined && found.resourceId === resourceId && found.status !== "deleting";
