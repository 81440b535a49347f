/**
 * Every metric of the service with its unit: what the code adds, and what dashboards and alarms look at. A new metric is
 * one line here. Each combination of name and dimensions is paid for, so there is one dimension, the primary region:
 * what is paid for does not grow with the environments. Which of them a figure is of, the log says and messages say.
 */
import type { MetricUnit } from "@aws-lambda-powertools/metrics/types";

export const METRICS = {
  /** A nightly backup of an environment was sealed. */
  NightlySucceeded: "Count",
  /** A nightly backup of an environment failed for the last time. */
  NightlyFailed: "Count",
  /** A backup, nightly or on demand, failed with no further attempt. */
  BackupsFailed: "Count",
  /**
   * The oldest of all environments' newest backups that are at the far end (rule 7: where they should be): since it was
   * taken; of an environment without any, since its first was due.
   */
  NewestSnapshotAge: "Seconds",
  /** Environments whose newest backup is too old. */
  EnvironmentsTooOld: "Count",
  /** From a snapshot's commit until it was proven to be in the replication region, or until now where it waits for that. */
  ReplicationLag: "Seconds",
  /** How long ago the window ended of which backups are still running, or waiting. */
  WindowOverrun: "Seconds",
  /** Snapshots and restores that wait for their environment's lease. */
  QueuedOperations: "Count",
  /** How long the first of them has been waiting. */
  LongestQueued: "Seconds",
  /** Snapshots whose expiry has passed and whose data is still there. */
  RetentionBacklog: "Count",
  /** How long ago the longest overdue of them should have gone. */
  RetentionOverdue: "Seconds",
  /** What the region's completed snapshots hold, each by itself: dump and files, uncompressed. */
  StoredLogical: "Bytes",
  /** A restore drill found that a snapshot can't be restored, or could not be held. */
  DrillsFailed: "Count",
  /** A restore drill that passed took longer than its limit, or than it used to. */
  DrillsSlow: "Count",
  /** What a restore drill took that passed, database and files, with what was verified. */
  DrillTime: "Seconds",
  /** Environments whose last snapshot expires within a week, with no newer one to take its place. */
  LastSnapshotExpiring: "Count",
  /** Since the image of the database task that last ran was renewed: its base, PostgreSQL programs and certificates. */
  TaskImageAge: "Seconds",
  /** Events that EventBridge did not take. */
  EventsNotSent: "Count",
} as const satisfies Readonly<Record<string, MetricUnit>>;
export type MetricName = keyof typeof METRICS;

export const REGION_DIMENSION = "region";

/** CloudWatch's namespace of one installation. */
export const metricsNamespace = (prefix: string): string => `NightlyBackups/${prefix}`;
