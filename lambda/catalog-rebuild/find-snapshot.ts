/**
 * One snapshot's catalog item, from its manifest, its records and a look at every object. What can't be given back
 * whole by any side is listed as failed, with what is wrong, and keeps its manifest: nothing of it is deleted before
 * its expiry, and once it has been mended it is offered again. Reads only.
 */
import type { SnapshotItem } from "../catalog/items";
import { outcomeRecord, type OutcomeRecord } from "../catalog/outcome-records";
import { keptSince, mergeSnapshotRecords, snapshotRecord, type SnapshotRecord } from "../catalog/records";
import { effectiveExpiry, laterOf } from "../rules/effective-expiry";
import { isExpired } from "../rules/retention-calendar";
import { atOnce } from "../runtime/at-once";
import { manifest as manifestSchema, type Manifest, type StoredObjectEntry } from "../snapshot/manifest";
import { objectsOf } from "../snapshot/manifest-objects";
import { replicationMessageOf, sealedFacts, UNSEALED_FACTS } from "../snapshot/sealed-facts";
import { manifestKey, outcomeRecordKey, snapshotRecordKey, type EnvironmentPlace } from "../storage/object-keys";
import { manifestEntry } from "../backup/committed-manifest";
import { type CheckedObject, type ObjectChecker, wholeAt } from "./check-stored-object";
import type { FindingCode, RebuildFinding, RebuildSource } from "./contract";
import { type Document, readDocument } from "./read-json";
import { readNewestRecord, readRecordVersions } from "./read-record";
import type { StoredVersions } from "./stored-versions";

/** Far above any real manifest (a thousand packs are half a MiB); protects memory from a foreign object. */
const MANIFEST_BYTES_LIMIT = 64 * 1024 * 1024;
const OBJECTS_AT_ONCE = 16;
/** Sentences that a snapshot's own message spells out; all of them are findings. */
const PROBLEMS_SHOWN = 3;

export interface SnapshotSearch {
  readonly place: EnvironmentPlace;
  readonly source: RebuildSource;
  readonly stored: StoredVersions;
  readonly checker: ObjectChecker;
  readonly findings: RebuildFinding[];
}

/** Undefined where there is nothing to list: expired, deleted by a user, or only leftovers. */
export async function findSnapshot(snapshotId: string, search: SnapshotSearch): Promise<SnapshotItem | undefined> {
  const records = await readRecords(snapshotId, search);
  const standing = search.stored.oldest(manifestKey(search.place, snapshotId));
  if (standing.length === 0) return failedItem(records, search);
  const sealed = await readManifest(snapshotId, search);
  if (sealed === undefined) return undefined;
  return sealedItem(sealed, records, search);
}

interface Records {
  readonly own: SnapshotRecord | undefined;
  /** When it was decided that it is kept longer. */
  readonly keptAt: string | null;
  readonly outcome: OutcomeRecord | undefined;
}

async function readRecords(snapshotId: string, { place, stored, findings }: SnapshotSearch): Promise<Records> {
  const { environmentId } = place;
  const versions = await readRecordVersions(
    {
      key: snapshotRecordKey(place, snapshotId),
      schema: snapshotRecord,
      environmentId,
      snapshotId,
      without: "comment and expiry are the manifest's, and whether somebody wanted it deleted is not known",
    },
    stored,
    findings,
  );
  const outcome = await readNewestRecord(
    {
      key: outcomeRecordKey(place, snapshotId),
      schema: outcomeRecord,
      environmentId,
      snapshotId,
      without: "when it was replicated, or why it failed, is not known any more",
    },
    stored,
    findings,
  );
  return { own: mergeSnapshotRecords(versions), keptAt: keptSince(versions), outcome };
}

/** A snapshot that never was: users see why until its expiry. */
function failedItem({ own, outcome }: Records, { source }: SnapshotSearch): SnapshotItem | undefined {
  if (outcome?.state !== "failed" || (own?.deletion ?? null) !== null) return undefined;
  if (isExpired(outcome.expiresAt, source.now)) return undefined;
  const { format: _format, ...facts } = outcome;
  return {
    ...facts,
    ...commentOf(own?.comment, facts.comment),
    ...UNSEALED_FACTS,
    deleting: false,
  };
}

interface Sealed {
  readonly manifest: Manifest;
  readonly entry: StoredObjectEntry;
}

/** The primary's, else the replica's; one that can't be read on one side is named. */
async function readManifest(snapshotId: string, search: SnapshotSearch): Promise<Sealed | undefined> {
  const { place, stored, findings } = search;
  const key = manifestKey(place, snapshotId);
  const versions = stored.oldest(key);
  let sealed: Sealed | undefined;
  for (const version of versions) {
    const document = describing(await readDocument(version, manifestSchema, MANIFEST_BYTES_LIMIT), snapshotId, place);
    if (document.ok) {
      // By the first side's version id, also where its bytes are damaged: readers go on to the replica from there.
      const { versionId } = versions[0] ?? version;
      sealed = { manifest: document.value, entry: manifestEntry(key, versionId, document.bytes) };
      break;
    }
    const { bucket } = version.home;
    findings.push({
      ...finding("manifest-unreadable", place, snapshotId),
      bucket,
      key,
      message: `The manifest ${key} in ${bucket} (version ${version.versionId}) ${document.problem}; compare it with the other side, then restore or remove it by hand.`,
    });
  }
  return sealed;
}

const describing = (
  document: Document<Manifest>,
  snapshotId: string,
  { environmentId, replication }: EnvironmentPlace,
): Document<Manifest> => {
  if (!document.ok) return document;
  const { value, version } = document;
  const isItself =
    value.snapshotId === snapshotId && value.environmentId === environmentId && value.replication === replication;
  return isItself ? document : { ok: false, problem: "describes another snapshot", version };
};

async function sealedItem(
  { manifest, entry }: Sealed,
  { own, keptAt, outcome }: Records,
  search: SnapshotSearch,
): Promise<SnapshotItem | undefined> {
  const { place, source, findings } = search;
  const { snapshotId } = manifest;
  const expiresAt = effectiveExpiry(manifest, own);
  if (isExpired(expiresAt, source.now)) {
    findings.push({
      ...finding("snapshot-expired", place, snapshotId),
      message: `Snapshot ${snapshotId} of environment ${place.environmentId} expired on ${expiresAt} and is not listed; retention removes its data.`,
    });
    return undefined;
  }
  const deletion = own?.deletion ?? null;
  if (deletion !== null && deletion.completedAt !== null) {
    findings.push({
      ...finding("snapshot-deleted", place, snapshotId),
      message: `Snapshot ${snapshotId} of environment ${place.environmentId} was deleted by ${deletion.requestedBy} on ${deletion.requestedAt} and is not listed; retention removes what still stands of it.`,
    });
    return undefined;
  }
  const objects = [entry, ...objectsOf(manifest)];
  const checked: CheckedObject[] = [];
  await atOnce(OBJECTS_AT_ONCE, objects, async (object) => {
    checked.push(await search.checker.check(object));
  });
  const problems = nameProblems(checked, snapshotId, search);
  const replicated = { ...sealedFacts(manifest, entry), ...replicationFacts(checked, expiresAt, outcome, search) };
  const facts: SnapshotItem = {
    ...replicated,
    expiresAt,
    ...commentOf(own?.comment, manifest.comment),
    updatedAt: laterOf(replicated.updatedAt, keptAt),
    // Begun and not ended: hidden from users, and the deletion can be gone on with.
    ...(deletion === null ? { deleting: false } : { deleting: true, updatedAt: deletion.requestedAt }),
  };
  if (problems.length === 0) return facts;
  return { ...facts, state: "failed", withheld: true, statusMessage: notOffered(problems) };
}

/** Names every copy that is missing or damaged. The sentences returned are those of objects that no side can give. */
function nameProblems(
  checked: readonly CheckedObject[],
  snapshotId: string,
  { place, findings }: SnapshotSearch,
): readonly string[] {
  const lost: string[] = [];
  for (const { entry, copies } of checked.toSorted((a, b) => (a.entry.key < b.entry.key ? -1 : 1))) {
    const serving = copies.find(({ state }) => state === "whole");
    const isAtPrimary = serving?.home.side === "primary";
    for (const { home, state, problem } of copies) {
      if (state === "whole") continue;
      // What the replica lacks while it is still being copied is no news: the snapshot says so itself.
      if (home.side === "replica" && isAtPrimary && state === "missing") continue;
      const served =
        serving === undefined ? "no other copy is whole" : `the copy in ${serving.home.bucket} is whole and serves`;
      findings.push({
        ...finding(state === "missing" ? "object-missing" : "object-damaged", place, snapshotId),
        bucket: home.bucket,
        key: entry.key,
        message: `The object ${entry.key} of snapshot ${snapshotId} ${problem} in ${home.bucket}; ${served}.`,
      });
    }
    if (serving !== undefined) continue;
    const where = copies.map((copy) => `${copy.problem} in ${copy.home.bucket}`).join(" and ");
    lost.push(`${entry.key} ${where}`);
  }
  return lost;
}

const notOffered = (problems: readonly string[]): string => {
  const more = problems.length > PROBLEMS_SHOWN ? `; and ${problems.length - PROBLEMS_SHOWN} more` : "";
  return `Not offered, because it is not whole: ${problems.slice(0, PROBLEMS_SHOWN).join("; ")}${more}. Restore another snapshot.`;
};

/**
 * When it was seen whole at the replica: the record's time, unless the replica turns out not to be whole. Without a record the
 * look that has just been taken counts, if everything stood there and was locked until the expiry.
 */
function replicationFacts(
  checked: readonly CheckedObject[],
  expiresAt: string,
  outcome: OutcomeRecord | undefined,
  { place, source }: SnapshotSearch,
): Partial<SnapshotItem> & Pick<SnapshotItem, "replicatedAt" | "replicationMessage"> {
  if (place.replication === "single-region")
    return { replicatedAt: null, replicationMessage: replicationMessageOf(place.replication) };
  const recorded = outcome?.state === "completed" ? outcome : undefined;
  const copies = checked.map((object) => wholeAt("replica", object));
  const isLookedAt = source.sides.some(({ side }) => side === "replica");
  const isWhole = copies.every((copy) => copy !== undefined);
  const isLocked = copies.every((copy) => (copy?.lockedUntil?.getTime() ?? 0) >= Date.parse(expiresAt));
  if (recorded !== undefined && (!isLookedAt || isWhole || recorded.replicatedAt === null)) {
    const { replicatedAt, replicationMessage, updatedAt } = recorded;
    return { replicatedAt, replicationMessage, updatedAt };
  }
  const isSeen = recorded === undefined && isWhole && isLocked;
  return { replicatedAt: isSeen ? secondsOf(source.now) : null, replicationMessage: "" };
}

const secondsOf = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
const finding = (code: FindingCode, { environmentId }: EnvironmentPlace, snapshotId: string) => ({
  code,
  environmentId,
  snapshotId,
  bucket: null,
  key: null,
});

/** `changed`: the record's, which has one once it has been changed. */
const commentOf = (changed: string | null | undefined, first: string): Pick<SnapshotItem, "comment" | "firstComment"> =>
  typeof changed === "string" ? { comment: changed, firstComment: first } : { comment: first };
