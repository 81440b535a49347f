/** Deletes an instance that is known by its resource id, step by step; another one under its name is none of ours. */
import type { Collaborators } from "../runtime/collaborators";
import type { InstanceFacts } from "./instances";

/** True once it is gone, or RDS has begun to delete it. */
export const deleteKnown = async (
  { instances }: Pick<Collaborators, "instances">,
  found: InstanceFacts | undefined,
  resourceId: string | null,
): Promise<boolean> => {
  if (found === undefined || found.resourceId !== resourceId || found.status === "deleting") return true;
  if (found.settings.deletionProtection) await instances.change(found.name, { deletionProtection: false });
  else await instances.delete(found.name);
  return false;
};
