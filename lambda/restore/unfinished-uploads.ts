/**
 * Multipart uploads that a crashed try of this restore left at the target. S3 shows no mark on them; ours are those of
 * a key that this restore recorded, begun after its first record was written (both times are the server's own).
 */
import { atTarget, type TargetFiles } from "./target-files";

export const abortUnfinished = async (target: TargetFiles, key: string, since: Date): Promise<void> => {
  const { store, bucket, prefix } = target;
  const whole = prefix + key;
  let next: { readonly keyMarker: string; readonly uploadIdMarker: string } | undefined;
  do {
    const page = await atTarget(target, "listing uploads", () =>
      store.listMultiparts(bucket, { prefix: whole, ...next }),
    );
    for (const upload of page.uploads) {
      if (upload.key !== whole || upload.initiated < since) continue;
      await atTarget(target, "aborting an upload", () => store.abortMultipart({ bucket, key: whole }, upload.uploadId));
    }
    next = page.uploads.some((upload) => upload.key !== whole) ? undefined : page.next;
  } while (next !== undefined);
};
