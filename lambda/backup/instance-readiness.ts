/**
 * Looks at the database's RDS instance before anything is begun: what a person has to mend fails the attempt with a
 * sentence before any task is launched; what passes by itself (a restart, an upgrade, a modification) is waited for
 * without the lease, for two hours at most. RDS not answering holds nothing up: the database itself then says. Only reads.
 */
import type { EnvironmentItem } from "../catalog/items";
import { adviceFor, readinessOf } from "../rules/instance-status";
import { addMinutes } from "../rules/utc-date";
import { ServiceFailure, type Collaborators, type DatabaseStatuses } from "../runtime/collaborators";
import type { BackupRequest } from "./contract";

/** Longer than RDS's shortest windows, and short enough that three attempts end the same morning. */
const PATIENCE_MINUTES = 120;

type ReadinessCollaborators = Pick<Collaborators, "clock" | "log"> & { readonly databases?: DatabaseStatuses };

/** Why to wait, or undefined. Throws DatabaseNotAvailable. */
export async function reasonToWait(
  { databases, clock, log }: ReadinessCollaborators,
  { environmentId, registration }: EnvironmentItem,
  request: BackupRequest,
): Promise<string | undefined> {
  const { instance } = registration.database;
  // An upload brings its database along.
  if (databases === undefined || instance === null || request.trigger === "upload") return undefined;
  const status = await statusOf(databases, instance, environmentId, log);
  if (status === undefined) return undefined;
  const readiness = readinessOf(status, backupOf(registration));
  if (readiness === "ready") return undefined;
  if (readiness === "broken")
    throw notAvailable(`The database instance ${instance} is ${status}: ${adviceFor(status)}.`);
  if (clock.now().getTime() < addMinutes(new Date(request.requestedAt), PATIENCE_MINUTES).getTime())
    return `Queued: the database instance ${instance} is ${status}.`;
  throw notAvailable(
    `The database instance ${instance} is still ${status} after ${PATIENCE_MINUTES / 60} hours: look at it, then take the backup.`,
  );
}

const backupOf = ({ database }: EnvironmentItem["registration"]): "dump" | "recovery-point" =>
  "backup" in database && database.backup === "recovery-point" ? "recovery-point" : "dump";

const notAvailable = (message: string): ServiceFailure => new ServiceFailure("DatabaseNotAvailable", message, true);

const statusOf = async (
  databases: DatabaseStatuses,
  instance: string,
  environmentId: string,
  log: Collaborators["log"],
): Promise<string | undefined> => {
  try {
    return (await databases.statusOf(instance))?.status;
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    log.warn("The database's status is not known.", { environmentId, instance, reason: error.message });
    return undefined;
  }
};
