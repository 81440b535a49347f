/** How long a restore will take, roughly: for a person who waits, not for a timer. Pure. */

/** Starting three tasks, the plan and the swap. */
const FIXED_SECONDS = 180;
/** RDS makes an instance from a snapshot whatever its size, and reads its blocks later; each rename restarts one. */
const INSTANCE_SECONDS = 45 * 60;
/** pg_restore with its indexes, of the uncompressed dump. */
const DATABASE_BYTES_PER_SECOND = 15 * 1024 ** 2;
const FILE_BYTES_PER_SECOND = 60 * 1024 ** 2;
const FILES_PER_SECOND = 300;

export interface RestoreWork {
  readonly dumpSize: number;
  readonly filesToPut: number;
  readonly bytesToPut: number;
  /** A recovery point becomes an instance, and two are renamed. */
  readonly instance?: boolean;
}

export const estimatedSeconds = ({ dumpSize, filesToPut, bytesToPut, instance = false }: RestoreWork): number =>
  Math.ceil(
    FIXED_SECONDS +
      (instance ? INSTANCE_SECONDS : 0) +
      dumpSize / DATABASE_BYTES_PER_SECOND +
      Math.max(bytesToPut / FILE_BYTES_PER_SECOND, filesToPut / FILES_PER_SECOND),
  );
