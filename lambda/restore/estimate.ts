/** How long a restore will take, roughly: for a person who waits, not for a timer. Pure. */

/** Starting three tasks, the plan and the swap. */
export const FIXED_SECONDS = 180;
/** RDS makes an instance from a snapshot whatever its size, and reads its blocks later; each rename restarts one. */
const INSTANCE_SECONDS = 45 * 60;
/** pg_restore with its indexes, of the uncompressed dump. */
const DATABASE_BYTES_PER_SECOND = 15 * 1024 ** 2;
const FILE_BYTES_PER_SECOND = 60 * 1024 ** 2;
const FILES_PER_SECOND = 300;
/** A thousand keys a request, one request after another; with versions to look up, far fewer. */
const FILES_REMOVED_PER_SECOND = 300;

export interface RestoreWork {
  readonly dumpSize: number;
  readonly filesToPut: number;
  readonly bytesToPut: number;
  /** Files that are put over what stood there: each is looked at and copied aside before. */
  readonly filesToReplace?: number;
  readonly bytesToReplace?: number;
  /** Null and absent: nobody knows. */
  readonly filesToRemove?: number | null;
  /** A recovery point becomes an instance, and two are renamed. */
  readonly instance?: boolean;
}

/** Seconds of each of its parts; `FIXED_SECONDS` come to them. */
export const secondsOfWork = ({
  dumpSize,
  filesToPut,
  bytesToPut,
  filesToReplace = 0,
  bytesToReplace = 0,
  filesToRemove,
  instance = false,
}: RestoreWork): { readonly database: number; readonly files: number; readonly removal: number } => ({
  database: (instance ? INSTANCE_SECONDS : 0) + dumpSize / DATABASE_BYTES_PER_SECOND,
  files: Math.max(
    (bytesToPut + 2 * bytesToReplace) / FILE_BYTES_PER_SECOND,
    (filesToPut + 3 * filesToReplace) / FILES_PER_SECOND,
  ),
  removal: (filesToRemove ?? 0) / FILES_REMOVED_PER_SECOND,
});

export const estimatedSeconds = (work: RestoreWork): number => {
  const { database, files, removal } = secondsOfWork(work);
  return Math.ceil(FIXED_SECONDS + database + files + removal);
};
