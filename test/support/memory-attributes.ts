/** Attributes of the store in memory: what a copy takes over, what an answer tells, and what can't be read. */
import { PLAIN_CONTENT_TYPE, type ObjectAttributes } from "../../lambda/storage/object-attributes";
import type { PutTarget } from "../../lambda/storage/object-store";
import { ObjectArchived } from "../../lambda/storage/storage-errors";
import type { MemoryVersion } from "./memory-bucket";

/** Classes whose objects are to be restored before they can be read. */
const ARCHIVED = new Set(["GLACIER", "DEEP_ARCHIVE"]);

export const refuseArchived = ({ attributes: { storageClass = "STANDARD" } = {} }: MemoryVersion): void => {
  if (ARCHIVED.has(storageClass))
    throw new ObjectArchived("The operation is not valid for the object's storage class", storageClass);
};

export const replaces = ({ attributes, contentType, metadata }: PutTarget): boolean =>
  (attributes ?? contentType ?? metadata) !== undefined;

/** What a copy has of its source: everything but the storage class. */
export const carriedOver = ({ attributes, contentType, metadata }: MemoryVersion): Partial<PutTarget> => {
  const { storageClass: _own, ...rest } = attributes ?? {};
  return { metadata, attributes: rest, ...(contentType === undefined ? {} : { contentType }) };
};

export const attributesOf = ({
  attributes,
  contentType = PLAIN_CONTENT_TYPE,
  metadata,
}: MemoryVersion): Omit<ObjectAttributes, "tags"> => {
  const { tags: _counted, metadata: _merged, ...rest } = attributes ?? {};
  return { ...rest, contentType, ...(Object.keys(metadata).length === 0 ? {} : { metadata }) };
};
