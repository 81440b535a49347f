/**
 * How many bytes a restored database may take at its target. PostgreSQL does not tell how much room its storage has, so
 * CloudWatch is asked what is free: that counts logs and temporary files too. Where it has no reading, RDS is asked for
 * the storage and the server's databases are taken off: more than that there is certainly not. Null where nobody knows.
 * Only reads.
 */
import type { EnvironmentItem, TargetPreflight } from "../catalog/items";
import {
  ServiceFailure,
  type Collaborators,
  type DatabaseStatus,
  type DatabaseStatuses,
  type StorageReadings,
} from "../runtime/collaborators";

export type RoomCollaborators = Pick<Collaborators, "log" | "clock"> & {
  readonly databases?: DatabaseStatuses;
  readonly storageReadings?: StorageReadings;
};
export interface TargetRoom {
  /** With what the storage may grow to by itself. */
  readonly freeBytes: number | null;
  /** As things are; null where nobody has measured it. */
  readonly freeNowBytes: number | null;
  /** RDS's word for how the instance is; null where RDS does not know it. */
  readonly status: string | null;
}

export const targetRoom = async (
  { databases, storageReadings, log, clock }: RoomCollaborators,
  { registration }: Pick<EnvironmentItem, "registration">,
  preflight: TargetPreflight,
): Promise<TargetRoom> => {
  const { instance } = registration.database;
  const { freeBytes, serverSize } = preflight;
  const unknown = { freeBytes, freeNowBytes: null, status: null };
  if (instance === null || databases === undefined) return unknown;
  const orUnknown = async <T>(answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error;
      log.warn("The room at a restore's target is not known.", { instance, reason: error.message });
      return undefined;
    }
  };
  const status = await orUnknown(databases.statusOf(instance));
  if (status === undefined) return unknown;
  const known = { ...unknown, status: status.status };
  if (freeBytes !== null) return known;
  const reading = storageReadings && (await orUnknown(storageReadings.freeBytes(instance, clock.now())));
  if (reading !== undefined) return { ...known, freeBytes: reading + growth(status), freeNowBytes: reading };
  const storage = status.allocatedBytes + growth(status);
  // Where storage grows with its use, as Aurora's does, RDS names a size that means nothing.
  return serverSize === undefined || storage < serverSize ? known : { ...known, freeBytes: storage - serverSize };
};

const growth = ({ allocatedBytes, maximumBytes = allocatedBytes }: DatabaseStatus): number =>
  Math.max(0, maximumBytes - allocatedBytes);
