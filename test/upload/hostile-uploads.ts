/** Uploads that must be refused, each with the words that say why. Made from a real dump, so that only one thing is wrong. */
import { brotliCompressSync, gzipSync } from "node:zlib";
import { hostileArchives } from "./hostile-archives";
import { archive, TREE, type Hostile } from "./hostile-support";
import { file, tar } from "./tar-maker";

export interface HostileUpload {
  readonly name: string;
  readonly bytes: Buffer;
  readonly says: RegExp;
}

export const hostileUploads = (dump: Buffer, otherFormats: { readonly tar: Buffer; readonly plain: Buffer }) => {
  const db = file("db/db.backup", dump);
  // The dump last: what is wrong before it is found without a look at it.
  const good = tar(file(".metadata", '{"modelVersion":"1"}'), file(TREE, "content".repeat(100)), db);
  const packed = gzipSync(good);
  return [
    ...wrongFiles(dump, good, otherFormats),
    ...truncated(packed, good, dump),
    ...followed(packed, good, dump),
    ...flipped(packed, good, dump),
    ...hostileArchives(db, dump),
    ...dumps(dump, otherFormats),
    ...bombs(dump),
  ].map(([name, bytes, says]): HostileUpload => ({ name, bytes, says }));
};

const wrongFiles = (dump: Buffer, good: Buffer, other: { readonly tar: Buffer; readonly plain: Buffer }): Hostile[] => {
  const starts: [string, string | Buffer, RegExp][] = [
    ["a zip file", "PK\x03\x04", /zip file/],
    ["an empty zip file", "PK\x05\x06", /zip file/],
    ["bzip2", "BZh91AY", /bzip2/],
    ["xz", "\xfd7zXZ\0", /xz/],
    ["7z", "7z\xbc\xaf\x27\x1c", /7z/],
    ["zstd", "\x28\xb5\x2f\xfd", /zstd/],
    ["lz4", "\x04\x22\x4d\x18", /lz4/],
    ["rar", "Rar!\x1a", /rar/],
    ["a PNG", "\x89PNG\r\n\x1a\n", /neither a backup archive nor a database dump/],
    ["a PDF", "%PDF-1.7", /neither/],
    ["an ELF program", "\x7fELF", /neither/],
    ["JSON", '{"a": 1}', /neither/],
    ["HTML", "<!DOCTYPE html>", /neither/],
    ["XML", '<?xml version="1.0"?>', /neither/],
    ["zlib without gzip", "\x78\x9c", /neither/],
    ["a lower-case dump magic", "pgdmp", /neither/],
    ["half a dump magic", "PGD", /neither/],
    ["half a gzip magic", "\x1f", /neither/],
    ["SQL with a comment", "--\n-- PostgreSQL database dump\n--\n", /plain SQL/],
    ["SQL without one", "SET statement_timeout = 0;\n", /plain SQL/],
    ["SQL with a byte order mark", "\xef\xbb\xbfCREATE TABLE x ();\n", /plain SQL/],
    ["SQL that begins with a transaction", "BEGIN;\nINSERT INTO x VALUES (1);\n", /plain SQL/],
  ];
  return [
    ...starts.flatMap(([name, start, says]): Hostile[] => {
      const bytes = Buffer.concat([Buffer.from(start as string, "latin1"), Buffer.alloc(900, 0x21)]);
      return [
        [name, bytes, says],
        // A lone 1f is no gzip, but inside gzip it is nothing either.
        [`${name}, inside gzip`, gzipSync(bytes), says],
      ];
    }),
    ["plain SQL of pg_dump", other.plain, /plain SQL/],
    ["plain SQL of pg_dump in gzip", gzipSync(other.plain), /plain SQL/],
    ["a tar without gzip", good, /tar archive without compression; compress it with gzip/],
    ["gzip twice, a tar", gzipSync(gzipSync(good)), /gzip twice/],
    ["gzip twice, a dump", gzipSync(gzipSync(dump)), /gzip twice/],
    ["brotli", brotliCompressSync(good), /neither/],
    ["zeros", Buffer.alloc(4096), /without compression/],
    ["one byte", Buffer.from("x"), /neither/],
    ["nothing in gzip", gzipSync(Buffer.alloc(0)), /it is empty/],
    ["zeros in gzip", gzipSync(Buffer.alloc(100)), /neither/],
  ];
};

const truncated = (packed: Buffer, good: Buffer, dump: Buffer): Hostile[] => {
  const some = (length: number, count: number): number[] =>
    Array.from({ length: count }, (_, n) => 1 + Math.floor(((length - 2) * n) / count));
  const last = (length: number, count: number): number[] => Array.from({ length: count }, (_, n) => length - 1 - n);
  const early = /ends too early|ends within|ends without|neither|is empty|ends before/;
  return [
    ...[...some(packed.length, 25), ...last(packed.length, 12)].map((at): Hostile => [
      `an archive cut at byte ${at} of ${packed.length}`,
      packed.subarray(0, at),
      early,
    ]),
    ...[...some(good.length, 25), ...last(good.length, 12), good.length - 512, good.length - 1024].map(
      (at): Hostile => [
        `a tar cut at byte ${at} of ${good.length}, then packed`,
        gzipSync(good.subarray(0, at)),
        early,
      ],
    ),
    ...[...some(dump.length, 20), ...last(dump.length, 8)].map((at): Hostile => [
      `a dump cut at byte ${at} of ${dump.length}`,
      dump.subarray(0, at),
      early,
    ]),
    ...some(dump.length, 6).map((at): Hostile => [
      `a dump cut at byte ${at}, in an archive`,
      archive(file("db/db.backup", dump.subarray(0, at))),
      early,
    ]),
  ];
};

const followed = (packed: Buffer, good: Buffer, dump: Buffer): Hostile[] => {
  const rubbish = Buffer.from("rubbish".repeat(20));
  return [
    ["bytes after the gzip data", Buffer.concat([packed, rubbish]), /no gzip data follow after its end/],
    ["zeros and bytes after the gzip data", Buffer.concat([packed, Buffer.alloc(700), rubbish]), /no gzip data follow/],
    ["a zero and a byte after the gzip data", Buffer.concat([packed, Buffer.from([0, 1])]), /no gzip data follow/],
    ["half a gzip header after the data", Buffer.concat([packed, packed.subarray(0, 5)]), /ends too early/],
    ["bytes after the end of the tar", gzipSync(Buffer.concat([good, rubbish])), /goes on after its end-of-archive/],
    ["an entry after the end of the tar", gzipSync(Buffer.concat([good, file(TREE)])), /goes on after its end/],
    ["a second tar after the end", gzipSync(Buffer.concat([good, good])), /goes on after its end/],
    ["a second tar in a second member", Buffer.concat([packed, packed]), /goes on after its end/],
    ["bytes after a dump", Buffer.concat([dump, rubbish]), /bytes follow after the end of its database dump/],
    ["bytes after a dump, in gzip", gzipSync(Buffer.concat([dump, rubbish])), /bytes follow after the end/],
    ["zeros after a dump", Buffer.concat([dump, Buffer.alloc(512)]), /bytes follow after the end/],
    ["a dump twice", Buffer.concat([dump, dump]), /bytes follow after the end/],
    ["bytes after a dump in an archive", archive(file("db/db.backup", Buffer.concat([dump, rubbish]))), /bytes follow/],
    [
      "an empty header between entries",
      gzipSync(Buffer.concat([Buffer.alloc(512), good])),
      /goes on after an empty header/,
    ],
  ];
};

export const flip = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 0x55;
  return changed;
};

/** One byte changed: gzip's checksum finds it anywhere, tar's only in headers. */
const flipped = (packed: Buffer, good: Buffer, dump: Buffer): Hostile[] => {
  const spread = Array.from({ length: 12 }, (_, n) => 12 + Math.floor(((packed.length - 30) * n) / 12));
  const inHead = [5, 6, 8, 9, 10, 52];
  return [
    ...[...spread, packed.length - 8, packed.length - 1].map((at): Hostile => [
      `byte ${at} of an archive changed`,
      flip(packed, at),
      /./,
    ]),
    ...[10, 130, 150, 300].map((at): Hostile => [
      `byte ${at} of a header changed`,
      gzipSync(flip(good, at)),
      /header in its tar archive is damaged/,
    ]),
    ...inHead.map((at): Hostile => [`byte ${at} of a dump changed`, flip(dump, at), /dump/]),
  ];
};

const dumps = (dump: Buffer, other: { readonly tar: Buffer; readonly plain: Buffer }): Hostile[] => {
  const withBytes = (...changes: readonly (readonly [number, number])[]): Buffer => {
    const changed = Buffer.from(dump);
    for (const [at, value] of changes) changed[at] = value;
    return changed;
  };
  const versions: [string, Buffer, RegExp][] = [
    ["1.17", withBytes([6, 17]), /newer than any/],
    ["1.16", withBytes([6, 16]), /1\.16, of pg_dump 17 and newer, .* pg_dump 15 or older/],
    ["1.15", withBytes([6, 15]), /1\.15, of pg_dump 16 and newer, .* pg_dump 15 or older/],
    ["1.13", withBytes([6, 13]), /older than 1\.14/],
    ["1.0", withBytes([6, 0]), /older than 1\.14/],
    ["2.0", withBytes([5, 2], [6, 0]), /newer than any/],
    ["0.9", withBytes([5, 0], [6, 9]), /newer than any/],
  ];
  return [
    ...versions.flatMap(([version, bytes, says]): Hostile[] => [
      [`a dump of format ${version}`, bytes, says],
      [`a dump of format ${version} in an archive`, archive(file("db/db.backup", bytes)), says],
    ]),
    ["a dump in tar format", withBytes([10, 3]), /tar format instead of the custom one/],
    ["a dump in directory format", withBytes([10, 5]), /directory format instead/],
    ["a dump in an unknown format", withBytes([10, 9]), /unknown format instead/],
    ["what pg_dump -Ft makes", other.tar, /tar archive without compression/],
    ["what pg_dump -Ft makes, in gzip", gzipSync(other.tar), /tar or directory format/],
    ["plain SQL as db.backup", archive(file("db/db.backup", other.plain)), /does not begin as dumps in custom format/],
    ["an empty db.backup", archive(file("db/db.backup", "")), /dump is empty/],
    ["a dump's magic alone", Buffer.from("PGDMP"), /ends within its table of contents/],
    ["a dump's magic and zeros", Buffer.concat([Buffer.from("PGDMP"), Buffer.alloc(2000)]), /format version 0\.0/],
    ["a dump with a huge table of contents", hugeToc(dump), /ends within its table of contents/],
    ["a gzip file as db.backup", archive(file("db/db.backup", gzipSync(dump))), /does not begin as dumps/],
    ["a dump without its data", dump.subarray(0, dump.length - 50_000), /ends/],
  ];
};

/** The number of entries is far beyond what follows. */
const hugeToc = (dump: Buffer): Buffer => {
  const bytes = Buffer.from(dump.subarray(0, 4096));
  const at = countPosition(bytes);
  bytes.writeUInt32LE(5_000_000, at + 1);
  return bytes;
};
const countPosition = (bytes: Buffer): number => {
  // Magic, version, sizes, format, compression, seven times, then three texts.
  let at = 11 + 5 + 7 * 5;
  for (let text = 0; text < 3; text++) at += 5 + bytes.readUInt32LE(at + 1);
  return at;
};

const bombs = (dump: Buffer): Hostile[] => {
  const zeros = Buffer.alloc(12 * 1024 * 1024);
  return [
    ["a bomb in a file", archive(file("db/db.backup", dump), file(TREE, zeros)), /inflates to more than 200 times/],
    ["a bomb as the dump", archive(file("db/db.backup", zeros)), /inflates to more than 200 times|does not begin/],
    [
      "a bomb after the end",
      gzipSync(Buffer.concat([tar(file("db/db.backup", dump)), zeros, zeros])),
      /inflates to more/,
    ],
    ["a bomb of nothing but zeros", gzipSync(zeros), /inflates to more than 200 times/],
  ];
};
