/**
 * The head of a dump in PostgreSQL's custom format: versions, and the table of contents as far as a restore has to know
 * of it beforehand. Pure. Nothing here trusts a length: what is not there yet is asked for, what can't be is refused.
 */
import { UPLOAD_AGAIN, UploadRefused } from "./refusal";

export interface DumpHead {
  /** Bytes of the head: the data begin behind it. */
  readonly length: number;
  /** Of the server that was dumped and of pg_dump, as they say, such as `15.18 (Debian …)`. */
  readonly serverVersion: string;
  readonly dumpVersion: string;
  readonly encoding: string;
  readonly extensions: readonly string[];
  /** What else an ordinary database lacks, such as `2 event triggers`. */
  readonly customisations: readonly string[];
  /** Definitions of row-level security policies. */
  readonly policies: readonly string[];
  /** Ids of the entries that have data. */
  readonly withData: ReadonlySet<number>;
  /** Bytes of a number in the dump, without its sign. */
  readonly numberBytes: number;
}

/** The head goes on beyond the bytes that are there. */
export class HeadIncomplete extends Error {
  override name = "HeadIncomplete";
}

export const DUMP_MAGIC = Buffer.from("PGDMP");
const OLDEST_MINOR = 14;
const NEWEST_MINOR = 16;
/** Which of pg_dump's versions came with which format. */
const FIRST_MAJOR: Readonly<Record<number, number>> = { 15: 16, 16: 17 };
const CUSTOM = 1;
const OTHER_FORMATS: Readonly<Record<number, string>> = { 3: "tar", 4: "null", 5: "directory" };
const NO_DATA = 3;
const MOST_ENTRIES = 10_000_000;

export const AS_CUSTOM = "make the dump with pg_dump --format=custom";

/** `newestMajor` is that of the PostgreSQL programs here. Throws HeadIncomplete, UploadRefused. */
export function parseDumpHead(bytes: Buffer, newestMajor: number): DumpHead {
  const cursor = new Cursor(bytes);
  cursor.skip(DUMP_MAGIC.length);
  const minor = checkVersion(cursor.byte(), cursor.byte(), newestMajor);
  cursor.skip(1);
  cursor.numberBytes = cursor.byte();
  const offsetBytes = cursor.byte();
  if (cursor.numberBytes !== 4 || offsetBytes < 4 || offsetBytes > 8)
    throw damaged("its dump does not begin as dumps do");
  const format = cursor.byte();
  if (format !== CUSTOM)
    throw new UploadRefused(
      `its dump is in the ${OTHER_FORMATS[format] ?? "unknown"} format instead of the custom one`,
      AS_CUSTOM,
    );
  if (minor >= 15) cursor.skip(1);
  else cursor.number();
  for (let field = 0; field < 7; field++) cursor.number();
  cursor.text();
  const serverVersion = cursor.text() ?? "";
  const dumpVersion = cursor.text() ?? "";
  if (!/^\d+/.test(serverVersion) || !/^\d+/.test(dumpVersion)) throw damaged("its dump names no PostgreSQL version");
  const found = readEntries(cursor, minor, offsetBytes);
  return { length: cursor.at, serverVersion, dumpVersion, numberBytes: cursor.numberBytes, ...found };
}

function checkVersion(major: number, minor: number, newestMajor: number): number {
  const readable = newestMajor >= 17 ? 16 : newestMajor >= 16 ? 15 : OLDEST_MINOR;
  const said = `its dump has the format version ${major}.${minor}`;
  if (major !== 1 || minor > NEWEST_MINOR)
    throw new UploadRefused(
      `${said}, which is newer than any that is known here`,
      "make the dump with an older pg_dump",
    );
  if (minor > readable)
    throw new UploadRefused(
      `${said}, of pg_dump ${FIRST_MAJOR[minor] ?? ""} and newer, and the PostgreSQL programs here (version ${newestMajor}) read up to 1.${readable}`,
      `make the dump with pg_dump ${(FIRST_MAJOR[readable + 1] ?? 17) - 1} or older`,
    );
  if (minor < OLDEST_MINOR)
    throw new UploadRefused(`${said}, which is older than 1.${OLDEST_MINOR}`, "make the dump with pg_dump 13 or newer");
  return minor;
}

type Found = Pick<DumpHead, "encoding" | "extensions" | "customisations" | "policies" | "withData">;
/** Kinds of entries as pg_dump names them, and what people call them. */
const CUSTOM_KINDS: Readonly<Record<string, string>> = {
  "FOREIGN TABLE": "foreign table",
  SERVER: "foreign server",
  "EVENT TRIGGER": "event trigger",
  PUBLICATION: "publication",
  SUBSCRIPTION: "subscription",
};

function readEntries(cursor: Cursor, minor: number, offsetBytes: number): Found {
  const count = cursor.number();
  if (count < 0 || count > MOST_ENTRIES) throw damaged("its dump's table of contents is damaged");
  let encoding: string | undefined;
  const extensions: string[] = [];
  const policies: string[] = [];
  const languages: string[] = [];
  const counts = new Map<string, number>();
  const withData = new Set<number>();
  for (let entry = 0; entry < count; entry++) {
    const id = cursor.number();
    cursor.number();
    cursor.text();
    cursor.text();
    const tag = cursor.text() ?? "";
    const kind = cursor.text() ?? "";
    cursor.number();
    const definition = cursor.text() ?? "";
    // Drop and copy statements, namespace, tablespace, access method.
    for (let field = 0; field < 5; field++) cursor.text();
    if (minor >= 16) cursor.number();
    // Owner, and whether the table has OIDs.
    for (let field = 0; field < 2; field++) cursor.text();
    while (cursor.text() !== undefined);
    if (cursor.byte() !== NO_DATA) withData.add(id);
    cursor.skip(offsetBytes);
    if (kind === "ENCODING") encoding = /client_encoding = '([^']+)'/.exec(definition)?.[1];
    if (kind === "EXTENSION") extensions.push(tag);
    const custom = CUSTOM_KINDS[kind];
    if (custom !== undefined) counts.set(custom, (counts.get(custom) ?? 0) + 1);
    if (kind === "PROCEDURAL LANGUAGE") languages.push(`the language ${tag}`);
    if (kind === "POLICY") policies.push(definition);
  }
  if (encoding === undefined) throw damaged("its dump's table of contents names no encoding");
  const counted = [...counts].map(([what, times]) => `${times} ${what}${times === 1 ? "" : "s"}`);
  return { encoding, extensions, customisations: [...counted, ...languages], policies, withData };
}

class Cursor {
  at = 0;
  numberBytes = 4;
  constructor(private readonly bytes: Buffer) {}

  byte(): number {
    this.need(1);
    return this.bytes[this.at++] ?? 0;
  }
  skip(count: number): void {
    this.need(count);
    this.at += count;
  }
  /** A sign and little-endian bytes. */
  number(): number {
    this.need(1 + this.numberBytes);
    const negative = this.bytes[this.at] ?? 0;
    if (negative > 1) throw damaged("its dump's table of contents is damaged");
    const value = this.bytes.readUIntLE(this.at + 1, this.numberBytes);
    this.at += 1 + this.numberBytes;
    return negative === 1 ? -value : value;
  }
  /** Undefined is SQL's null, which also ends lists. */
  text(): string | undefined {
    const length = this.number();
    if (length < 0) return undefined;
    this.need(length);
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }
  private need(count: number): void {
    if (this.at + count > this.bytes.length) throw new HeadIncomplete();
  }
}

export const damaged = (what: string): UploadRefused => new UploadRefused(what, UPLOAD_AGAIN);
