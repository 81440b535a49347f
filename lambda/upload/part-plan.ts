/** Into how many parts an upload of known size is cut. Pure. */
import type { UploadItem } from "../catalog/items";

const MIB = 1024 * 1024;
const SMALLEST_PART = 16 * MIB;
/** S3's own limits for one object. */
const MOST_PARTS = 10_000;
export const LARGEST_UPLOAD = 5 * 1024 * 1024 * MIB;

/** 16 MiB, or what 10,000 parts need, in whole MiB. */
export const partSizeFor = (size: number): number => Math.max(SMALLEST_PART, Math.ceil(size / MOST_PARTS / MIB) * MIB);

export const partCount = ({ size, partSize }: Pick<UploadItem, "size" | "partSize">): number =>
  Math.ceil(size / partSize);

/** Bytes that part `partNumber` must have: all have the same but the last. */
export const sizeOfPart = ({ size, partSize }: Pick<UploadItem, "size" | "partSize">, partNumber: number): number =>
  Math.min(partSize, size - (partNumber - 1) * partSize);
