/**
 * A database-only archive: the plain dump in the published form, inflated, checked against length, CRC-32 and SHA-256,
 * and stored. A dump that was stored as one segment, as older ones were, goes as it is. Damage
 * shows after the last byte, before the upload is completed. A failure aborts the upload; repeating begins anew.
 */
import type { ArchiveItem } from "../catalog/items";
import { withHead } from "../dump/edit-head";
import { publishedForm } from "../dump/published-form";
import { readDump } from "../pack/dump-segment";
import { dumpOf } from "../snapshot/manifest";
import type { OpenSnapshot } from "../restore/open-snapshot";
import { record } from "./archive-state";
import type { BuildCollaborators } from "./build-archive";
import { PartWriter } from "./part-writer";

/** The archive item is written at most this often. */
const REPORTS = 50;

/** Returns the archive's bytes. */
export const storePlainDump = async (
  collaborators: Pick<BuildCollaborators, "store" | "settings" | "catalog" | "clock">,
  archive: ArchiveItem,
  { manifest, reader }: Pick<OpenSnapshot, "manifest" | "reader">,
): Promise<number> => {
  const { store, settings } = collaborators;
  const database = dumpOf(manifest);
  const target = { bucket: settings.TRANSFER_BUCKET, key: archive.key, contentType: "application/octet-stream" };
  return reader.read(database, async ({ store: from, ref }) => {
    const writer = new PartWriter(store, target);
    let reported = 0;
    const stored = readDump(from, ref.bucket, { ...database, versionId: ref.versionId });
    try {
      for await (const chunk of database.head === undefined ? stored : withHead(stored, publishedForm)) {
        await writer.write(chunk);
        if (writer.size - reported < database.dumpSize / REPORTS) continue;
        reported = writer.size;
        await record(collaborators, archive, { size: database.dumpSize, bytesDone: reported });
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
