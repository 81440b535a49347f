/** Stores a dump as versions of the service did before heads were segments of their own: gzip with one segment inside. */
import { createHash } from "node:crypto";
import type { StoredDump } from "../../lambda/pack/dump-segment";
import { deflateSegment, GZIP_HEADER, gzipEnd } from "../../lambda/pack/gzip";
import type { ObjectUpload } from "../../lambda/storage/object-upload";
import { crc32 } from "node:zlib";

export const storeOneSegment = async (dump: Buffer, upload: ObjectUpload): Promise<StoredDump> => {
  const body = deflateSegment(dump);
  const sum = { crc32: crc32(dump), rawLength: dump.length };
  await upload.write(Buffer.concat([GZIP_HEADER, body, gzipEnd(sum)]));
  return {
    ...(await upload.finish()),
    dumpSize: dump.length,
    dumpSha256: createHash("sha256").update(dump).digest("hex"),
    dumpCrc32: sum.crc32,
    segment: { offset: GZIP_HEADER.length, length: body.length },
  };
};
