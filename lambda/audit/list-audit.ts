/**
 * Audit records for showing, the newest first, a page at a time. S3 lists the oldest first, so the listing is asked for
 * stretches of time that end where the last one began, each twice as long as the one before: as many requests as there
 * are thousands of records in them, and memory for one page whatever an environment has been through.
 */
import { atOnce } from "../runtime/at-once";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { auditRecordKey, type EnvironmentPlace, serviceAuditRecordKey } from "../storage/object-keys";
import type { ListPage } from "../storage/object-store";
import { ObjectNotFound } from "../storage/storage-errors";
import { auditRecord, AUDIT_FORMAT, type AuditRecord } from "./record-audit";

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** Of the next page, with what is older; absent on the last one. */
  readonly cursor?: string;
}
export interface AuditPageWish {
  /** As the last page gave it. */
  readonly cursor?: string;
  readonly limit: number;
}
type AuditCollaborators = Pick<Collaborators, "store" | "settings" | "clock">;

/** One change in an object of a few KiB. */
const RECORD_BYTES_LIMIT = 1024 * 1024;
const READS_AT_ONCE = 10;
const DAY_MS = 86_400_000;
/** What follows the prefix: time, a random id. Anything else under the prefix is none of ours. */
const NAME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)-[0-9a-f]+$/;
const ENDING = ".json";

/** Throws InvalidCursor, and whatever the store does. `place` as for recordAudit. */
export async function listAudit(
  collaborators: AuditCollaborators,
  place: EnvironmentPlace | null,
  { cursor, limit }: AuditPageWish,
): Promise<AuditPage> {
  if (cursor !== undefined && !NAME.test(cursor)) {
    throw new ServiceFailure(
      "InvalidCursor",
      "The cursor is none of this list; ask for its first page, without a cursor.",
      false,
    );
  }
  // One more than the page, to know whether there is another.
  const names = await newestNames(collaborators, prefixOf(place), { cursor, count: limit + 1 });
  const wanted = names.slice(-limit).toReversed();
  const records = new Map<string, AuditRecord>();
  await atOnce(READS_AT_ONCE, wanted, async (name) => {
    const record = await readRecord(collaborators, `${prefixOf(place)}${name}${ENDING}`, name);
    if (record !== undefined) records.set(name, record);
  });
  const last = wanted.at(-1);
  return {
    records: wanted.flatMap((name) => records.get(name) ?? []),
    ...(names.length > limit && last !== undefined ? { cursor: last } : {}),
  };
}

interface Stretch {
  /** Milliseconds; inclusive. */
  readonly start: number;
  /** A name or a time, exclusive. */
  readonly until: string;
  readonly count: number;
}

/** The last `count` names before the cursor, in order of time. */
async function newestNames(
  collaborators: AuditCollaborators,
  prefix: string,
  { cursor, count }: { readonly cursor: string | undefined; readonly count: number },
): Promise<readonly string[]> {
  const { store, settings, clock } = collaborators;
  // What a clock that is ahead of ours wrote is shown too.
  let end = cursor === undefined ? clock.now().getTime() + DAY_MS : timeOf(cursor);
  let until = cursor ?? new Date(end).toISOString();
  const page = await store.list(settings.PRIMARY_BUCKET, { prefix });
  const first = namesIn(page, prefix);
  if (page.nextToken === undefined) return first.filter((name) => name < until).slice(-count);
  const oldest = first[0] === undefined ? 0 : timeOf(first[0]);
  let found: readonly string[] = [];
  for (let days = 1; found.length < count && end >= oldest; days *= 2) {
    const start = Math.max(0, end - days * DAY_MS);
    const stretch = await namesWithin(collaborators, prefix, { start, until, count: count - found.length });
    found = [...stretch, ...found];
    until = new Date(start).toISOString();
    end = start - 1;
  }
  return found;
}

/** The last `count` names of a stretch. */
async function namesWithin(
  { store, settings }: AuditCollaborators,
  prefix: string,
  { start, until, count }: Stretch,
): Promise<readonly string[]> {
  let found: string[] = [];
  let token: string | undefined;
  do {
    const page = await store.list(settings.PRIMARY_BUCKET, {
      prefix,
      startAfter: `${prefix}${new Date(start).toISOString()}`,
      ...(token === undefined ? {} : { token }),
    });
    const names = namesIn(page, prefix);
    found = [...found, ...names.filter((name) => name < until)].slice(-count);
    token = names.some((name) => name >= until) ? undefined : page.nextToken;
  } while (token !== undefined);
  return found;
}

const namesIn = ({ objects }: ListPage, prefix: string): readonly string[] =>
  objects
    .map(({ key }) => key.slice(prefix.length))
    .filter((rest) => rest.endsWith(ENDING))
    .map((rest) => rest.slice(0, -ENDING.length))
    .filter((name) => NAME.test(name));

const timeOf = (name: string): number => Date.parse(NAME.exec(name)?.[1] ?? "");

/** The key's own builder says where records stand, so that this file knows no spelling of its own. */
const prefixOf = (place: EnvironmentPlace | null): string => {
  const key = place === null ? serviceAuditRecordKey("", "") : auditRecordKey(place, "", "");
  return key.slice(0, key.length - `-${ENDING}`.length);
};

/** Undefined when it was removed since it was listed. One that can't be read is shown as such, and hides no other. */
async function readRecord(
  { store, settings }: AuditCollaborators,
  key: string,
  name: string,
): Promise<AuditRecord | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of (await store.get({ bucket: settings.PRIMARY_BUCKET, key })).body) {
      size += piece.length;
      if (size > RECORD_BYTES_LIMIT) return unreadable(name);
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  }
  return auditRecord.safeParse(parseJson(Buffer.concat(pieces).toString("utf8"))).data ?? unreadable(name);
}

const unreadable = (name: string): AuditRecord => ({
  format: AUDIT_FORMAT,
  at: new Date(timeOf(name)).toISOString(),
  action: "unreadable",
  by: "",
  environmentId: null,
  details: {},
});

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
