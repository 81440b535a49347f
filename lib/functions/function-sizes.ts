/** Memory and time of each function, on purpose. Lambda gives one whole vCPU at 1,769 MB. */
import type { FunctionName } from "../names";

export interface FunctionSize {
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
}

/** A few requests to the catalog. */
const SMALL: FunctionSize = { memoryMiB: 256, timeoutSeconds: 60 };
/** Streams of any length, one page or part at a time; hands back a cursor before its time runs out. */
const LONG: FunctionSize = { memoryMiB: 1024, timeoutSeconds: 900 };

/** API Gateway waits 29 seconds for an answer; a function that works on past that works for nobody. */
const BEHIND_THE_API = 29;

export const FUNCTION_SIZES: Readonly<Record<FunctionName, FunctionSize>> = {
  /** Reads all environments of the region. */
  "nightly-window": { memoryMiB: 512, timeoutSeconds: 300 },
  "backup-begin": SMALL,
  /** Merges list and index, in one streaming pass. */
  "backup-plan": { memoryMiB: 1769, timeoutSeconds: 900 },
  /** SHA-256 and deflate: 16 to 56 MB/s on one vCPU, and 16 MiB parts in flight. */
  "backup-pack": { memoryMiB: 1769, timeoutSeconds: 900 },
  "backup-seal": LONG,
  /** Completes a seal that was interrupted: as much work as the seal itself. */
  "backup-fail": LONG,
  /** Asks AWS Backup, and renews the locks of what has been packed meanwhile. */
  "recovery-point": { memoryMiB: 256, timeoutSeconds: 900 },
  "replication-check": LONG,
  retention: LONG,
  deletion: LONG,
  keep: LONG,
  /** Inflates and puts files. */
  restore: { memoryMiB: 1769, timeoutSeconds: 900 },
  /** As a restore, and reads every file back. */
  drill: { memoryMiB: 1769, timeoutSeconds: 900 },
  /** A few requests to RDS and AWS Backup; the workflow waits. Reads a manifest. */
  "instance-swap": { memoryMiB: 512, timeoutSeconds: 120 },
  registration: SMALL,
  requests: SMALL,
  /** Copies inside S3, and deflate's seams and small segments through memory. */
  archive: { memoryMiB: 1769, timeoutSeconds: 900 },
  access: SMALL,
  /** Memory is processor time: a person waits for it, at its cold start too. */
  api: { memoryMiB: 1024, timeoutSeconds: BEHIND_THE_API },
  /** Reads every snapshot of the region, page by page. */
  gauges: { memoryMiB: 512, timeoutSeconds: 300 },
  /** Hands out files that are compressed already. */
  console: { memoryMiB: 512, timeoutSeconds: BEHIND_THE_API },
};
