/**
 * The head of a dump in PostgreSQL's custom format: versions and the table of contents, read and written byte for byte,
 * so that `writeToc(parseToc(bytes))` is what was read. Pure. The format is that of PostgreSQL's
 * src/bin/pg_dump/pg_backup_archiver.c, versions 1.14 (PostgreSQL 12 to 15), 1.15 (16) and 1.16 (17).
 *
 * Texts are byte strings (one character a byte, Node's `latin1`), because a dump is in its database's own encoding;
 * `textOf` and `bytesOf` translate. All that SQL gives a meaning is ASCII, in every encoding a server can have.
 */
import { formatProblem, type FormatProblem, versionProblem } from "./dump-format";

export interface Toc {
  readonly minor: number;
  /** Magic to connection name, as it stands: what nobody here changes. */
  readonly beginning: Buffer;
  /** Of the server that was dumped and of pg_dump, as they say, such as `15.18 (Debian …)`. */
  readonly serverVersion: string;
  readonly dumpVersion: string;
  readonly entries: readonly TocEntry[];
  /** Bytes of the head as it was read: the data begin behind it. */
  readonly length: number;
}

export interface TocEntry {
  readonly dumpId: number;
  readonly hasDumper: number;
  /** OIDs of the catalog that the object stands in, and of the object; `0` where there is none. */
  readonly tableOid: string | undefined;
  readonly oid: string | undefined;
  /** The object's name, for people; of functions with their arguments. */
  readonly tag: string | undefined;
  /** Its kind, such as `TABLE`, `TABLE DATA`, `ACL`. */
  readonly kind: string | undefined;
  /** 1 none, 2 pre-data, 3 data, 4 post-data. */
  readonly section: number;
  /** SQL that makes it. */
  readonly definition: string | undefined;
  readonly drop: string | undefined;
  readonly copy: string | undefined;
  readonly namespace: string | undefined;
  readonly tablespace: string | undefined;
  readonly accessMethod: string | undefined;
  /** From format 1.16 on. */
  readonly relationKind: number | undefined;
  readonly owner: string | undefined;
  readonly withOids: string | undefined;
  /** Dump ids of what it needs. */
  readonly dependencies: readonly string[];
  /** How the place of its data is given, and the place: both as they stand. A dump to a pipe has none. */
  readonly offset: Buffer;
}

/** The head goes on beyond the bytes that are there. */
export class HeadIncomplete extends Error {
  override name = "HeadIncomplete";
}
/** The bytes are no head of a dump that is known here. */
export class TocUnreadable extends Error {
  override name = "TocUnreadable";
  constructor(
    readonly reason: "damaged" | FormatProblem["reason"],
    message: string,
  ) {
    super(message);
  }
}

export const DUMP_MAGIC = Buffer.from("PGDMP");
const NO_DATA = 3;
const MOST_ENTRIES = 10_000_000;
/** Seconds to years, and summer time. */
const TIME_FIELDS = 7;

export const hasData = ({ offset }: TocEntry): boolean => offset[0] !== NO_DATA;

/** A byte string as text, from UTF-8; bytes that are none become U+FFFD. */
export const textOf = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8");
export const bytesOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** The minor number of the format's version, which has to be known before the rest can be read. Throws as `parseToc`. */
export function minorOf(bytes: Buffer): number {
  const cursor = new Cursor(bytes);
  cursor.skip(DUMP_MAGIC.length);
  if (!bytes.subarray(0, DUMP_MAGIC.length).equals(DUMP_MAGIC))
    throw new TocUnreadable("damaged", "its dump does not begin as dumps in custom format do");
  const [major, minor] = [cursor.byte(), cursor.byte()];
  refuse(versionProblem(major, minor));
  return minor;
}

/** Throws HeadIncomplete, TocUnreadable. */
export function parseToc(bytes: Buffer): Toc {
  const minor = minorOf(bytes);
  const cursor = new Cursor(bytes);
  cursor.skip(DUMP_MAGIC.length + 2);
  cursor.skip(1);
  const numberBytes = cursor.byte();
  const offsetBytes = cursor.byte();
  if (numberBytes !== 4 || offsetBytes < 4 || offsetBytes > 8) throw damagedToc();
  refuse(formatProblem(cursor.byte()));
  if (minor >= 15) cursor.skip(1);
  else cursor.number();
  for (let field = 0; field < TIME_FIELDS; field++) cursor.number();
  cursor.text();
  const beginning = Buffer.from(bytes.subarray(0, cursor.at));
  const serverVersion = cursor.text() ?? "";
  const dumpVersion = cursor.text() ?? "";
  if (!/^\d+/.test(serverVersion) || !/^\d+/.test(dumpVersion))
    throw new TocUnreadable("damaged", "its dump names no PostgreSQL version");
  const count = cursor.number();
  if (count < 0 || count > MOST_ENTRIES) throw damagedToc();
  const entries: TocEntry[] = [];
  for (let entry = 0; entry < count; entry++) entries.push(readEntry(cursor, minor, offsetBytes));
  return { minor, beginning, serverVersion, dumpVersion, entries, length: cursor.at };
}

function readEntry(cursor: Cursor, minor: number, offsetBytes: number): TocEntry {
  return {
    dumpId: cursor.number(),
    hasDumper: cursor.number(),
    tableOid: cursor.text(),
    oid: cursor.text(),
    tag: cursor.text(),
    kind: cursor.text(),
    section: cursor.number(),
    definition: cursor.text(),
    drop: cursor.text(),
    copy: cursor.text(),
    namespace: cursor.text(),
    tablespace: cursor.text(),
    accessMethod: cursor.text(),
    relationKind: minor >= 16 ? cursor.number() : undefined,
    owner: cursor.text(),
    withOids: cursor.text(),
    dependencies: cursor.texts(),
    offset: cursor.take(1 + offsetBytes),
  };
}

/** The head's bytes. */
export function writeToc({ beginning, serverVersion, dumpVersion, entries }: Omit<Toc, "length">): Buffer {
  const pieces: Buffer[] = [beginning, textBytes(serverVersion), textBytes(dumpVersion), numberBytesOf(entries.length)];
  for (const entry of entries) {
    pieces.push(numberBytesOf(entry.dumpId), numberBytesOf(entry.hasDumper));
    for (const text of [entry.tableOid, entry.oid, entry.tag, entry.kind]) pieces.push(textBytes(text));
    pieces.push(numberBytesOf(entry.section));
    const { definition, drop, copy, namespace, tablespace, accessMethod } = entry;
    for (const text of [definition, drop, copy, namespace, tablespace, accessMethod]) pieces.push(textBytes(text));
    if (entry.relationKind !== undefined) pieces.push(numberBytesOf(entry.relationKind));
    for (const text of [entry.owner, entry.withOids, ...entry.dependencies, undefined]) pieces.push(textBytes(text));
    pieces.push(entry.offset);
  }
  return Buffer.concat(pieces);
}

const numberBytesOf = (value: number): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
};
const textBytes = (text: string | undefined): Buffer =>
  text === undefined ? numberBytesOf(-1) : Buffer.concat([numberBytesOf(text.length), Buffer.from(text, "latin1")]);

const refuse = (problem: FormatProblem | undefined): void => {
  if (problem !== undefined) throw new TocUnreadable(problem.reason, problem.message);
};
const damagedToc = (): TocUnreadable => new TocUnreadable("damaged", "its dump's table of contents is damaged");

class Cursor {
  at = 0;
  constructor(private readonly bytes: Buffer) {}

  byte(): number {
    this.need(1);
    return this.bytes[this.at++] ?? 0;
  }
  skip(count: number): void {
    this.need(count);
    this.at += count;
  }
  take(count: number): Buffer {
    this.skip(count);
    return Buffer.from(this.bytes.subarray(this.at - count, this.at));
  }
  /** A sign and four little-endian bytes. */
  number(): number {
    this.need(5);
    const negative = this.bytes[this.at] ?? 0;
    if (negative > 1) throw damagedToc();
    const value = this.bytes.readUInt32LE(this.at + 1);
    this.at += 5;
    return negative === 1 ? -value : value;
  }
  /** Undefined is SQL's null, which also ends lists. */
  text(): string | undefined {
    const length = this.number();
    if (length < 0) return undefined;
    this.need(length);
    this.at += length;
    return this.bytes.toString("latin1", this.at - length, this.at);
  }
  texts(): string[] {
    const all: string[] = [];
    for (let text = this.text(); text !== undefined; text = this.text()) all.push(text);
    return all;
  }
  private need(count: number): void {
    if (this.at + count > this.bytes.length) throw new HeadIncomplete();
  }
}
