/** What AWS Backup's double keeps, and where it is at a time. Times in milliseconds since the epoch. */
import { ACCOUNT } from "../iam";

export const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What becomes of the jobs started from now on. */
export interface Fate {
  /** Before a job runs. Infinity: never. */
  readonly startsAfterMinutes?: number;
  readonly takesMinutes?: number;
  /** COMPLETED, FAILED, ABORTED, PARTIAL. */
  readonly ends?: string;
  readonly message?: string;
}
export interface Job {
  readonly id: string;
  readonly region: string;
  readonly vault: string;
  readonly resourceArn: string;
  readonly roleArn: string;
  readonly days: number;
  readonly startWindowMinutes: number;
  readonly createdAt: number;
  readonly fate: Fate;
}
export interface Copy {
  readonly id: string;
  readonly region: string;
  readonly source: Point;
  readonly destination: { readonly region: string; readonly vault: string };
  readonly days: number;
  readonly createdAt: number;
  readonly fate: Fate;
}
export interface RestoreJob {
  readonly id: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly pointArn: string;
  readonly createdAt: number;
  readonly fate: Fate;
}
export interface Point {
  readonly arn: string;
  readonly region: string;
  readonly vault: string;
  readonly resourceArn: string;
  readonly createdAt: number;
  readonly days: number;
  /** When its job ended; a copy's creation date is its source's. */
  readonly madeAt?: number;
  status: string;
  message?: string;
}
export interface Vault {
  locked: boolean;
  /** Where a role lacks what deleting takes: the answer is 200, and the recovery point stays as EXPIRED. */
  refusesQuietly?: boolean;
}

/** A job that may not do its work fails, whatever else was to become of it. */
export const fateOf = (fate: Fate, objection: string | undefined): Fate =>
  objection === undefined ? fate : { startsAfterMinutes: 0, takesMinutes: 1, ends: "FAILED", message: objection };

/** `forgetsWindows`: it stays CREATED past its start window. */
export const jobState = (job: Job, now: number, forgetsWindows: boolean): string => {
  const { startsAfterMinutes = 1, takesMinutes = 10, ends = "COMPLETED" } = job.fate;
  const minutes = (now - job.createdAt) / MINUTE_MS;
  const isOver = minutes >= job.startWindowMinutes && !forgetsWindows;
  if (minutes < startsAfterMinutes) return isOver ? "EXPIRED" : "CREATED";
  return minutes < startsAfterMinutes + takesMinutes ? "RUNNING" : ends;
};
export const completedAt = ({ createdAt, fate }: Job): number =>
  createdAt + ((fate.startsAfterMinutes ?? 1) + (fate.takesMinutes ?? 10)) * MINUTE_MS;

export const copyState = ({ fate, createdAt }: Copy, now: number): string => {
  const { startsAfterMinutes = 0, takesMinutes = 20, ends = "COMPLETED" } = fate;
  const minutes = (now - createdAt) / MINUTE_MS;
  if (minutes < startsAfterMinutes) return "CREATED";
  return minutes < startsAfterMinutes + takesMinutes ? "RUNNING" : ends;
};
export const copiedAt = ({ createdAt, fate }: Copy): number =>
  createdAt + ((fate.startsAfterMinutes ?? 0) + (fate.takesMinutes ?? 20)) * MINUTE_MS;

export const restoreState = ({ fate, createdAt }: RestoreJob, now: number): string =>
  now - createdAt >= (fate.takesMinutes ?? 30) * MINUTE_MS ? (fate.ends ?? "COMPLETED") : "RUNNING";

export const deleteAt = ({ createdAt, days }: Pick<Point, "createdAt" | "days">): number => createdAt + days * DAY_MS;

export const vaultArn = (region: string, name: string): string =>
  `arn:aws:backup:${region}:${ACCOUNT}:backup-vault:${name}`;
export const pointArn = (region: string, id: string): string =>
  `arn:aws:rds:${region}:${ACCOUNT}:snapshot:awsbackup:job-${id}`;
export const copyArn = ({ id, destination }: Pick<Copy, "id" | "destination">): string =>
  `arn:aws:rds:${destination.region}:${ACCOUNT}:snapshot:awsbackup:copyjob-${id.toLowerCase()}`;
