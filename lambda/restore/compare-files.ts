/**
 * Merges the snapshot's file index with the target's listing, both in UTF-8 byte order: one pass, a page and one
 * index part in memory. Only reads. Plan and files step share it, so what is planned is what is put.
 */
import { isMissing } from "../pack/index-io";
import { listedMarker } from "../pack/listed-marker";
import { compareKeys } from "../pack/key-order";
import type { Manifest } from "../snapshot/manifest";
import { hasImmutableKeys, type Registration } from "../catalog/registration";
import type { IndexEntry, IndexLine, ListLine } from "../snapshot/file-index";
import type { ListedObject } from "../storage/object-store";
import { mapInOrder } from "./concurrency";
import {
  compareAttributes,
  compareBytes,
  isKeyTooLong,
  listTarget,
  type TargetFiles,
  type TargetState,
} from "./target-files";

export interface Compared {
  readonly entry: IndexEntry;
  readonly state: TargetState | "too-long";
  /** Of another file that stands there, as it was listed. */
  readonly size?: number;
  /** The ETag of a file that is the same and had to be read, or looked at, to tell. */
  readonly read?: string;
}

/** Files that are read at once to compare their bytes. */
const READS_AT_ONCE = 16;

export interface Comparison {
  /** Where the lines begin. */
  readonly after: string | null;
  /** A file with the same bytes and other attributes counts as another. */
  readonly attributes: boolean;
  /** Files that were read before, with the ETags (as markers) that they had. */
  readonly known?: AsyncIterable<ListLine>;
}

/** Every file of `lines` with what stands at its key, in order. */
export async function* compareFiles(
  target: TargetFiles,
  lines: AsyncIterable<IndexLine>,
  { after, attributes, known = nothing() }: Comparison,
): AsyncGenerator<Compared> {
  const matches = matchKnown(matchListing(target, lines, after), known);
  yield* mapInOrder(matches, READS_AT_ONCE, async ({ entry, listed, etag }): Promise<Compared> => {
    if (isKeyTooLong(target, entry.key)) return { entry, state: "too-long" };
    if (listed === undefined) return { entry, state: "absent" };
    if (listed.etag === etag) return { entry, state: "same", read: etag };
    const { size } = listed;
    if (size !== entry.size) return { entry, state: "other", size };
    const sameBytes = listed.etag === entry.etag;
    if (sameBytes && (!attributes || entry.marker === listedMarker(listed))) return { entry, state: "same" };
    const state = await (sameBytes ? compareAttributes(target, entry) : compareBytes(target, entry, attributes));
    return state === "same" ? { entry, state, read: listed.etag } : { entry, state, size };
  });
}

/** Whether the snapshot knows its files' attributes: uploads don't, nor do snapshots from before attributes were kept. */
export const tellsAttributes = ({ consistency, files }: Manifest): boolean =>
  consistency !== "uploaded" && files.index.every((part) => part.attributes === true);

/**
 * Whether a file's attributes are compared: not where the snapshot doesn't know them, and not where keys are promised
 * never to be overwritten, so that what has a file's key has all that is the file's.
 */
export const knowsAttributes = (manifest: Manifest, target: Registration): boolean =>
  tellsAttributes(manifest) && !hasImmutableKeys(target.files);

interface Match {
  readonly entry: IndexEntry;
  readonly listed: ListedObject | undefined;
}

async function* nothing(): AsyncGenerator<ListLine> {}

async function* matchKnown(
  matches: AsyncIterable<Match>,
  known: AsyncIterable<ListLine>,
): AsyncGenerator<Match & { readonly etag: string | undefined }> {
  const lines = known[Symbol.asyncIterator]();
  let line = (await lines.next()).value as ListLine | undefined;
  for await (const match of matches) {
    while (line !== undefined && compareKeys(line.key, match.entry.key) < 0)
      line = (await lines.next()).value as ListLine | undefined;
    yield { ...match, etag: line?.key === match.entry.key ? line.marker : undefined };
  }
}

async function* matchListing(
  target: TargetFiles,
  lines: AsyncIterable<IndexLine>,
  after: string | null,
): AsyncGenerator<Match> {
  const listing = listTarget(target, after);
  let listed: ListedObject | undefined;
  let begun = false;
  for await (const line of lines) {
    if (isMissing(line)) continue;
    while (!begun || (listed !== undefined && compareKeys(listed.key, line.key) < 0)) {
      begun = true;
      listed = (await listing.next()).value ?? undefined;
    }
    yield { entry: line, listed: listed?.key === line.key ? listed : undefined };
  }
}
