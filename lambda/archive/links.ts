/**
 * The two ways to an archive. Its address is S3's own, which gives the bytes at once and ends with the credentials that
 * signed it; its link is a token of our own, valid for eight hours, that leads to a fresh address whenever it is
 * followed. Neither outlives its eight hours or the snapshot (Rule 3). Only the token's SHA-256 is stored, so that
 * neither the catalog nor its backups can give a link away.
 */
import { createHash } from "node:crypto";
import { isoSeconds } from "../catalog/catalog";
import type { ArchiveItem, SnapshotItem } from "../catalog/items";
import { isVisible } from "../retention/offered";
import { ServiceFailure, type Collaborators, type Presigner, type SignedUrl } from "../runtime/collaborators";

const LINK_HOURS = 8;
/** Long enough to begin a download; a client that resumes follows the link again. */
const URL_SECONDS = 15 * 60;
const TOKEN_BYTES = 32;

type LinkCollaborators = Pick<Collaborators, "catalog" | "clock" | "random">;

/** The token, `<archiveId>.<random>`, valid until eight hours after the archive's finishing. */
export const createLink = async (
  { catalog, clock, random }: LinkCollaborators,
  archive: ArchiveItem,
  createdFor: string,
): Promise<{ token: string; expiresAt: string }> => {
  const { archiveId, state, finishedAt } = archive;
  if (state !== "completed" || finishedAt === null) {
    throw new ServiceFailure(
      "ArchiveNotCompleted",
      `Archive ${archiveId} is ${state}: a link can be made once it is completed.`,
      false,
    );
  }
  const expiresAt = linkExpiry(finishedAt);
  if (clock.now() >= new Date(expiresAt)) {
    throw new ServiceFailure(
      "ArchiveExpired",
      `The links to archive ${archiveId} expired at ${expiresAt}: make a new archive.`,
      false,
    );
  }
  const token = `${archiveId}.${Buffer.from(random(TOKEN_BYTES)).toString("base64url")}`;
  await catalog.putArchiveLink({ archiveId, tokenHash: hashOf(token), expiresAt, createdFor });
  return { token, expiresAt };
};

/** When the links of an archive that was finished at `finishedAt` end. */
export const linkExpiry = (finishedAt: string): string =>
  isoSeconds(new Date(Date.parse(finishedAt) + LINK_HOURS * 3_600_000));

/** A fresh URL of the archive's object; undefined when the token is unknown, or it or the snapshot has expired, without saying which. */
export const followLink = async (
  {
    catalog,
    clock,
    settings,
    presigner,
  }: Pick<Collaborators, "catalog" | "clock" | "settings"> & {
    readonly presigner: Presigner;
  },
  token: string,
  method: "GET" | "HEAD" = "GET",
): Promise<string | undefined> => {
  const archiveId = /^([A-Za-z0-9_-]{1,80})\.[A-Za-z0-9_-]{1,80}$/.exec(token)?.[1];
  if (archiveId === undefined) return undefined;
  const link = await catalog.getArchiveLink({ archiveId, tokenHash: hashOf(token) });
  if (link === undefined) return undefined;
  const archive = await catalog.getArchive(archiveId);
  if (archive?.state !== "completed") return undefined;
  // Rule 3: with its expiry, or a user's delete, a snapshot is gone in every form.
  const snapshot = await catalog.getSnapshot(archive.environmentId, archive.snapshotId);
  if (snapshot === undefined || !isVisible(snapshot, clock.now())) return undefined;
  const end = Math.min(Date.parse(link.expiresAt), Date.parse(snapshot.expiresAt));
  const soon = Math.min(end, clock.now().getTime() + URL_SECONDS * 1000);
  return (await archiveUrl({ clock, settings, presigner }, archive, new Date(soon), method))?.url;
};

/** When the last of an archive's ways ends: eight hours after it was finished, or with its snapshot. */
export const endOfWays = (finishedAt: string, { expiresAt }: Pick<SnapshotItem, "expiresAt">): string => {
  const ends = linkExpiry(finishedAt);
  return Date.parse(expiresAt) < Date.parse(ends) ? expiresAt : ends;
};

/** S3's address of the archive's object, until `end` or less; undefined where `end` has come. */
export const archiveUrl = async (
  { clock, settings, presigner }: Pick<Collaborators, "clock" | "settings"> & { readonly presigner: Presigner },
  { key, fileName }: Pick<ArchiveItem, "key" | "fileName">,
  end: Date,
  method: "GET" | "HEAD" = "GET",
): Promise<SignedUrl | undefined> => {
  // A URL counts from the whole second in which it is made: rounded up, it ends with the end, not after it.
  const seconds = Math.ceil((end.getTime() - clock.now().getTime()) / 1000);
  if (seconds < 1) return undefined;
  return presigner.getUrl({ bucket: settings.TRANSFER_BUCKET, key }, { seconds, fileName, method });
};

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");
