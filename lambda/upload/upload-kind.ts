/** What a file is by its first bytes. Pure. */
import { DUMP_MAGIC } from "../dump/toc";
import { AS_CUSTOM, damaged } from "./dump-toc";
import { MAKE_AGAIN, UploadRefused } from "./refusal";

const ADVICE = "upload a backup archive (.tar.gz) or a database dump in custom format (.backup)";
const OTHERS: readonly { readonly magic: Buffer; readonly what: string }[] = [
  { magic: Buffer.from("PK\x03\x04", "latin1"), what: "a zip file" },
  { magic: Buffer.from("PK\x05\x06", "latin1"), what: "an empty zip file" },
  { magic: Buffer.from("BZh"), what: "compressed with bzip2" },
  { magic: Buffer.from("\xfd7zXZ\0", "latin1"), what: "compressed with xz" },
  { magic: Buffer.from("7z\xbc\xaf\x27\x1c", "latin1"), what: "a 7z file" },
  { magic: Buffer.from("\x28\xb5\x2f\xfd", "latin1"), what: "compressed with zstd" },
  { magic: Buffer.from("\x04\x22\x4d\x18", "latin1"), what: "compressed with lz4" },
  { magic: Buffer.from("Rar!"), what: "a rar file" },
];
export const isGzip = (start: Buffer): boolean => start[0] === 0x1f && start[1] === 0x8b;
/** What a tar header has where others have text; the oldest format has nothing else. */
const OLD_CHECKSUM = /^[ 0-7]{6,7}\0/;
const SQL =
  /^(\ufeff)?\s*(--|\/\*|\\(restrict|connect|set)\b|(SET|CREATE|INSERT|BEGIN|DROP|ALTER|COPY|SELECT|START|COMMENT|GRANT)\b)/i;

/** What pg_dump --format=tar begins with. */
const isTarDump = (start: Buffer): boolean => start.toString("latin1", 0, 8) === "toc.dat\0";

/** Of an archive's db/db.backup that is no dump in custom format: what it is instead. */
export function otherDump(start: Buffer): UploadRefused {
  const what = "its database dump does not begin as dumps in custom format do";
  if (isTarDump(start)) return new UploadRefused(`${what}: it is in tar format`, AS_CUSTOM);
  if (SQL.test(start.toString("utf8", 0, SQL_START))) return new UploadRefused(`${what}: it is plain SQL`, AS_CUSTOM);
  const other = isGzip(start)
    ? "compressed with gzip"
    : OTHERS.find(({ magic }) => start.subarray(0, magic.length).equals(magic))?.what;
  return other === undefined
    ? damaged(what)
    : new UploadRefused(`${what}: it is ${other}`, "uncompress it, make the archive again and upload that");
}
const SQL_START = 512;

/** Of the whole file. Throws UploadRefused. */
export function kindOfFile(start: Buffer): "dump" | "gzip" {
  if (isGzip(start)) return "gzip";
  if (kindOf(start) === "dump") return "dump";
  if (isTarDump(start))
    throw new UploadRefused(
      "it is a dump in tar format, a tar archive without compression, instead of the custom format",
      AS_CUSTOM,
    );
  throw new UploadRefused("it is a tar archive without compression", "compress it with gzip and upload that");
}

/** Of what a gzip file holds. Throws UploadRefused. */
export function kindOfContents(start: Buffer): "dump" | "tar" {
  if (isGzip(start)) throw new UploadRefused("it is compressed with gzip twice", "uncompress it once and upload that");
  return kindOf(start);
}

function kindOf(start: Buffer): "dump" | "tar" {
  if (start.length === 0) throw new UploadRefused("it is empty", ADVICE);
  if (start.subarray(0, DUMP_MAGIC.length).equals(DUMP_MAGIC)) return "dump";
  const isTar = start.toString("latin1", 257, 262) === "ustar" || OLD_CHECKSUM.test(start.toString("latin1", 148, 156));
  // A tar of nothing is nothing but zeros.
  if (isTar || (start.length === 512 && start.every((byte) => byte === 0))) return "tar";
  const other = OTHERS.find(({ magic }) => start.subarray(0, magic.length).equals(magic));
  if (other !== undefined) throw new UploadRefused(`it is ${other.what}`, ADVICE);
  if (SQL.test(start.toString("utf8")))
    throw new UploadRefused("it is a dump in plain SQL instead of the custom format", AS_CUSTOM);
  throw new UploadRefused(
    "it is neither a backup archive nor a database dump",
    start.length < 512 ? MAKE_AGAIN : ADVICE,
  );
}
