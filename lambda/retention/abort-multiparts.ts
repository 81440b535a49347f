/**
 * Aborts multipart uploads that nobody finished within a day. Nothing runs in the environment while its lease is
 * held, and an upload that is only slow is begun anew by its attempt. Aborting twice is no error.
 */
import type { Collaborators } from "../runtime/collaborators";
import { type EnvironmentPlace, environmentPrefix } from "../storage/object-keys";
import type { MultipartListOptions } from "../storage/object-store";
import { UploadNotFound } from "../storage/storage-errors";
import type { BucketSide } from "./inventory";

const UNFINISHED_MS = 24 * 3_600_000;

export async function abortOldMultiparts(
  place: EnvironmentPlace,
  sides: readonly BucketSide[],
  { clock }: Pick<Collaborators, "clock">,
): Promise<number> {
  const before = clock.now().getTime() - UNFINISHED_MS;
  const prefix = environmentPrefix(place);
  let aborted = 0;
  for (const { store, bucket } of sides) {
    let options: MultipartListOptions | undefined = { prefix };
    while (options !== undefined) {
      const page = await store.listMultiparts(bucket, options);
      for (const { key, uploadId, initiated } of page.uploads) {
        if (initiated.getTime() > before) continue;
        try {
          await store.abortMultipart({ bucket, key }, uploadId);
          aborted++;
        } catch (error) {
          // Gone between the list and now.
          if (!(error instanceof UploadNotFound)) throw error;
        }
      }
      options = page.next === undefined ? undefined : { prefix, ...page.next };
    }
  }
  return aborted;
}
