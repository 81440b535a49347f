/**
 * Seal: the snapshot's commit, then the lease goes back and the attempt's items go. Safe to repeat from any point; a
 * snapshot that is sealed already answers as it did the first time.
 */
import { commitSnapshot, type CommitCollaborators } from "./commit-snapshot";
import type { SealInput, SealOutput } from "./contract";
import { finishAttempt } from "./finish-attempt";
import { settleUpload } from "../upload/current-upload";
import { attemptGone } from "./running-attempt";

export async function sealSnapshot(input: SealInput, collaborators: CommitCollaborators): Promise<SealOutput> {
  const { environmentId, snapshotId, attemptId } = input.attempt;
  const { catalog } = collaborators;
  const environment = await catalog.getEnvironment(environmentId);
  const snapshot = await catalog.getSnapshot(environmentId, snapshotId);
  if (environment === undefined || snapshot === undefined) throw attemptGone(snapshotId);
  const attempt = await catalog.getAttempt(attemptId);
  if (snapshot.state !== "completed") {
    if (attempt === undefined) throw attemptGone(snapshotId);
    await commitSnapshot({ attempt, snapshot, environment, leaseToken: attempt.leaseToken }, collaborators);
  }
  if (snapshot.tier === "uploaded")
    await settleUpload(collaborators, { snapshotId, state: "completed", statusMessage: "" });
  if (attempt !== undefined) await finishAttempt(attempt, collaborators);
  return { snapshotId, environmentId, replicated: environment.replication === "replicated" };
}
