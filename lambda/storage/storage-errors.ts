/** The named ways in which a store says no. Each keeps the server's own exception as `cause`. */
export class StorageError extends Error {
  override name = "StorageError";
}
/** 404, or the current version is a delete marker. */
export class ObjectNotFound extends StorageError {
  override name = "ObjectNotFound";
}
/** The bucket itself is missing. */
export class BucketNotFound extends StorageError {
  override name = "BucketNotFound";
}
/** 403: a permission or a lock. Never evidence that an object is missing (rule 9). */
export class AccessRefused extends StorageError {
  override name = "AccessRefused";
}
/** 403 of an object in an archive class (GLACIER and the like): it is there, and must be restored to be read. */
export class ObjectArchived extends AccessRefused {
  override name = "ObjectArchived";
  constructor(
    message: string,
    /** Such as GLACIER; empty where the server doesn't say. */
    readonly storageClass: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
/** 412 of a conditional write: the key is taken. */
export class ObjectExists extends StorageError {
  override name = "ObjectExists";
}
/** 412 of a conditional read: the object is another one now. */
export class ObjectChanged extends StorageError {
  override name = "ObjectChanged";
}
/** 5xx, throttling or a broken connection after all retries: worth another try later. */
export class StoreUnavailable extends StorageError {
  override name = "StoreUnavailable";
}
/** What was read is not what was written: checksum, size or format. */
export class ObjectDamaged extends StorageError {
  override name = "ObjectDamaged";
}
/** 404 of a multipart upload: completed, aborted or swept before. */
export class UploadNotFound extends StorageError {
  override name = "UploadNotFound";
}
/** 416: the range lies outside the object. */
export class RangeOutside extends StorageError {
  override name = "RangeOutside";
}
