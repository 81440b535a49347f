/**
 * How many bytes a restored database may take at its target: PostgreSQL does not tell how much room its storage has, so
 * RDS is asked for the storage and the server's databases are taken off. More than that there is certainly not: logs
 * and temporary files take their part. Null where nobody knows. Only reads.
 */
import type { EnvironmentItem, TargetPreflight } from "../catalog/items";
import { ServiceFailure, type Collaborators, type DatabaseStatuses } from "../runtime/collaborators";

export type RoomCollaborators = Pick<Collaborators, "log"> & { readonly databases?: DatabaseStatuses };

export const targetRoom = async (
  { databases, log }: RoomCollaborators,
  { registration }: Pick<EnvironmentItem, "registration">,
  preflight: TargetPreflight,
): Promise<number | null> => {
  const { instance } = registration.database;
  const { freeBytes, serverSize } = preflight;
  if (freeBytes !== null || instance === null || databases === undefined || serverSize === undefined) return freeBytes;
  try {
    const status = await databases.statusOf(instance);
    const storage = Math.max(status?.allocatedBytes ?? 0, status?.maximumBytes ?? 0);
    // Where storage grows with its use, as Aurora's does, RDS names a size that means nothing.
    return storage < serverSize ? null : storage - serverSize;
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    log.warn("The room at a restore's target is not known.", { instance, reason: error.message });
    return null;
  }
};
