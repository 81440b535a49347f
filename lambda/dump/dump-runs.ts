/**
 * A dump's table of contents in the order in which it is restored: each part is a run of pg_restore of its own, so that
 * what may fail is done apart, and what would get in the way comes last. Pure.
 */
import { isAcl } from "./target-roles";
import type { TocEntry } from "./toc";

export interface DumpRuns {
  /** Stand in the head of every run: encoding and search path. */
  readonly settings: readonly TocEntry[];
  readonly definitions: readonly TocEntry[];
  readonly data: readonly TocEntry[];
  /** Indexes, constraints, triggers, … */
  readonly afterData: readonly TocEntry[];
  readonly grants: readonly TocEntry[];
  /** Materialized views that were filled, each behind those that it reads. */
  readonly views: readonly TocEntry[];
  /** They would fire at the rest. */
  readonly eventTriggers: readonly TocEntry[];
}

const SETTINGS = new Set(["ENCODING", "STDSTRINGS", "SEARCHPATH"]);
const DATA = 3;
const AFTER_DATA = 4;
const NO_SECTION = 1;

export function dumpRuns(entries: readonly TocEntry[]): DumpRuns {
  const runs = {
    settings: [] as TocEntry[],
    definitions: [] as TocEntry[],
    data: [] as TocEntry[],
    afterData: [] as TocEntry[],
    grants: [] as TocEntry[],
    views: [] as TocEntry[],
    eventTriggers: [] as TocEntry[],
  };
  // A comment or label belongs to the section of what it follows.
  let section = 0;
  for (const entry of entries) {
    const { kind = "", tag = "" } = entry;
    if (entry.section !== NO_SECTION) ({ section } = entry);
    if (SETTINGS.has(kind)) runs.settings.push(entry);
    else if (ofDatabase(kind, tag)) continue;
    else if (isAcl(entry)) runs.grants.push(entry);
    else if (kind === "MATERIALIZED VIEW DATA") runs.views.push(entry);
    else if (kind === "EVENT TRIGGER" || tag.startsWith("EVENT TRIGGER ")) runs.eventTriggers.push(entry);
    else if (section === DATA) runs.data.push(entry);
    else (section === AFTER_DATA ? runs.afterData : runs.definitions).push(entry);
  }
  return runs;
}

/** The database stands already, and keeps what is its own. */
const ofDatabase = (kind: string, tag: string): boolean =>
  kind === "DATABASE" || kind === "DATABASE PROPERTIES" || (RIDERS.has(kind) && tag.startsWith("DATABASE "));
const RIDERS = new Set(["ACL", "COMMENT", "SECURITY LABEL"]);
