/** What a restore has to know beforehand of an uploaded dump, out of its head; a dump that can't be is refused. Pure. */
import { NEWEST_MINOR, OLDEST_MINOR } from "../dump/dump-format";
import { hasData, minorOf, parseToc, textOf, type Toc, TocUnreadable } from "../dump/toc";
import { hasPrivileges, type RestoreNeeds, restoreNeeds } from "../dump/restore-needs";
import type { SnapshotWarning } from "../snapshot/warnings";
import { privilegesMissing } from "./privileges-missing";
import { adviceFor } from "./first-bytes";
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
  readonly needs: RestoreNeeds;
  readonly privileges: boolean;
  /** Of a dump without privileges: what relies on them. */
  readonly warnings: readonly SnapshotWarning[];
}

/** `newestMajor` is that of the PostgreSQL programs here. Throws HeadIncomplete, UploadRefused. */
export function parseDumpHead(bytes: Buffer, newestMajor: number): DumpHead {
  try {
    refuseNewer(minorOf(bytes), newestMajor);
    const toc = parseToc(bytes);
    const { length, serverVersion, dumpVersion } = toc;
    const read = { ...readEntries(toc.entries), needs: restoreNeeds(toc), privileges: hasPrivileges(toc) };
    return { length, serverVersion, dumpVersion, ...read, warnings: privilegesMissing(toc) };
  } catch (error) {
    if (!(error instanceof TocUnreadable)) throw error;
    const { message, reason } = error;
    throw new UploadRefused(message, reason === "damaged" ? UPLOAD_AGAIN : adviceFor({ reason }));
  }
}

/** Which of pg_dump's versions came with which format. */
const FIRST_MAJOR: Readonly<Record<number, number>> = { 15: 16, 16: 17 };

function refuseNewer(minor: number, newestMajor: number): void {
  const readable = newestMajor >= 17 ? NEWEST_MINOR : newestMajor >= 16 ? 15 : OLDEST_MINOR;
  if (minor <= readable) return;
  throw new UploadRefused(
    `its dump has the format version 1.${minor}, of pg_dump ${FIRST_MAJOR[minor] ?? ""} and newer, and the PostgreSQL programs here (version ${newestMajor}) read up to 1.${readable}`,
    `make the dump with pg_dump ${(FIRST_MAJOR[readable + 1] ?? 17) - 1} or older`,
  );
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

function readEntries(entries: Toc["entries"]): Found {
  let encoding: string | undefined;
  const extensions: string[] = [];
  const policies: string[] = [];
  const languages: string[] = [];
  const counts = new Map<string, number>();
  for (const { kind = "", tag = "", definition = "" } of entries) {
    if (kind === "ENCODING") encoding = /client_encoding = '([^']+)'/.exec(definition)?.[1];
    if (kind === "EXTENSION") extensions.push(textOf(tag));
    const custom = CUSTOM_KINDS[kind];
    if (custom !== undefined) counts.set(custom, (counts.get(custom) ?? 0) + 1);
    if (kind === "PROCEDURAL LANGUAGE") languages.push(`the language ${textOf(tag)}`);
    if (kind === "POLICY") policies.push(textOf(definition));
  }
  if (encoding === undefined) throw damaged("its dump's table of contents names no encoding");
  const counted = [...counts].map(([what, times]) => `${times} ${what}${times === 1 ? "" : "s"}`);
  const withData = new Set(entries.filter(hasData).map(({ dumpId }) => dumpId));
  return { encoding, extensions, customisations: [...counted, ...languages], policies, withData };
}

export const damaged = (what: string): UploadRefused => new UploadRefused(what, UPLOAD_AGAIN);
