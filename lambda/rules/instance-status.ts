/**
 * What an RDS instance's status means for a backup of its database. Pure. Source: the Amazon RDS User Guide, “Viewing
 * Amazon RDS DB instance status”. A status that is not listed is taken to be usable: the database itself then says.
 */

export type Readiness =
  /** Its database can be worked with. */
  | "ready"
  /** It can't, or may restart at any moment, and that passes by itself. */
  | "passing"
  /** It stays as it is until a person does something about it. */
  | "broken";

const PASSING: ReadonlySet<string> = new Set([
  "converting-to-vpc",
  "creating",
  "maintenance",
  "modifying",
  "moving-to-vpc",
  "rebooting",
  "renaming",
  "resetting-master-credentials",
  "starting",
  "upgrading",
]);
/** What AWS Backup waits for too, while a dump goes on beside it. */
const PASSING_FOR_RECOVERY_POINTS: ReadonlySet<string> = new Set([
  "backing-up",
  "configuring-enhanced-monitoring",
  "configuring-iam-database-auth",
  "configuring-log-exports",
]);
/** What to do, as the end of a sentence. */
const BROKEN: Readonly<Record<string, string>> = {
  deleting: "it is being deleted: register the instance that takes its place",
  failed: "restore it, or ask AWS for help",
  "inaccessible-encryption-credentials": "give RDS its KMS key back, then start the instance",
  "inaccessible-encryption-credentials-recoverable": "give RDS its KMS key back, then start the instance",
  "incompatible-network": "mend its subnets, then restore or modify it",
  "incompatible-option-group": "mend its option group",
  "incompatible-parameters": "mend its parameter group, then reboot it",
  "incompatible-restore": "restore it from another point in time",
  "insufficient-capacity": "change its class, or try again later",
  "restore-error": "restore it from another point in time",
  stopped: "start the instance, then take the backup",
  stopping: "start the instance once it has stopped, then take the backup",
  "storage-full": "give it more storage",
};

export const readinessOf = (status: string, backup: "dump" | "recovery-point" = "dump"): Readiness => {
  if (status in BROKEN) return "broken";
  if (PASSING.has(status)) return "passing";
  return backup === "recovery-point" && PASSING_FOR_RECOVERY_POINTS.has(status) ? "passing" : "ready";
};

/** What a person can do about a broken instance. */
export const adviceFor = (status: string): string => BROKEN[status] ?? "look at it in the console of Amazon RDS";
