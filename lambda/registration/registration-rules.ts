/** What may be registered (rule 7), each objection as one sentence with its mend. Pure. */
import type { EnvironmentItem } from "../catalog/items";
import type { Registration, RegistrationFile } from "../catalog/registration";
import type { Settings } from "../runtime/settings";

/**
 * The choice that a registration makes: what the file says, else what was chosen before, else the installation's default,
 * which is for licensed environments of premium plans only.
 */
export function resolveReplication(
  file: RegistrationFile,
  standing: Pick<EnvironmentItem, "replication"> | undefined,
  installationDefault: Registration["replication"],
): Registration["replication"] {
  if (file.replication !== undefined) return file.replication;
  if (standing !== undefined) return chosen(standing);
  return file.plan === "premium" && file.licensed ? installationDefault : "on";
}

/** Why an environment can't be registered like this, or registered again; undefined when it can. */
export function objectionTo(
  registration: Registration,
  standing: EnvironmentItem | undefined,
  settings: Pick<Settings, "REGION" | "PRIMARY_BUCKET" | "REPLICA_BUCKET" | "TRANSFER_BUCKET">,
): string | undefined {
  const objection =
    standing === undefined
      ? objectionToNew(registration, settings.REGION)
      : objectionToChange(registration, standing, settings.REGION);
  return objection ?? objectionToBucket(registration, settings) ?? objectionToBackup(registration);
}

/** AWS Backup knows databases as RDS instances, and nothing else of them. */
function objectionToBackup({ environmentId, database }: Registration): string | undefined {
  if (database.backup !== "recovery-point" || database.instance !== null) return undefined;
  return `Environment ${environmentId}: recovery points are made of an RDS instance, and database.instance is missing; name it, or set database.backup to "dump".`;
}

/** The service reads its own buckets with all apps' backups: as somebody's files they would be in that one's backup. */
function objectionToBucket(
  { environmentId, files: { bucket } }: Registration,
  { PRIMARY_BUCKET, REPLICA_BUCKET, TRANSFER_BUCKET }: Pick<Settings, `${"PRIMARY" | "REPLICA" | "TRANSFER"}_BUCKET`>,
): string | undefined {
  if ([PRIMARY_BUCKET, REPLICA_BUCKET, TRANSFER_BUCKET].includes(bucket.toLowerCase()))
    return `Environment ${environmentId}: the bucket ${bucket} is the backup service's own; name the bucket of the app's files.`;
  // An ARN or a path might lead to the same buckets under another name.
  if (!/^[\w.-]+$/.test(bucket))
    return `Environment ${environmentId}: "${bucket}" is no bucket's name; use the name alone, without an ARN or a path.`;
  return undefined;
}

/** Why a new environment can't be registered like this; undefined when it can. */
function objectionToNew(registration: Registration, region: string): string | undefined {
  const { environmentId, replication, plan, licensed } = registration;
  const misplaced = objectionToRegion(registration, region);
  if (misplaced !== undefined || replication === "on") return misplaced;
  if (plan !== "premium") {
    return `Environment ${environmentId}: replication can be "off" only on the premium plan, and its plan is "${plan}"; set replication to "on".`;
  }
  if (!licensed) {
    return `Environment ${environmentId}: replication can be "off" only for licensed environments; set replication to "on", or license it first.`;
  }
  return undefined;
}

/** Why a registered environment can't be changed like this; undefined when it can. */
function objectionToChange(registration: Registration, standing: EnvironmentItem, region: string): string | undefined {
  const { environmentId, appId, replication } = registration;
  const misplaced = objectionToRegion(registration, region);
  if (misplaced !== undefined) return misplaced;
  const standingChoice = chosen(standing);
  if (replication !== standingChoice) {
    return `Environment ${environmentId}: replication was chosen as "${standingChoice}" when it was registered and can't be changed; set it back to "${standingChoice}", or leave it out.`;
  }
  if (appId !== standing.registration.appId) {
    return (
      `Environment ${environmentId} belongs to app ${standing.registration.appId}, and its backups do too; ` +
      `register an environment of app ${appId} under another id.`
    );
  }
  return undefined;
}

const chosen = ({ replication }: Pick<EnvironmentItem, "replication">): Registration["replication"] =>
  replication === "replicated" ? "on" : "off";

const objectionToRegion = ({ environmentId, region: wanted }: Registration, region: string): string | undefined =>
  wanted === region
    ? undefined
    : `Environment ${environmentId} is in ${wanted}, but this deployment serves ${region}; register it with the deployment of ${wanted}.`;
