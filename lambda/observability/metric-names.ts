/**
 * Every metric of the service with its unit: what the code adds, and what dashboards and alarms look at. A new metric is
 * one line here. Each combination of name and dimensions is paid for, so there is one dimension, the primary region; a
 * metric that is added for an environment stands under the region too, where its maximum is the worst environment's.
 */
import type { MetricUnit } from "@aws-lambda-powertools/metrics/types";

export const METRICS = {
  /** A nightly backup of an environment was sealed. */
  NightlySucceeded: "Count",
  /** A nightly backup of an environment failed for the last time. */
  NightlyFailed: "Count",
  /** Per environment: since the creation of its newest snapshot that is at the far end (rule 7: where it should be). */
  NewestSnapshotAge: "Seconds",
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
export const ENVIRONMENT_DIMENSION = "environmentId";

/** CloudWatch's namespace of one installation. */
export const metricsNamespace = (prefix: string): string => `NightlyBackups/${prefix}`;
