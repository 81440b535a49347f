/**
 * Stores an archive that is one stream. Damage shows after the last byte, before the upload is completed; then the other
 * region's copy is read. A failure aborts the upload; repeating begins anew.
 */
import type { ArchiveItem } from "../catalog/items";
import type { OpenSnapshot } from "../restore/open-snapshot";
import { record } from "./archive-state";
import type { BuildCollaborators } from "./build-archive";
import { PartWriter } from "./part-writer";
import type { SingleStream } from "./single-stream";

/** The archive item is written at most this often. */
const REPORTS = 50;

/** Returns the archive's bytes. */
export const storeStream = async (
  collaborators: Pick<BuildCollaborators, "store" | "settings" | "catalog" | "clock">,
  archive: ArchiveItem,
  { reader }: Pick<OpenSnapshot, "reader">,
  { source, size, inflated, read }: SingleStream,
): Promise<number> => {
  const { store, settings } = collaborators;
  const target = { bucket: settings.TRANSFER_BUCKET, key: archive.key, contentType: "application/octet-stream" };
  return reader.read(source, async (copy) => {
    const writer = new PartWriter(store, target);
    let reported = 0;
    try {
      for await (const chunk of read(copy)) {
        await writer.write(chunk);
        if (writer.size - reported < inflated / REPORTS) continue;
        reported = writer.size;
        await record(collaborators, archive, { size, bytesDone: reported });
      }
      await writer.finish();
      return writer.size;
    } catch (error) {
      // The first failure is the one to tell; what can't be aborted now is swept within a day.
      await writer.abort().catch(() => undefined);
      throw error;
    }
  });
};
