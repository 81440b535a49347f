/**
 * What a file is by its first bytes: its kind, or why it can't be used. Pure and without Node.js: the page asks before
 * anything is sent, the service when it has arrived. Magic numbers are those of each format's own specification; those
 * of PGP messages are the packet headers of RFC 4880, sections 4.2 and 5.1.
 */
import { formatProblem, type FormatProblem, versionProblem } from "../dump/dump-format";
import { ACCEPTED, AS_CUSTOM, MAKE_AGAIN, type Objection, UPLOAD_AGAIN } from "./objection";

/** Enough to tell what a file is: a block of a tar. */
export const START_BYTES = 512;
/** Header, the shortest data, CRC-32 and length: RFC 1952. */
export const SHORTEST_GZIP = 20;

const DUMP_MAGIC = "PGDMP";
/** Magic, version, sizes of numbers and the format. */
const DUMP_START = 11;
const OTHERS: readonly { readonly magic: string; readonly what: string }[] = [
  { magic: "PK\x05\x06", what: "an empty zip file" },
  { magic: "BZh", what: "compressed with bzip2" },
  { magic: "\xfd7zXZ\0", what: "compressed with xz" },
  { magic: "7z\xbc\xaf\x27\x1c", what: "a 7z file" },
  { magic: "\x28\xb5\x2f\xfd", what: "compressed with zstd" },
  { magic: "\x04\x22\x4d\x18", what: "compressed with lz4" },
  { magic: "Rar!", what: "a rar file" },
  ...["-----BEGIN PGP MESSAGE", "\x8c\x0d\x04", "\x85\x01\x0c\x03", "\x85\x02\x0c\x03", "\x84\x5e\x03"].map(
    (magic) => ({
      magic,
      what: "encrypted with PGP",
    }),
  ),
  { magic: "Salted__", what: "encrypted with OpenSSL" },
  { magic: "age-encryption.org/", what: "encrypted with age" },
];
/** What a tar header has where others have text; the oldest format has nothing else. */
const OLD_CHECKSUM = /^[ 0-7]{6,7}\0/;
const SQL =
  /^(\ufeff)?\s*(--|\/\*|\\(restrict|connect|set)\b|(SET|CREATE|INSERT|BEGIN|DROP|ALTER|COPY|SELECT|START|COMMENT|GRANT)\b)/i;
const WEB_ANSWER = /^(\ufeff)?\s*(<!doctype|<html|<\?xml|<error|\{\s*")/i;
const ADVICE: Readonly<Record<FormatProblem["reason"], string>> = {
  "other-format": AS_CUSTOM,
  newer: "make the dump with an older pg_dump",
  older: "make the dump with pg_dump 13 or newer",
};
export const adviceFor = ({ reason }: Pick<FormatProblem, "reason">): string => ADVICE[reason];

export const isGzip = (start: Uint8Array): boolean => start[0] === 0x1f && start[1] === 0x8b;
/** What pg_dump --format=tar begins with. */
const isTarDump = (start: Uint8Array): boolean => begins(start, "toc.dat\0");

/** Of the whole file. */
export function kindOfFile(start: Uint8Array): "dump" | "gzip" | Objection {
  if (isGzip(start)) return "gzip";
  const kind = kindOf(start);
  if (kind !== "tar") return kind;
  return isTarDump(start)
    ? {
        what: "it is a dump in tar format, a tar archive without compression, instead of the custom format",
        advice: AS_CUSTOM,
      }
    : { what: "it is a tar archive without compression", advice: "compress it with gzip and upload that" };
}

/** Of what a gzip file holds. */
export const kindOfContents = (start: Uint8Array): "dump" | "tar" | Objection =>
  isGzip(start)
    ? { what: "it is compressed with gzip twice", advice: "uncompress it once and upload that" }
    : kindOf(start);

/** Of a dump, by what it says of itself before its table of contents; undefined where that says nothing against it. */
export function dumpObjection(start: Uint8Array): Objection | undefined {
  if (start.length < DUMP_START)
    return { what: "its database dump ends within its table of contents", advice: UPLOAD_AGAIN };
  const problem = versionProblem(start[5] ?? 0, start[6] ?? 0) ?? formatProblem(start[10] ?? 0);
  return problem === undefined ? undefined : { what: problem.message, advice: adviceFor(problem) };
}

/** Of an archive's db/db.backup that is no dump in custom format: what it is instead. */
export function otherDump(start: Uint8Array): Objection {
  const what = "its database dump does not begin as dumps in custom format do";
  if (isTarDump(start)) return { what: `${what}: it is in tar format`, advice: AS_CUSTOM };
  if (SQL.test(textOf(start))) return { what: `${what}: it is plain SQL`, advice: AS_CUSTOM };
  const other = isGzip(start) ? "compressed with gzip" : otherKind(start);
  return other === undefined
    ? { what, advice: UPLOAD_AGAIN }
    : { what: `${what}: it is ${other}`, advice: "uncompress it, make the archive again and upload that" };
}

function kindOf(start: Uint8Array): "dump" | "tar" | Objection {
  if (start.length === 0) return { what: "it is empty", advice: ACCEPTED };
  if (isDump(start)) return "dump";
  const isTar = latin1(start, 257, 262) === "ustar" || OLD_CHECKSUM.test(latin1(start, 148, 156));
  // A tar of nothing is nothing but zeros.
  if (isTar || (start.length === START_BYTES && start.every((byte) => byte === 0))) return "tar";
  const other = otherKind(start);
  if (other !== undefined) return { what: `it is ${other}`, advice: ACCEPTED };
  const text = textOf(start);
  if (SQL.test(text)) return { what: "it is a dump in plain SQL instead of the custom format", advice: AS_CUSTOM };
  const what = "it is neither a backup archive nor a database dump";
  if (text.startsWith(DUMP_MAGIC))
    return {
      what: `${what}, but a dump that was made into UTF-16 text, as PowerShell's > does`,
      advice: `${AS_CUSTOM} --file=db.backup`,
    };
  if (WEB_ANSWER.test(text))
    return { what: `${what}, but a web page or an error message`, advice: "download the backup again and upload that" };
  return { what, advice: start.length < START_BYTES ? MAKE_AGAIN : ACCEPTED };
}

export const isDump = (start: Uint8Array): boolean => begins(start, DUMP_MAGIC);

function otherKind(start: Uint8Array): string | undefined {
  // The general purpose flags' first bit: section 4.4.4 of PKWARE's APPNOTE.
  if (begins(start, "PK\x03\x04")) return ((start[6] ?? 0) & 1) === 1 ? "a zip file with a password" : "a zip file";
  return OTHERS.find(({ magic }) => begins(start, magic))?.what;
}

const begins = (bytes: Uint8Array, magic: string): boolean => latin1(bytes, 0, magic.length) === magic;
/** A character a byte. */
const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));
/** Of the first bytes, in UTF-16 where they say so, else as UTF-8. */
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder(latin1(bytes, 0, 2) === "\xff\xfe" ? "utf-16le" : "utf-8").decode(bytes.subarray(0, START_BYTES));
