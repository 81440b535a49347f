/**
 * A snapshot's three downloads, as version 1 of the published Backups API gives them: one call asks for them, and has
 * their addresses once all are ready. Small ones are ready within the call; for others it says to ask again.
 *
 * Asking again is the same three archives until their addresses end: an archive's id follows from the snapshot, the
 * kind, and the eight hours in which it was asked for, those before counting too while its address holds. One that
 * failed is tried anew, three times within these hours.
 */
import { archiveUrl, endOfWays, linkExpiry } from "../archive/links";
import { requestArchive } from "../archive/request-archive";
import { recordAudit } from "../audit/record-audit";
import type { ArchiveDataType, ArchiveItem, SnapshotItem } from "../catalog/items";
import { checkSnapshot } from "../restore/request";
import { ApiError } from "./api-error";
import type { ApiCollaborators, ApiContext } from "./api-context";
import { requestHash } from "./idempotency";
import { recordLook } from "./record-look";
import type { FirstDownloads } from "./schemas/look-ups";

const HOURS_MS = 8 * 3_600_000;
const ATTEMPTS = 3;
/** Left for a download to begin in. */
const SPARE_MS = 15 * 60_000;
/** API Gateway gives an answer up after 29 seconds. */
const LOOKS = 20;
const BETWEEN_LOOKS_MS = 1000;
/** What `Retry-After` says. */
const ASK_AGAIN_SECONDS = 15;

const KINDS = {
  FilesOnly: "files_only",
  DatabaseOnly: "database_only",
  DatabaseAndFiles: "files_and_database",
} as const satisfies Record<keyof FirstDownloads, ArchiveDataType>;

/** Throws ApiError; `INTERNAL_SERVER_ERROR`, with a `Retry-After`, while they are not ready. */
export async function firstDownloadsOf(
  collaborators: ApiCollaborators,
  context: ApiContext,
  snapshotId: string,
): Promise<FirstDownloads> {
  const { catalog, clock, pause } = collaborators;
  const { environmentId } = context.get("environment");
  const snapshot = await catalog.getSnapshot(environmentId, snapshotId);
  if (snapshot !== undefined && (snapshot.state === "queued" || snapshot.state === "running"))
    throw notYet(context, `Snapshot ${snapshotId} is still ${snapshot.state}`);
  try {
    checkSnapshot(snapshot, environmentId, snapshotId, clock.now());
  } catch (error) {
    if (snapshot?.state === "failed") throw error;
    throw new ApiError(
      "SNAPSHOT_NOT_FOUND",
      `Environment ${environmentId} has no snapshot ${snapshotId}; it may have expired or been deleted: choose one from its list.`,
      { cause: error },
    );
  }
  const archives = await Promise.all(
    Object.values(KINDS).map((dataType) => askFor(collaborators, context, { environmentId, snapshotId, dataType })),
  );
  let standing: readonly ArchiveItem[] = archives;
  for (let look = 0; look < LOOKS && standing.some(isUnderWay); look += 1) {
    await pause(BETWEEN_LOOKS_MS);
    standing = await Promise.all(archives.map(async (one) => (await catalog.getArchive(one.archiveId)) ?? one));
  }
  const failed = standing.find(({ state }) => state === "failed");
  if (failed !== undefined)
    throw new ApiError("INVALID_STATE", `The download could not be prepared: ${failed.statusMessage}`);
  if (standing.some(isUnderWay)) throw notYet(context, `The downloads of snapshot ${snapshotId} are being prepared`);
  const addresses = await Promise.all(standing.map((one) => addressOf(collaborators, context, one, snapshot)));
  return Object.fromEntries(Object.keys(KINDS).map((name, at) => [name, addresses[at]])) as FirstDownloads;
}

interface Wanted {
  readonly environmentId: string;
  readonly snapshotId: string;
  readonly dataType: ArchiveDataType;
}

/** The archive that stands for this wish, or a new one. */
async function askFor(collaborators: ApiCollaborators, context: ApiContext, wanted: Wanted): Promise<ArchiveItem> {
  const { catalog, clock } = collaborators;
  const now = clock.now().getTime();
  const span = Math.floor(now / HOURS_MS);
  const idOf = (ofSpan: number, attempt: number): string => {
    const key = [wanted.snapshotId, wanted.dataType, ofSpan, attempt].join("\n");
    return `archive-${requestHash("first-archive", wanted.environmentId, key)}`;
  };
  const lookUp = async (ofSpan: number): Promise<ArchiveItem[]> => {
    const ids = Array.from({ length: ATTEMPTS }, (_, attempt) => idOf(ofSpan, attempt));
    const found = await Promise.all(ids.map((id) => catalog.getArchive(id)));
    return found.filter((one) => one !== undefined);
  };
  const earlier = (await lookUp(span - 1)).find((one) => isUnderWay(one) || holds(one, now));
  if (earlier !== undefined) return earlier;
  const present = await lookUp(span);
  const good = present.find(({ state }) => state !== "failed");
  const last = present.at(-1);
  if (last !== undefined && good === undefined && present.length === ATTEMPTS) return last;
  // One that stands is asked for again: its start may have been lost.
  const archiveId = good?.archiveId ?? idOf(span, present.length);
  const by = context.get("caller").name;
  return requestArchive(collaborators, { ...wanted, requestedBy: by, archiveId }, async () => {
    if (good !== undefined) return;
    const { environmentId: _environmentId, ...details } = wanted;
    await recordAudit(collaborators, context.get("environment"), { action: "archive.create", by, details });
  });
}

const isUnderWay = ({ state }: ArchiveItem): boolean => state === "queued" || state === "running";
const holds = ({ state, finishedAt }: ArchiveItem, now: number): boolean =>
  state === "completed" && finishedAt !== null && Date.parse(linkExpiry(finishedAt)) - SPARE_MS > now;

async function addressOf(
  collaborators: ApiCollaborators,
  context: ApiContext,
  archive: ArchiveItem,
  snapshot: Pick<SnapshotItem, "expiresAt">,
): Promise<string> {
  await recordLook(collaborators, context, archive);
  const ends = endOfWays(archive.finishedAt ?? archive.createdAt, snapshot);
  const address = await archiveUrl(collaborators, archive, new Date(ends));
  if (address !== undefined) return address.url;
  throw new ApiError("SNAPSHOT_NOT_FOUND", `Snapshot ${archive.snapshotId} has just expired: choose another one.`);
}

const notYet = (context: ApiContext, what: string): ApiError => {
  context.header("Retry-After", String(ASK_AGAIN_SECONDS));
  return new ApiError("INTERNAL_SERVER_ERROR", `${what}: ask again in ${ASK_AGAIN_SECONDS} seconds.`);
};
