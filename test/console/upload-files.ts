/** Files for the page to upload: an archive of any size, and what people choose by mistake. */
import { randomFillSync } from "node:crypto";
import { deflateRawSync, gzipSync } from "node:zlib";
import { file, tar } from "../upload/tar-maker";

/** As pg_dump writes it: magic, version 1.14, revision, sizes of numbers, custom format. */
const DUMP_START = Buffer.from("PGDMP\x01\x0e\x00\x04\x08\x01", "latin1");
export const dumpOf = (size: number): Buffer =>
  Buffer.concat([DUMP_START, randomFillSync(Buffer.alloc(size - DUMP_START.length))]);

/** Room for the tar's blocks and for what deflate adds to incompressible data. */
const SLACK = 12_000;
const HEADER = 10;
const HAS_EXTRA = 4;

/** A full snapshot in gzip of exactly so many bytes: RFC 1952's extra field fills it up. */
export const archiveOf = (size: number): Buffer => {
  const dump = dumpOf(Math.max(200, size - SLACK - Math.ceil(size / 1000)));
  const packed = gzipSync(tar(file(".metadata", '{"modelVersion":"1.4.0"}'), file("db/db.backup", dump)));
  const room = size - packed.length - 2;
  if (room < 0 || room > 0xffff) throw new RangeError(`An archive of ${size} bytes can't be made.`);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(room);
  const header = Buffer.from(packed.subarray(0, HEADER));
  header[3] = HAS_EXTRA;
  return Buffer.concat([header, length, Buffer.alloc(room), packed.subarray(HEADER)]);
};

/** With general purpose flag 1 where it has a password: PKWARE's APPNOTE, section 4.3.7. */
export const zipOf = (password: boolean): Buffer => {
  const data = deflateRawSync("contents".repeat(100));
  const header = Buffer.alloc(30);
  header.write("PK\x03\x04", 0, "latin1");
  header.writeUInt16LE(password ? 1 : 0, 6);
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(data.length, 18);
  return Buffer.concat([header, data]);
};

const SQL = "--\n-- PostgreSQL database dump\n--\nSET statement_timeout = 0;\n".repeat(20);
const filesOnly = tar(file(".metadata", "{}"), file("tree/00/00/00000000-0000-4000-8000-000000000001", "contents"));

/** What is chosen, and what the sentence says of it. */
export const MISTAKES: readonly (readonly [name: string, bytes: Buffer, says: RegExp])[] = [
  ["empty.tar.gz", Buffer.alloc(0), /is empty; choose a backup archive or a database dump/],
  ["short.tar.gz", archiveOf(1000).subarray(0, 15), /ends too early/],
  ["one-byte.backup", Buffer.from("x"), /neither a backup archive nor a database dump/],
  ["app.zip.gz", zipOf(false), /it is a zip file; upload a backup archive \(\.tar\.gz\)/],
  ["secret.zip.gz", zipOf(true), /it is a zip file with a password/],
  ["dump.backup", Buffer.from(SQL), /a dump in plain SQL.*pg_dump --format=custom/],
  ["dump.sql.gz", gzipSync(SQL), /a dump in plain SQL/],
  ["powershell.backup", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("PGDMP\x01\x0e", "utf16le")]), /UTF-16/],
  ["powershell-sql.dump", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(SQL, "utf16le")]), /plain SQL/],
  ["truncated.tar.gz", archiveOf(200_000).subarray(0, 150_000), /gzip data ends too early/],
  ["almost.tar.gz", archiveOf(200_000).subarray(0, 199_999), /gzip data ends too early/],
  ["plain.tar.gz", tar(file("db/db.backup", dumpOf(500))), /tar archive without compression; compress it with gzip/],
  ["twice.tar.gz", gzipSync(archiveOf(5000)), /gzip twice/],
  ["files-only.tar.gz", gzipSync(filesOnly), /files and no database dump; .*files alone can only be downloaded/],
  ["photos.tgz", gzipSync(tar(file("a.jpg", "\xff\xd8"))), /no database dump/],
  ["sql-inside.tar.gz", gzipSync(tar(file("db/db.backup", SQL))), /its database dump .* it is plain SQL/],
  ["new.backup", Buffer.from(dumpOf(2000)).fill(0x2a, 6, 7), /format version 1\.42, which is newer/],
  ["directory.dump", Buffer.from(dumpOf(2000)).fill(5, 10, 11), /in the directory format/],
  ["expired.tar.gz", Buffer.from('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'), /error message/],
  ["page.backup", Buffer.from(`<!DOCTYPE html>${" ".repeat(900)}`), /a web page/],
  ["secret.dump", Buffer.from(`Salted__${"x".repeat(600)}`), /encrypted with OpenSSL/],
  ["picture.backup", Buffer.from(`\x89PNG\r\n\x1a\n${"x".repeat(600)}`, "latin1"), /neither a backup archive/],
];
/** What must be let pass: the service takes it, or is the one to tell. */
export const GOOD: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["full.tar.gz", archiveOf(50_000)],
  ["dump.backup", dumpOf(5000)],
  ["dump.backup.gz", gzipSync(dumpOf(5000))],
  ["members.tar.gz", inMembers(tar(file("db/db.backup", dumpOf(3000))))],
  ["padded.tar.gz", Buffer.concat([archiveOf(5000), Buffer.alloc(512)])],
  ["gnu-names.tar.gz", gzipSync(tar(file("./.metadata", "{}"), file("./db/db.backup", dumpOf(700))))],
];

/** Several gzip members in a row, which are one content. */
function inMembers(content: Buffer): Buffer {
  return Buffer.concat([gzipSync(content.subarray(0, 1500)), gzipSync(content.subarray(1500))]);
}
