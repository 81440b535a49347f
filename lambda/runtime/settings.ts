/**
 * The environment variables that every function and the database task get, and how they are read. `lib` writes
 * them with `satisfies`, `readSettings` parses them once. Nothing else in `lambda` reads `process.env`.
 */
import { z } from "zod";

export const settings = z.object({
  /** The installation's prefix; metrics and events are told apart by it. */
  SERVICE_PREFIX: z.string(),
  /** Region of the primary bucket, or of the recovery. */
  REGION: z.string(),
  /**
   * The lost region whose snapshots this deployment recovers, in their replication region. They are then read from the
   * replica bucket alone; `PRIMARY_BUCKET` only holds the recovery's own records. Absent where nothing is lost.
   */
  RECOVERED_REGION: z.string().optional(),
  CATALOG_TABLE: z.string(),
  PRIMARY_BUCKET: z.string(),
  TRANSFER_BUCKET: z.string(),
  REPLICA_BUCKET: z.string(),
  REPLICA_REGION: z.string(),
  /** Former replication regions that still hold replicas, as `storage/replicas.ts` writes them; empty where there are none. */
  FORMER_REPLICAS: z.string().optional(),
  /** AWS Backup's vaults in the two regions, and the role that AWS Backup makes and copies recovery points with. */
  PRIMARY_VAULT: z.string(),
  REPLICA_VAULT: z.string(),
  BACKUP_ROLE_ARN: z.string(),
  /** The role that AWS Backup restores with; only where instances are restored. */
  RESTORE_ROLE_ARN: z.string().optional(),
  /** The role that addresses of archives are signed with; only for the API. */
  DOWNLOAD_ROLE_ARN: z.string().optional(),
  /** `key=value`: the tag of whatever outside the service it may use or change. */
  RESOURCE_TAG: z.string(),
  LOCK_MODE: z.enum(["GOVERNANCE", "COMPLIANCE"]),
  /** For environments of licensed premium plans whose registration doesn't say (rule 7); all others are replicated. */
  REPLICATION_DEFAULT: z.enum(["on", "off"]),
  /** Who is told of failures. */
  ALARM_TOPIC_ARN: z.string(),
  BACKUP_STATE_MACHINE_ARN: z.string(),
  REPLICATION_CHECK_STATE_MACHINE_ARN: z.string(),
  RESTORE_STATE_MACHINE_ARN: z.string(),
  DRILL_STATE_MACHINE_ARN: z.string(),
  ARCHIVE_STATE_MACHINE_ARN: z.string(),
  UPLOAD_STATE_MACHINE_ARN: z.string(),
  DELETION_STATE_MACHINE_ARN: z.string(),
  KEEP_STATE_MACHINE_ARN: z.string(),
  PROBE_STATE_MACHINE_ARN: z.string(),
  CLUSTER_ARN: z.string(),
});
export type Settings = z.infer<typeof settings>;
/** As they stand in a template: strings, or tokens that become strings. */
export type SettingsVariables = { readonly [Name in keyof Settings]: string };

export const readSettings = (variables: NodeJS.ProcessEnv): Settings => settings.parse(variables);
