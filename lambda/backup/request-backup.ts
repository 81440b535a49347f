/**
 * A backup on demand. It is queued at once and waits in its execution while another operation holds the
 * environment's lease. A failure leaves at most a queued item without an execution, which retention removes.
 */
import { isoSeconds } from "../catalog/catalog";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { BackupRequest } from "./contract";
import { queueBackup } from "./queue-backup";
import { newSnapshotId } from "./snapshot-ids";

export interface BackupOnDemand {
  readonly environmentId: string;
  /** Name of the person, shown as the snapshot's type. */
  readonly createdBy: string;
  readonly comment: string;
  /** For asking again after a lost answer. @default a new random id */
  readonly snapshotId?: string;
}

export async function requestBackup(
  collaborators: Pick<Collaborators, "catalog" | "workflows" | "settings" | "clock" | "random">,
  wish: BackupOnDemand,
): Promise<BackupRequest> {
  const environment = await collaborators.catalog.getEnvironment(wish.environmentId);
  if (environment === undefined) {
    throw new ServiceFailure(
      "EnvironmentNotFound",
      `There is no environment ${wish.environmentId} in ${collaborators.settings.REGION}; register it first, or check its name and region.`,
      false,
    );
  }
  const request: BackupRequest = {
    ...wish,
    snapshotId: wish.snapshotId ?? newSnapshotId(collaborators.random),
    trigger: "on-demand",
    tier: "on-demand",
    night: null,
    attempt: 1,
    requestedAt: isoSeconds(collaborators.clock.now()),
  };
  await queueBackup(request, environment, collaborators);
  return request;
}
