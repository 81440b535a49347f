/** Pages of unfinished multipart uploads and of their parts, as S3 lists them. */
import type { MultipartListOptions, MultipartPage, PartResult, PartsPage } from "../../lambda/storage/object-store";
import { StorageError } from "../../lambda/storage/storage-errors";
import { byteOrder, sequenceOf, type MemoryUpload } from "./memory-bucket";

export const pageOfUploads = (
  uploads: readonly MemoryUpload[],
  { prefix, keyMarker, uploadIdMarker }: MultipartListOptions,
  limit: number,
): MultipartPage => {
  const all = uploads
    .filter((upload) => upload.key.startsWith(prefix))
    .filter((upload) => {
      if (keyMarker === undefined) return true;
      const order = byteOrder(upload.key, keyMarker);
      return order > 0 || (order === 0 && uploadIdMarker !== undefined && upload.sequence > sequenceOf(uploadIdMarker));
    })
    .toSorted((a, b) => byteOrder(a.key, b.key) || a.sequence - b.sequence);
  const page = all.slice(0, limit).map(({ key, uploadId, initiated }) => ({ key, uploadId, initiated }));
  const last = page.at(-1);
  if (all.length <= limit || last === undefined) return { uploads: page };
  return { uploads: page, next: { keyMarker: last.key, uploadIdMarker: last.uploadId } };
};

export const pageOfParts = (upload: MemoryUpload, after: number, limit: number): PartsPage => {
  const all = [...upload.parts].filter(([partNumber]) => partNumber > after).toSorted(([a], [b]) => a - b);
  const parts = all.slice(0, limit).map(([partNumber, { body, etag }]) => ({ partNumber, size: body.length, etag }));
  const last = parts.at(-1);
  return all.length > parts.length && last !== undefined ? { parts, next: last.partNumber } : { parts };
};

/** What the named parts are, by S3's rules; throws where they can't be put together. */
export const partsToJoin = (
  upload: MemoryUpload,
  parts: readonly PartResult[],
  minPartBytes: number,
): { body: Uint8Array; etag: string }[] => {
  if (parts.length === 0) throw new StorageError("You must specify at least one part.");
  return parts.map((part, position) => {
    const previous = parts[position - 1];
    if (previous !== undefined && previous.partNumber >= part.partNumber) throw new StorageError("InvalidPartOrder");
    const stored = upload.parts.get(part.partNumber);
    if (stored === undefined || unquoted(stored.etag) !== unquoted(part.etag))
      throw new StorageError(`InvalidPart ${part.partNumber}`);
    if (position < parts.length - 1 && stored.body.length < minPartBytes) throw new StorageError("EntityTooSmall");
    return stored;
  });
};

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, "");
