/** What a plan has to know of the instances before it judges a restore of a recovery point. Only looks. */
import { allPages } from "../catalog/catalog";
import type { EnvironmentItem } from "../catalog/items";
import { loadEnvironment } from "../restore/restore-state";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { RecoveryPointEntry } from "../snapshot/manifest";
import { besideInstance, replacedInstance } from "./instance-names";
import type { InstancePlanFacts } from "./instance-rules";
import type { InstanceQuotas } from "./instances";

type LookCollaborators = Pick<Collaborators, "settings" | "catalog" | "instances" | "recoveryPoints" | "log">;

export const lookAtInstances = async (
  collaborators: LookCollaborators,
  entry: RecoveryPointEntry,
  sourceEnvironmentId: string,
  target: EnvironmentItem,
  /** Null for a dry run. With `begun` the names are the restore's own already. */
  restore: { readonly restoreId: string; readonly begun: boolean } | null,
): Promise<InstancePlanFacts> => {
  const { instances, recoveryPoints, settings } = collaborators;
  if (settings.RECOVERED_REGION !== undefined) throw outOfReach(entry);
  const { instance } = target.registration.database;
  const source = await loadEnvironment(collaborators, sourceEnvironmentId);
  const point = await recoveryPoints.describePoint({ vault: entry.vault, arn: entry.recoveryPointArn });
  return {
    entry,
    pointStatus: point?.status ?? null,
    sourceDatabase: source.registration.database.name,
    target,
    live: instance === null ? null : ((await instances.describe(instance)) ?? null),
    namesTaken:
      instance === null || restore === null || restore.begun
        ? []
        : await taken(collaborators, [
            besideInstance(instance, restore.restoreId),
            replacedInstance(instance, restore.restoreId),
          ]),
    sharedWith: instance === null ? [] : await othersOn(collaborators, instance, target.environmentId),
    quotas: await quotasOf(collaborators),
    resourceTag: settings.RESOURCE_TAG,
  };
};

/** A recovery of a lost region has no rights at AWS Backup: its people restore the copy themselves. */
const outOfReach = ({ copyVault, copyRecoveryPointArn }: RecoveryPointEntry): ServiceFailure =>
  new ServiceFailure(
    "RecoveryPointOutOfReach",
    "This snapshot's database is a recovery point of AWS Backup, which a recovery does not restore: " +
      (copyRecoveryPointArn === null
        ? "it was kept in the lost region only."
        : `start a restore of ${copyRecoveryPointArn} in the vault ${copyVault} with AWS Backup, as the runbook's region-lost says.`),
    false,
  );

const taken = async ({ instances }: LookCollaborators, names: readonly string[]): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const name of names) if ((await instances.describe(name)) !== undefined) found.push(name);
  return found;
};

const othersOn = async (
  { catalog }: LookCollaborators,
  instance: string,
  environmentId: string,
): Promise<readonly string[]> => {
  const others: string[] = [];
  for await (const other of allPages((cursor) => catalog.listEnvironments(cursor))) {
    const { database } = other.registration;
    const isSame = database.instance?.toLowerCase() === instance.toLowerCase();
    if (isSame && other.environmentId !== environmentId) others.push(other.environmentId);
  }
  return others;
};

/** Knowing no quota stops nothing: AWS Backup's job says when it is full. */
const quotasOf = async ({ instances, log }: LookCollaborators): Promise<InstanceQuotas | null> => {
  try {
    return await instances.quotas();
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    log.warn("The quotas of Amazon RDS are not known.", { reason: error.message });
    return null;
  }
};
