/**
 * Fail: records the reason in one sentence, gives up what was uploaded so far, and unpins the snapshot. Repeatable.
 * What can't be given up now is swept within a day.
 */
import { isoSeconds } from "../catalog/catalog";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { failureReason } from "../backup/failure-reason";
import { hasEnded, loadArchive, output, record, unpin } from "./archive-state";
import { discardProgress } from "./build-progress";
import type { ArchiveInput, ArchiveOutput } from "./contract";

type FailInput = Extract<ArchiveInput, { step: "fail" }>;

export const fail = async (
  collaborators: Pick<Collaborators, "catalog" | "clock" | "log" | "store" | "settings">,
  { archiveId, error }: Pick<FailInput, "archiveId" | "error">,
): Promise<ArchiveOutput> => {
  let archive = await loadArchive(collaborators, archiveId).catch((missing: unknown) => {
    if (missing instanceof ServiceFailure && missing.code === "ArchiveNotFound") return undefined;
    throw missing;
  });
  // Swept meanwhile: there is nothing left to end.
  if (archive === undefined) return output("failed", `There is no archive ${archiveId} any more.`);
  if (!hasEnded(archive)) {
    // The database task leaves its sentence in the item.
    const left = archive.statusMessage === "" ? null : { name: "", message: archive.statusMessage, retryable: false };
    const statusMessage = failureReason(error, left, "archive").message;
    collaborators.log.error("An archive failed.", { archiveId, error });
    await discardProgress(collaborators, archiveId).catch((cause: unknown) => {
      collaborators.log.warn("An archive's parts are left for the sweep.", { archiveId, cause: String(cause) });
    });
    const finishedAt = isoSeconds(collaborators.clock.now());
    archive = await record(collaborators, archive, { state: "failed", statusMessage, finishedAt });
  }
  await unpin(collaborators, archive);
  return output("failed", archive.statusMessage);
};
