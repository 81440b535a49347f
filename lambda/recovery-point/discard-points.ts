/**
 * Recovery points of a failed attempt. Where the vault is locked, as it is once it has been deployed, AWS Backup
 * refuses to delete them, and they end with their lifecycle (decision 17); a job that still runs can't be stopped, and
 * ends the same way. So this asks once, says what stays, and never keeps a failure from being recorded.
 */
import type { Attempt } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { deletePoints, type DeletePointsCollaborators } from "./delete-points";

export async function discardPoints(
  { attemptId, recovery, sealing }: Attempt,
  collaborators: DeletePointsCollaborators & Pick<Collaborators, "log">,
): Promise<void> {
  const { log, settings } = collaborators;
  if (recovery === undefined || recovery.jobId === null) return;
  // A manifest may name them.
  if (sealing === true) return;
  const { point, copyArn, copyJobId, jobId } = recovery;
  try {
    const stays =
      point === null
        ? [`The backup job ${jobId} can't be stopped: AWS Backup carries it on, and removes what it makes by itself.`]
        : await deletePoints(
            {
              vault: settings.PRIMARY_VAULT,
              arn: point.arn,
              copyVault: copyArn === null ? null : settings.REPLICA_VAULT,
              copyArn,
              deleteAt: point.deleteAt,
            },
            collaborators,
          );
    if (stays.length === 0) return;
    log.warn("Recovery points of a failed attempt stay until their lifecycle ends.", {
      attemptId,
      jobId,
      copyJobId,
      deleteAt: point?.deleteAt ?? null,
      stays,
    });
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    log.warn("Recovery points of a failed attempt stay until their lifecycle ends.", {
      attemptId,
      jobId,
      reason: error.message,
    });
  }
}
