/** The parts of an open upload: URLs to put them, and which ones have arrived. Changes nothing. */
import { allPages } from "../catalog/catalog";
import type { UploadItem } from "../catalog/items";
import type { Collaborators, Presigner } from "../runtime/collaborators";
import type { ListedPart, ObjectStore } from "../storage/object-store";
import { UploadNotFound } from "../storage/storage-errors";
import { partCount } from "./part-plan";
import { invalidInput, uploadGone, uploadNotOpen } from "./upload-failures";

const URLS_AT_ONCE = 100;
const URL_SECONDS = 3600;

/** Each URL takes one PUT of exactly that part, for an hour. Throws ServiceFailure: InvalidInput, UploadNotOpen. */
export async function partUrls(
  { settings, presigner }: Pick<Collaborators, "settings"> & { readonly presigner: Presigner },
  upload: UploadItem,
  partNumbers: readonly number[],
): Promise<{ readonly partNumber: number; readonly url: string }[]> {
  if (upload.state !== "open") throw uploadNotOpen(upload);
  const last = partCount(upload);
  if (partNumbers.length === 0 || partNumbers.length > URLS_AT_ONCE)
    throw invalidInput(`Ask for the addresses of 1 to ${URLS_AT_ONCE} parts at a time.`);
  const wrong = partNumbers.find((number) => !Number.isInteger(number) || number < 1 || number > last);
  if (wrong !== undefined)
    throw invalidInput(`The upload ${upload.uploadId} has parts 1 to ${last}, so there is no part ${wrong}.`);
  const ref = { bucket: settings.TRANSFER_BUCKET, key: upload.key };
  return Promise.all(
    [...new Set(partNumbers)].map(async (partNumber) => ({
      partNumber,
      url: await presigner.partUrl(ref, { uploadId: upload.multipartId, partNumber, seconds: URL_SECONDS }),
    })),
  );
}

/** What has arrived so far: a client goes on with the rest. Throws ServiceFailure: UploadNotFound, UploadNotOpen. */
export async function uploadedParts(
  { store, settings }: Pick<Collaborators, "store" | "settings">,
  upload: UploadItem,
): Promise<{ readonly partNumber: number; readonly size: number; readonly etag: string }[]> {
  if (upload.state !== "open") throw uploadNotOpen(upload);
  try {
    const parts = await listAllParts(store, settings.TRANSFER_BUCKET, upload);
    return parts.map(({ partNumber, size, etag }) => ({ partNumber, size, etag }));
  } catch (error) {
    throw error instanceof UploadNotFound ? uploadGone(upload.uploadId, error) : error;
  }
}

/** At most ten requests. Throws UploadNotFound when the upload was completed or aborted. */
export async function listAllParts(
  store: ObjectStore,
  bucket: string,
  { key, multipartId }: Pick<UploadItem, "key" | "multipartId">,
): Promise<ListedPart[]> {
  const parts: ListedPart[] = [];
  const pages = allPages(async (cursor) => {
    const page = await store.listParts({ bucket, key }, multipartId, cursor === undefined ? undefined : Number(cursor));
    return { items: page.parts, ...(page.next === undefined ? {} : { cursor: String(page.next) }) };
  });
  for await (const part of pages) parts.push(part);
  return parts;
}
