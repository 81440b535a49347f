/**
 * Nothing in the transfer bucket lives longer than a day: archives with their links, uploads, files of drills, what was left behind of
 * either, and unfinished multipart uploads. Objects go before the items that name them, so a crash leaves nothing that
 * the next run does not find. Bounded: what does not fit is found again five minutes later; the bucket's lifecycle
 * rule is the backstop. An archive goes sooner where its snapshot has expired or been deleted (rule 3): then links lead
 * nowhere, and what they led to before must not be read on. An archive whose execution ended without a word is recorded
 * as failed.
 */
import { linkExpiry } from "../archive/links";
import { allPages, isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { ArchiveItem, UploadItem } from "../catalog/items";
import { isVisible } from "../retention/offered";
import type { Collaborators } from "../runtime/collaborators";
import { ARCHIVES_PREFIX, DRILLS_PREFIX, UPLOADS_PREFIX } from "../storage/object-keys";
import type { MultipartListOptions } from "../storage/object-store";
import { removeObjects } from "../storage/remove-objects";

export type SweepTransferCollaborators = Pick<
  Collaborators,
  "settings" | "catalog" | "store" | "workflows" | "clock" | "remainingMs" | "log"
>;

const DAY_MS = 24 * 3_600_000;
/** An upload that is being made a snapshot may wait a day for its environment, and work for one. */
const WORKING_MS = 3 * DAY_MS;
const ITEMS_A_RUN = 500;
/** Time kept for what comes after. */
const RESERVE_MS = 120_000;

export const sweepTransfer = async (collaborators: SweepTransferCollaborators): Promise<void> => {
  const kept = await sweepItems(collaborators);
  await sweepObjects(collaborators, kept);
  await sweepMultiparts(collaborators, kept);
};

const isTimeUp = ({ remainingMs }: SweepTransferCollaborators): boolean => remainingMs() < RESERVE_MS;

/** Returns the keys of uploads that must stay although they may be older than a day. */
const sweepItems = async (collaborators: SweepTransferCollaborators): Promise<ReadonlySet<string>> => {
  const { catalog, clock } = collaborators;
  const now = clock.now();
  const kept = new Set<string>();
  let swept = 0;
  for await (const archive of allPages((cursor) => catalog.listArchives(now, cursor))) {
    const isDue = isSwept(archive, now) || (await hasLostItsSnapshot(collaborators, archive));
    if (!isDue) await settleAbandoned(collaborators, archive);
    else if (swept < ITEMS_A_RUN && !isTimeUp(collaborators)) {
      await sweepArchive(collaborators, archive);
      swept++;
    }
  }
  for await (const upload of allPages((cursor) => catalog.listUploads(now, cursor))) {
    if (!isOver(upload, now)) kept.add(upload.key);
    else if (swept < ITEMS_A_RUN && !isTimeUp(collaborators)) {
      await sweepUpload(collaborators, upload);
      swept++;
    }
  }
  return kept;
};

/** A day old, and its links have ended. */
const isSwept = ({ createdAt, finishedAt }: ArchiveItem, now: Date): boolean => {
  const linksEnd = finishedAt === null ? 0 : Date.parse(linkExpiry(finishedAt));
  return Math.max(Date.parse(createdAt) + DAY_MS, linksEnd) <= now.getTime();
};

/** One that is being built ends first: its pin keeps the snapshot's data. */
const hasLostItsSnapshot = async (
  { catalog, clock }: SweepTransferCollaborators,
  { state, environmentId, snapshotId }: ArchiveItem,
): Promise<boolean> => {
  if (state !== "completed") return false;
  const snapshot = await catalog.getSnapshot(environmentId, snapshotId);
  return snapshot === undefined || !isVisible(snapshot, clock.now());
};

const isOver = ({ state, createdAt, expiresAt }: UploadItem, now: Date): boolean => {
  const isWorking = state === "queued" || state === "running";
  const end = isWorking
    ? Date.parse(createdAt) + WORKING_MS
    : Math.max(Date.parse(expiresAt), Date.parse(createdAt) + DAY_MS);
  return end <= now.getTime();
};

const sweepArchive = async (collaborators: SweepTransferCollaborators, archive: ArchiveItem): Promise<void> => {
  const { catalog, settings, store, workflows } = collaborators;
  const { archiveId } = archive;
  const isWorkedOn = archive.state === "running" && archive.executionArn !== null;
  // Its time limit is a day, too: it ends before long.
  if (isWorkedOn && !(await workflows.hasEnded(archive.executionArn, archive.createdAt))) return;
  for (;;) {
    const page = await store.list(settings.TRANSFER_BUCKET, { prefix: `${ARCHIVES_PREFIX}${archiveId}/` });
    if (page.objects.length > 0)
      await store.deleteBatch(
        settings.TRANSFER_BUCKET,
        page.objects.map(({ key }) => ({ key })),
      );
    if (page.nextToken === undefined) break;
  }
  for await (const link of allPages((cursor) => catalog.listArchiveLinks(archiveId, cursor)))
    await catalog.deleteArchiveLink(link);
  await catalog.deleteArchive(archiveId);
};

const sweepUpload = async (collaborators: SweepTransferCollaborators, upload: UploadItem): Promise<void> => {
  const { catalog, settings, store } = collaborators;
  const ref = { bucket: settings.TRANSFER_BUCKET, key: upload.key };
  if (upload.state === "open") await store.abortMultipart(ref, upload.multipartId);
  await store.deleteBatch(ref.bucket, [{ key: ref.key }]);
  await catalog.deleteUpload(upload.uploadId);
};

/** Somebody stopped it, or its time limit came: whoever waits for it is told. Its pin is stale for retention. */
const settleAbandoned = async (
  { catalog, clock, workflows, log, settings }: SweepTransferCollaborators,
  archive: ArchiveItem,
): Promise<void> => {
  const { archiveId, state, createdAt, environmentId, snapshotId } = archive;
  if (state !== "queued" && state !== "running") return;
  const started = settings.ARCHIVE_STATE_MACHINE_ARN.replace(":stateMachine:", ":execution:");
  if (!(await workflows.hasEnded(archive.executionArn ?? `${started}:${archiveId}`, createdAt))) return;
  const at = isoSeconds(clock.now());
  const statusMessage = "The archive's execution was stopped before its end: ask for the archive anew.";
  try {
    await catalog.updateArchive(archiveId, { state: "failed", statusMessage, finishedAt: at, updatedAt: at }, [state]);
    await catalog.unpin({ environmentId, snapshotId, holder: archiveId });
    log.warn("An archive whose execution had ended was recorded as failed.", { archiveId });
  } catch (error) {
    // It has ended by itself between the list and now.
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

/** What no item names any more. */
const sweepObjects = async (collaborators: SweepTransferCollaborators, kept: ReadonlySet<string>): Promise<void> => {
  const { clock, settings, store } = collaborators;
  const yesterday = clock.now().getTime() - DAY_MS;
  for (const prefix of [ARCHIVES_PREFIX, DRILLS_PREFIX, UPLOADS_PREFIX]) {
    let token: string | undefined;
    do {
      if (isTimeUp(collaborators)) return;
      const page = await store.list(settings.TRANSFER_BUCKET, { prefix, ...(token === undefined ? {} : { token }) });
      const old = page.objects.filter(
        ({ key, lastModified }) => lastModified !== undefined && lastModified.getTime() <= yesterday && !kept.has(key),
      );
      const left = await removeObjects(
        store,
        settings.TRANSFER_BUCKET,
        old.map(({ key }) => ({ key })),
      );
      for (const { key, code } of left) collaborators.log.warn("An old object can't be deleted.", { key, code });
      token = page.nextToken;
    } while (token !== undefined);
  }
};

const sweepMultiparts = async (collaborators: SweepTransferCollaborators, kept: ReadonlySet<string>): Promise<void> => {
  const { clock, settings, store } = collaborators;
  const bucket = settings.TRANSFER_BUCKET;
  const yesterday = clock.now().getTime() - DAY_MS;
  let options: MultipartListOptions | undefined = { prefix: "" };
  while (options !== undefined && !isTimeUp(collaborators)) {
    const page = await store.listMultiparts(bucket, options);
    for (const { key, uploadId, initiated } of page.uploads) {
      if (initiated.getTime() <= yesterday && !kept.has(key)) await store.abortMultipart({ bucket, key }, uploadId);
    }
    options = page.next === undefined ? undefined : { prefix: "", ...page.next };
  }
};
