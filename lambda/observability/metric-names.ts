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
  /** From a snapshot's commit until it was proven to be in the replication region. */
  ReplicationLag: "Seconds",
  /** How long after the window's end nightly backups were still running, or waiting. */
  WindowOverrun: "Seconds",
  /** Snapshots and restores that wait for their environment's lease. */
  QueuedOperations: "Count",
  /** Snapshots whose expiry has passed and whose data is still there. */
  RetentionBacklog: "Count",
  /** How long ago the longest overdue of them should have gone. */
  RetentionOverdue: "Seconds",
  /** What the region's snapshots hold, each by itself. */
  StoredLogical: "Bytes",
  /** What is stored for them in the region's own bucket: packs shared by snapshots count once. */
  StoredPhysical: "Bytes",
  /** US dollars a month for what is stored, by the price list. */
  MonthlyCostEstimate: "None",
  /** A restore drill found that a snapshot can't be restored, or could not be held. */
  DrillsFailed: "Count",
  /** A restore drill that passed took longer than its limit, or than it used to. */
  DrillsSlow: "Count",
  /** What a restore drill took that passed, database and files, with what was verified. */
  DrillTime: "Seconds",
  /** Events that EventBridge did not take. */
  EventsNotSent: "Count",
} as const satisfies Readonly<Record<string, MetricUnit>>;
export type MetricName = keyof typeof METRICS;

export const REGION_DIMENSION = "region";
export const ENVIRONMENT_DIMENSION = "environmentId";

/** CloudWatch's namespace of one installation. */
export const metricsNamespace = (prefix: string): string => `NightlyBackups/${prefix}`;
