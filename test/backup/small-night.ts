/** A night of five files, for tests of attempts. */
import { beginBackup } from "../../lambda/backup/begin-backup";
import { backupExecutionName, type BackupRequest, type BeginOutput } from "../../lambda/backup/contract";
import { queueBackup } from "../../lambda/backup/queue-backup";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { environmentItem, executionArn } from "./environment-fixture";
import { keyOf, nightRequest, putFile } from "./night";

export const NIGHT = "2026-12-05";
export const SNAPSHOT = nightRequest(NIGHT).snapshotId;
export const keys = Array.from({ length: 5 }, (_, number) => keyOf(number));
export const arnOf = (request: BackupRequest): string => executionArn(backupExecutionName(request));

export async function ready(): Promise<FakeCollaborators> {
  const collaborators = fakeCollaborators({ now: new Date(`${NIGHT}T00:00:00Z`), tablePageLimit: 2 });
  await collaborators.catalog.createEnvironment(environmentItem());
  for (const key of keys) await putFile(collaborators, key, `content of ${key}`);
  return collaborators;
}
/** Queued, then begun as Step Functions would. */
export async function begun(
  collaborators: FakeCollaborators,
  request: BackupRequest = nightRequest(NIGHT),
): Promise<BeginOutput> {
  await queueBackup(request, { modelVersion: "1.2.3" }, collaborators);
  return beginBackup({ executionArn: arnOf(request), request }, collaborators);
}
