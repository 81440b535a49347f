/** Archives with a sound dump and something wrong around it: names, kinds, sizes, headers, `.metadata`. */
import { gzipSync } from "node:zlib";
import { tarPath } from "../../lambda/pack/tar-path";
import { archive, before, longName, TREE, type Hostile } from "./hostile-support";
import { directory, END, entry, file, header, pax, paxRecord, treeName, uuid } from "./tar-maker";

export const hostileArchives = (db: Buffer, dump: Buffer): readonly Hostile[] => [
  ...names(db),
  ...kinds(db),
  ...duplicates(db, dump),
  ...sizes(db),
  ...extendedHeaders(db),
  ...metadata(db),
];

const names = (db: Buffer): Hostile[] => {
  const outside = /leads out of the archive/;
  const absolute = /absolute name/;
  const foreign = /belongs to no backup; an archive holds/;
  const wrong: [string, RegExp][] = [
    ["/db/db.backup", absolute],
    ["/etc/passwd", absolute],
    [`/${TREE}`, absolute],
    ["//db/db.backup", absolute],
    ["../db.backup", outside],
    ["tree/../../etc/passwd", outside],
    ["tree/00/00/..", outside],
    ["..", outside],
    ["./../x", outside],
    ["tree/00/00/../00/x", outside],
    ["db/other.backup", foreign],
    ["db/db.backup.gz", foreign],
    ["DB/DB.BACKUP", foreign],
    ["backup/db/db.backup", foreign],
    ["metadata", foreign],
    [".metadata.json", foreign],
    ["tree/file", foreign],
    ["tree/00/file", foreign],
    [`tree/11/11/${uuid(1)}`, foreign],
    [`tree/00/01/${uuid(1)}`, foreign],
    [`tree/0/00/${uuid(1)}`, foreign],
    [`tree//00/00/${uuid(1)}`, foreign],
    [`././${TREE}`, foreign],
    [`tree/00/00/sub/${uuid(1)}`, foreign],
    ["tree/00/00/a b", foreign],
    ["tree/a_/__/a%2", foreign],
    ["tree/a%/__/a%FF", foreign],
    [".DS_Store", foreign],
    ["._db", foreign],
    ["C:\\db\\db.backup", foreign],
    ["tree\\00\\00\\x", foreign],
    // A key may be anything, but only encoded, and only as we encode it.
    ["tree/a_/b/a\nb", foreign],
    ["tree/_0/A_/%0a", foreign],
    ["tree/_2/E_/%2e%2e", foreign],
    ["tree/_2/E_/%2E/%2E", foreign],
    ["tree/a%/2F/a%2F..", foreign],
    ["tree/_C/0_/%C0%AF", foreign],
    ["tree/_E/D_/%ED%A0%80", foreign],
    ["tree/__/__/%", foreign],
    ["tree/__/_2/..%2F..%2Fetc%2Fpasswd/..", outside],
    ["tree/_2/F_/%2F/x", foreign],
    [tarPath("é".repeat(513)), /more than 1024 bytes/],
    [tarPath("x".repeat(1025)), /more than 1024 bytes/],
    [tarPath("../x").toLowerCase(), foreign],
  ];
  return [
    ...wrong.map(([name, says]): Hostile => [
      `an entry ${JSON.stringify(name)}`,
      before(db, Buffer.byteLength(name) > 100 ? longName(name) : Buffer.alloc(0), file(name, "x")),
      says,
    ]),
    ["a foreign directory", archive(directory("node_modules/"), db), /its directory .* belongs to no backup/],
    ["a directory outside", archive(directory("../tree/"), db), outside],
    ["a directory with a size", archive(file("db/", "x", { type: "5" }), db), /gives the directory .* a size/],
    ["a name that is no UTF-8", archive(rawName(Buffer.from([0x74, 0xff, 0xfe])), db), foreign],
    ["no name at all", archive(file("", "x"), db), foreign],
    ["the dump of a tar-format dump", archive(file("toc.dat", "PGDMP")), /tar or directory format/],
  ];
};

const rawName = (name: Buffer): Buffer => {
  const block = header({ name: "" });
  name.copy(block, 0);
  block.write("        ", 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
};

const kinds = (db: Buffer): Hostile[] => {
  const wrong: [string, string, RegExp][] = [
    ["1", "a hard link", /", a link;/],
    ["2", "a symbolic link", /", a symlink;/],
    ["3", "a character device", /", a character device;/],
    ["4", "a block device", /", a block device;/],
    ["6", "a FIFO", /", a fifo;/],
    ["S", "a GNU sparse file", /of the unknown kind "S"; .* without options such as --sparse/],
    ["M", "a continuation", /of the unknown kind "M"/],
    ["V", "a volume label", /of the unknown kind "V"/],
    ["D", "a GNU directory", /of the unknown kind "D"/],
    ["K", "a GNU long link", /a header of the kind "K"/],
    ["N", "an old long name", /a header of the kind "N"/],
    ["A", "a Solaris ACL", /of the unknown kind "A"/],
    ["X", "a Solaris extension", /of the unknown kind "X"/],
    ["9", "an unknown kind", /of the unknown kind "9"/],
    [" ", "a blank kind", /of the unknown kind " "/],
  ];
  return wrong.flatMap(([type, name, says]): Hostile[] => [
    [`${name} as a file`, before(db, entry({ name: TREE, type, link: "/etc/passwd" })), says],
    [`${name} as the dump`, archive(entry({ name: "db/db.backup", type, link: TREE }), db), says],
  ]);
};

const duplicates = (db: Buffer, dump: Buffer): Hostile[] => {
  const many = Array.from({ length: 300 }, (_, n) => file(treeName(uuid(n)), "x"));
  return [
    ["a file twice", before(db, file(TREE, "a"), file(TREE, "b")), /holds the file .* twice/],
    ["a file twice, equal", archive(file(TREE, "a"), db, file(TREE, "a")), /twice/],
    ["a file twice, once with ./", before(db, file(TREE, "a"), file(`./${TREE}`, "b")), /twice/],
    ["a file twice among many", archive(...many, db, file(treeName(uuid(150)), "again")), /twice/],
    ["the dump twice", before(db, file("db/db.backup", dump)), /db\/db\.backup twice/],
    ["the dump twice, once with ./", archive(file("./db/db.backup", dump), db), /db\/db\.backup twice/],
    [".metadata twice", archive(file(".metadata", "{}"), db, file("./.metadata", "{}")), /\.metadata twice/],
    ["a file by name and by PAX", before(db, file(TREE), pax({ path: TREE }), file("x")), /twice/],
    ["a file by name and by long name", before(db, file(TREE), longName(TREE), file("x")), /twice/],
    ["no dump", archive(file(TREE, "x")), /files and no database dump/],
    ["no dump, .metadata alone", archive(file(".metadata", "{}")), /no database dump/],
    ["no dump, folders alone", archive(directory("db/"), directory("tree/")), /no database dump/],
    ["no entries", gzipSync(END), /no database dump/],
    ["no entries, GNU tar's full record", gzipSync(Buffer.alloc(10_240)), /no database dump/],
    ["300 files and no dump", archive(...many), /files and no database dump/],
  ];
};

const wrongSize = /header in its tar archive is damaged, or a size in it or before it is wrong/;
const noSize = /no size or two sizes for/;
const tooLong = /an extended header that is empty or has more than 65536 bytes/;

const sizes = (db: Buffer): Hostile[] => {
  const lie = (size: string | Buffer, body = "x".repeat(600)): Buffer => file(TREE, body, { size });
  const base256 = (bytes: readonly number[]): Buffer => Buffer.from(bytes);
  return [
    ["a size that is too small", before(db, lie("00000000001\0")), /header in its tar archive is damaged/],
    ["a size that is too large", archive(db, lie("00000007777\0")), /ends within|header in its tar/],
    ["a size beyond the archive", archive(db, lie("77777777777\0")), /ends within/],
    ["a size of letters", before(db, lie("abcdefghijk\0")), wrongSize],
    ["a size of nines", before(db, lie("99999999999\0")), wrongSize],
    ["no size", before(db, lie("\0".repeat(12))), noSize],
    ["a negative size", before(db, lie("-0000000001\0")), wrongSize],
    ["a negative size in base 256", before(db, lie(base256(Array.from({ length: 12 }, () => 0xff)))), noSize],
    ["a huge size in base 256", before(db, lie(base256([0x80, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]))), noSize],
    ["a size with another sign", before(db, lie(base256([0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]))), noSize],
    ["a size with letters behind it", before(db, lie("0000000001x\0", "x")), noSize],
    [
      "a size in base 256 and by PAX",
      before(db, pax({ size: "1" }), lie(base256([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]), "x")),
      noSize,
    ],
    ["PAX with letters behind a size", before(db, pax({ size: "1x" }), file(TREE, "x")), noSize],
    ["a size of a terabyte", before(db, lie(base256([0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]))), /ends within/],
    ["PAX with a smaller size", before(db, pax({ size: "1" }), file(TREE, "x".repeat(600))), /two sizes/],
    ["PAX with a larger size", before(db, pax({ size: "601" }), file(TREE, "x".repeat(600))), /two sizes/],
    ["PAX with a huge size", before(db, pax({ size: "9000000000" }), file(TREE, "x")), /ends within/],
    ["PAX with a negative size", before(db, pax({ size: "-1" }), file(TREE, "x")), wrongSize],
    ["PAX with a size of letters", before(db, pax({ size: "1e3" }), file(TREE, "x")), noSize],
    ["PAX with a size beyond all", before(db, pax({ size: "99999999999999999999" }), file(TREE, "x")), noSize],
    ["a dump whose size is too small", archive(file("db/db.backup", dumpOf(db), { size: "00000001000\0" })), /./],
  ];
};
const dumpOf = (db: Buffer): Buffer => db.subarray(512);

const strangeLength = (type: string): Buffer =>
  header({ name: "x", type, size: Buffer.from([0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]) });
/** Zeros but for the checksum of zeros, which the parser takes for an empty header. */
const checksumAlone = Buffer.alloc(512);
checksumAlone.write("000400\0 ", 148, "latin1");

const extendedHeaders = (db: Buffer): Hostile[] => {
  const raw = (content: string | Buffer): Buffer => file("PaxHeaders/x", content, { type: "x" });
  const sparse = (records: Record<string, string>): Buffer => before(db, pax(records), file(TREE, "x"));
  const malformed = /malformed/;
  return [
    ["GNU sparse 0.0", sparse({ "GNU.sparse.size": "10", "GNU.sparse.numblocks": "1" }), /sparse/],
    ["GNU sparse 0.1", sparse({ "GNU.sparse.map": "0,1" }), /sparse/],
    ["GNU sparse 1.0", sparse({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": TREE }), /sparse/],
    ["GNU sparse with a real size", sparse({ "GNU.sparse.realsize": "1000000000000" }), /sparse/],
    ["PAX path outside", sparse({ path: "../../etc/passwd" }), /leads out of the archive/],
    ["PAX path absolute", sparse({ path: "/etc/passwd" }), /absolute name/],
    ["PAX path foreign", sparse({ path: "etc/passwd" }), /belongs to no backup/],
    ["PAX path empty", sparse({ path: "" }), malformed],
    ["PAX path with a zero", sparse({ path: `${TREE}\0x` }), /belongs to no backup/],
    ["PAX link path", sparse({ linkpath: "/etc/passwd" }), /an entry the field "linkpath"/],
    ["PAX with an unknown field", sparse({ "NASTY.trick": "1" }), /an entry the field "NASTY.trick"/],
    ["PAX with a header charset", sparse({ hdrcharset: "BINARY" }), /an entry the field "hdrcharset"/],
    [
      "PAX path twice",
      before(db, raw(Buffer.concat([paxRecord("path", TREE), paxRecord("path", "x")])), file("x")),
      /twice/,
    ],
    [
      "PAX path that is no UTF-8",
      before(db, raw(paxRecord("path", Buffer.from([0xff, 0xfe]))), file("x")),
      /belongs to no backup/,
    ],
    ["PAX length too long", before(db, raw("99 path=x\n"), file(TREE)), malformed],
    ["PAX length too short", before(db, raw("5 path=x\n"), file(TREE)), malformed],
    ["PAX length of zero", before(db, raw("0 path=x\n"), file(TREE)), malformed],
    ["PAX without a length", before(db, raw("path=x\n"), file(TREE)), malformed],
    ["PAX without an end", before(db, raw("10 path=xy"), file(TREE)), malformed],
    ["PAX without a name", before(db, raw("6 =xy\n"), file(TREE)), malformed],
    ["PAX of a megabyte", before(db, raw(Buffer.alloc(1_000_000, 0x41)), file(TREE)), tooLong],
    [
      "PAX of a terabyte",
      before(db, file("x", "", { type: "x", size: Buffer.from([0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]) })),
      wrongSize,
    ],
    ["PAX without content", before(db, raw(""), file(TREE, TREE.repeat(20))), tooLong],
    ["PAX whose length has another sign", before(db, strangeLength("x"), file(TREE, "x")), tooLong],
    ["a long name whose length has another sign", before(db, strangeLength("L"), file(TREE, "x")), tooLong],
    ["a long name without content", before(db, file("x", "", { type: "L" }), file(TREE, "x")), tooLong],
    ["an empty long name", before(db, longName(""), file(TREE, "x")), /empty long name/],
    ["a long link's name with content", before(db, file("x", "y\0", { type: "K" }), file(TREE, "x")), /kind "K"/],
    ["PAX that goes on in its padding", before(db, file("x", "20 mtime=1", { type: "x" }), file(TREE, "x")), malformed],
    [
      "PAX with an object's own field",
      before(db, raw(paxRecord("__proto__", "x")), file(TREE)),
      /the field "__proto__"/,
    ],
    ["a header of nothing but a checksum", before(db, checksumAlone, file(TREE)), /a header of the kind/],
    ["a link path for all", archive(pax({ linkpath: TREE }, "g"), db), /all entries the field "linkpath"/],
    ["PAX twice", before(db, pax({ mtime: "1" }), pax({ path: TREE }), file("x")), /two extended headers/],
    ["PAX and a long name", before(db, pax({ path: TREE }), longName("x"), file("y")), /two extended headers/],
    ["a long name and PAX", before(db, longName("x"), pax({ path: TREE }), file("y")), /two extended headers/],
    ["PAX before the end", archive(db, pax({ path: TREE })), /ends before the entry/],
    ["a long name before the end", archive(db, longName(TREE)), /ends before the entry/],
    ["a long name outside", before(db, longName(`../${TREE}`), file("x")), /leads out of the archive/],
    ["a long name of a megabyte", before(db, file("x", Buffer.alloc(1_000_000, 0x41), { type: "L" })), tooLong],
    ["a path for all", archive(pax({ path: TREE }, "g"), db), /all entries the field/],
    ["a size for all", archive(pax({ size: "1" }, "g"), db), /all entries the field/],
    ["sparse for all", archive(pax({ "GNU.sparse.major": "1" }, "g"), db), /sparse/],
    ["an unknown format", before(db, file(TREE, "x", { magic: "tarus\x0000" })), /unknown format/],
    ["a checksum of letters", before(db, file(TREE, "x", { checksum: "abcdefgh" })), /header .* damaged/],
  ];
};

const metadata = (db: Buffer): Hostile[] => {
  const wrong: [string, string | Buffer, RegExp][] = [
    ["not JSON", "{", /not JSON/],
    ["empty", "", /not JSON/],
    ["a list", "[]", /not a JSON object/],
    ["a number", "1", /not a JSON object/],
    ["null", "null", /not a JSON object/],
    ["numbers as values", '{"dumpSize": 1}', /values are all strings/],
    ["objects as values", '{"a": {}}', /values are all strings/],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), /not JSON/],
    ["too long", JSON.stringify({ a: "x".repeat(70_000) }), /more than 65536/],
  ];
  return wrong.map(([name, body, says]): Hostile => [
    `.metadata is ${name}`,
    archive(file(".metadata", body), db),
    says,
  ]);
};
