/**
 * Copies an object of any size without reading it: CopyObject up to 5 GB, beyond that in parts, which carry bytes alone.
 * A failure leaves nothing, or an unfinished upload that is aborted here, or else swept.
 */
import type { CompleteOptions, CopySource, ObjectStore, PartResult, PutResult, PutTarget } from "./object-store";

/** CopyObject's limit. */
const LARGEST_COPY_BYTES = 5 * 1000 ** 3;
/** At most 5,000 parts for the 5 TB that an object can have. */
const COPY_PART_BYTES = 1024 ** 3;

export const copyObject = async (
  store: ObjectStore,
  source: CopySource,
  size: number,
  target: PutTarget,
  crc32: Pick<CompleteOptions, "crc32"> = {},
): Promise<PutResult> => {
  if (size <= LARGEST_COPY_BYTES) return store.copy(source, target);
  const { onlyIfAbsent, onlyIfMatch, ...place } = target;
  const uploadId = await store.createMultipart(place);
  try {
    const parts: PartResult[] = [];
    for (let first = 0; first < size; first += COPY_PART_BYTES) {
      const last = Math.min(first + COPY_PART_BYTES, size) - 1;
      parts.push(await store.uploadPartCopy(place, uploadId, parts.length + 1, source, [first, last]));
    }
    return await store.completeMultipart(place, uploadId, parts, {
      ...(onlyIfAbsent === undefined ? {} : { onlyIfAbsent }),
      ...(onlyIfMatch === undefined ? {} : { onlyIfMatch }),
      ...crc32,
    });
  } catch (error) {
    // The first failure is the one to tell; what can't be aborted now is swept.
    await store.abortMultipart(place, uploadId).catch(() => undefined);
    throw error;
  }
};
