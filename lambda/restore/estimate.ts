/** How long a restore will take, roughly: for a person who waits, not for a timer. Pure. */

/** Starting three tasks, the plan and the swap. */
const FIXED_SECONDS = 180;
/** pg_restore with its indexes, of the uncompressed dump. */
const DATABASE_BYTES_PER_SECOND = 15 * 1024 ** 2;
const FILE_BYTES_PER_SECOND = 60 * 1024 ** 2;
const FILES_PER_SECOND = 300;

export interface RestoreWork {
  readonly dumpSize: number;
  readonly filesToPut: number;
  readonly bytesToPut: number;
}

export const estimatedSeconds = ({ dumpSize, filesToPut, bytesToPut }: RestoreWork): number =>
  Math.ceil(
    FIXED_SECONDS +
      dumpSize / DATABASE_BYTES_PER_SECOND +
      Math.max(bytesToPut / FILE_BYTES_PER_SECOND, filesToPut / FILES_PER_SECOND),
  );
