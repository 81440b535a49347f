/**
 * How far an archive's upload has come: an object beside it, written when a call hands back and every minute. It is
 * trusted only for exactly the same plan. Lost progress costs the work anew; its unfinished upload is swept.
 */
import { z } from "zod";
import type { Collaborators } from "../runtime/collaborators";
import { archivePrefix } from "../storage/object-keys";
import type { ObjectRef } from "../storage/object-store";
import { ObjectNotFound } from "../storage/storage-errors";

const buildProgress = z.object({
  /** SHA-256 over everything that the parts follow from. */
  plan: z.string(),
  /** Of the multipart upload, and the key it is for; null before the first part. */
  uploadId: z.string().nullable(),
  key: z.string(),
  /** ETag and CRC-32 (base64; null where the server gave none) of each part, in order. */
  parts: z.array(z.tuple([z.string(), z.string().nullable()])),
  bytes: z.number(),
  /** CRC-32 of the stored bytes of the object that is passing through, as far as it is known. */
  passing: z.object({ key: z.string(), length: z.number(), crc32: z.number().nullable() }).nullable(),
  /** Objects that are read from the replica bucket. */
  fromReplica: z.array(z.string()),
  /** False where the server refused to copy although the object is there. */
  copies: z.boolean(),
  restarts: z.number(),
});
export type BuildProgress = z.infer<typeof buildProgress>;

type ProgressCollaborators = Pick<Collaborators, "store" | "settings">;

const progressRef = ({ settings }: Pick<Collaborators, "settings">, archiveId: string): ObjectRef => ({
  bucket: settings.TRANSFER_BUCKET,
  key: `${archivePrefix(archiveId)}progress.json`,
});

export const readProgress = async (
  collaborators: ProgressCollaborators,
  archiveId: string,
): Promise<BuildProgress | undefined> => {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await collaborators.store.get(progressRef(collaborators, archiveId))).body)
      chunks.push(chunk);
    const parsed = buildProgress.safeParse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    // Written by another version of this service: begun anew.
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof ObjectNotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
};

export const saveProgress = async (
  collaborators: ProgressCollaborators,
  archiveId: string,
  progress: BuildProgress,
): Promise<void> => {
  const body = Buffer.from(JSON.stringify(progress));
  await collaborators.store.put({ ...progressRef(collaborators, archiveId), body, contentType: "application/json" });
};

/** Gives up the upload that the progress names, if any. Repeatable. */
export const discardProgress = async (collaborators: ProgressCollaborators, archiveId: string): Promise<void> => {
  const progress = await readProgress(collaborators, archiveId);
  if (progress === undefined || progress.uploadId === null) return;
  const { key, uploadId } = progress;
  await collaborators.store.abortMultipart({ bucket: collaborators.settings.TRANSFER_BUCKET, key }, uploadId);
};
