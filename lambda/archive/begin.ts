/**
 * Begin: pins the snapshot, then looks whether it is still offered; whoever deletes marks it first and reads the pins
 * after, so one of the two sees the other. A failure leaves a pin of an execution that ends, and `fail` removes it.
 */
import { isoSeconds } from "../catalog/catalog";
import { checkSnapshot } from "../restore/request";
import type { Collaborators } from "../runtime/collaborators";
import { hasEnded, loadArchive, output, record, unpin } from "./archive-state";
import type { ArchiveOutput } from "./contract";

export const begin = async (
  collaborators: Pick<Collaborators, "catalog" | "clock">,
  input: { readonly archiveId: string; readonly executionArn: string },
): Promise<ArchiveOutput> => {
  const { catalog, clock } = collaborators;
  const archive = await loadArchive(collaborators, input.archiveId);
  if (hasEnded(archive)) {
    // Its last step may have stopped before it could unpin.
    await unpin(collaborators, archive);
    return output("skip", `Archive ${archive.archiveId} has ended before (${archive.state}).`);
  }
  const { environmentId, snapshotId, archiveId } = archive;
  const { executionArn } = input;
  if (archive.state === "running" && archive.executionArn === executionArn) return output("begun");
  await catalog.pin({ environmentId, snapshotId, holder: archiveId, executionArn, since: isoSeconds(clock.now()) });
  checkSnapshot(await catalog.getSnapshot(environmentId, snapshotId), environmentId, snapshotId, clock.now());
  await record(collaborators, archive, { state: "running", statusMessage: "", executionArn });
  return output("begun");
};
