/** The database object of a snapshot: its bytes, and the dump inside, in one sequential pass. Only reads. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { gunzipStream } from "../pack/inflate";
import type { DatabaseEntry } from "../snapshot/manifest";
import { ObjectDamaged } from "../storage/storage-errors";
import { PackScan } from "./pack-scan";
import type { Copy } from "./snapshot-reader";

/** Throws ObjectDamaged, ObjectNotFound, AccessRefused. */
export const verifyDump = async (copy: Copy, entry: DatabaseEntry): Promise<void> => {
  const name = `The database dump ${entry.key}`;
  const scan = new PackScan(copy, entry);
  try {
    const sha256 = createHash("sha256");
    let sum = 0;
    let size = 0;
    for await (const chunk of gunzipStream(scan.range(0, entry.size), name)) {
      sha256.update(chunk);
      sum = crc32(chunk, sum);
      size += chunk.length;
    }
    await scan.finish();
    if (size !== entry.dumpSize) throw new ObjectDamaged(`${name} holds ${size} instead of ${entry.dumpSize} bytes.`);
    if (sha256.digest("hex") !== entry.dumpSha256 || sum !== entry.dumpCrc32) {
      throw new ObjectDamaged(`${name} holds another dump than the manifest says: its checksums differ.`);
    }
  } finally {
    await scan.close();
  }
};
