/**
 * Asking for an archive: what can be refused at once is refused with a sentence and leaves nothing behind; otherwise
 * the archive item is created and its execution started. A crash between the two leaves a queued item that pins
 * nothing and is swept after a day; asking again with the same id starts it.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { ArchiveItem, ArchiveWish } from "../catalog/items";
import { checkSnapshot } from "../restore/request";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { archiveKey } from "../storage/object-keys";
import { archiveFileName, storedName } from "./archive-names";
import { isSameWish, partOf } from "./archive-wish";
import { estimateArchive } from "./estimate";

export interface ArchiveRequest extends ArchiveWish {
  readonly environmentId: string;
  readonly snapshotId: string;
  readonly requestedBy: string;
  /** For asking again after a lost answer. @default a new random id */
  readonly archiveId?: string;
}
type RequestCollaborators = Pick<
  Collaborators,
  "catalog" | "workflows" | "clock" | "random" | "settings" | "store" | "replicaStore" | "formerReplicas" | "log"
>;

/**
 * Returns the archive as it stands: queued, or further on if it was asked for before with the same id. `beforeChange`:
 * once nothing refuses it any more, before anything is made of it.
 */
export const requestArchive = async (
  collaborators: RequestCollaborators,
  request: ArchiveRequest,
  beforeChange: () => Promise<void> = async () => undefined,
): Promise<ArchiveItem> => {
  const { catalog, random, settings, workflows } = collaborators;
  const archiveId = request.archiveId ?? `archive-${Buffer.from(random(16)).toString("hex")}`;
  // A link's token is the archive's id, a dot, and a secret.
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(archiveId)) {
    throw new ServiceFailure(
      "InvalidArchiveId",
      "An archive's id has at most 80 letters, digits, hyphens and underscores: choose another one.",
      false,
    );
  }
  const standing = await catalog.getArchive(archiveId);
  if (standing !== undefined) {
    refuseOther(standing, request);
    await beforeChange();
  }
  const archive = standing ?? (await create(collaborators, { ...request, archiveId }, beforeChange));
  if (archive.state === "queued" && archive.executionArn === null)
    await workflows.start(settings.ARCHIVE_STATE_MACHINE_ARN, archiveId, { archiveId });
  return archive;
};

const create = async (
  collaborators: RequestCollaborators,
  request: ArchiveRequest & { readonly archiveId: string },
  beforeChange: () => Promise<void>,
): Promise<ArchiveItem> => {
  const { catalog, clock } = collaborators;
  const { archiveId, environmentId, snapshotId, dataType, file, table, requestedBy } = request;
  const snapshot = await catalog.getSnapshot(environmentId, snapshotId);
  checkSnapshot(snapshot, environmentId, snapshotId, clock.now());
  const estimate = await estimateArchive(collaborators, snapshot, request);
  await beforeChange();
  const fileName = archiveFileName(snapshot, request);
  const createdAt = isoSeconds(clock.now());
  const archive: ArchiveItem = {
    archiveId,
    environmentId,
    snapshotId,
    dataType,
    ...partOf({ file, table }),
    state: "queued",
    statusMessage: "",
    requestedBy,
    createdAt,
    updatedAt: createdAt,
    finishedAt: null,
    executionArn: null,
    key: archiveKey(archiveId, storedName(fileName, dataType)),
    fileName,
    size: null,
    bytesDone: 0,
    estimatedSeconds: estimate.seconds,
  };
  try {
    await catalog.createArchive(archive);
    return archive;
  } catch (error) {
    // Our own earlier write whose answer was lost, or a twin with the same id: the item stands.
    if (!(error instanceof ConditionFailed)) throw error;
    const standing = await catalog.getArchive(archiveId);
    if (standing === undefined) throw error;
    refuseOther(standing, request);
    return standing;
  }
};

/** An id names one archive: whoever may see one environment must not reach another's with it. */
const refuseOther = (standing: ArchiveItem, request: ArchiveRequest): void => {
  if (standing.environmentId === request.environmentId && isSameWish(standing, request)) return;
  throw new ServiceFailure("ArchiveIdTaken", "The id stands for another archive: ask with a new one.", false);
};
