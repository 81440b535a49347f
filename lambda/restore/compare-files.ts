/**
 * Merges the snapshot's file index with the target's listing, both in UTF-8 byte order: one pass, a page and one
 * index part in memory. Only reads. Plan and files step share it, so what is planned is what is put.
 */
import { isMissing } from "../pack/index-io";
import { compareKeys } from "../pack/key-order";
import type { IndexEntry, IndexLine, ListLine } from "../snapshot/file-index";
import type { ListedObject } from "../storage/object-store";
import { mapInOrder } from "./concurrency";
import { compareBytes, isKeyTooLong, listTarget, type TargetFiles, type TargetState } from "./target-files";

export interface Compared {
  readonly entry: IndexEntry;
  readonly state: TargetState | "too-long";
  /** The ETag of a file that is the same and had to be read to tell. */
  readonly read?: string;
}

/** Files that are read at once to compare their bytes. */
const READS_AT_ONCE = 16;

/**
 * Every file of `lines` with what stands at its key, in order. `after` is where `lines` begins, and `known`: files that
 * were read before, with the ETags (as markers) that they had.
 */
export async function* compareFiles(
  target: TargetFiles,
  lines: AsyncIterable<IndexLine>,
  after: string | null,
  known: AsyncIterable<ListLine> = nothing(),
): AsyncGenerator<Compared> {
  const matches = matchKnown(matchListing(target, lines, after), known);
  yield* mapInOrder(matches, READS_AT_ONCE, async ({ entry, listed, etag }): Promise<Compared> => {
    if (isKeyTooLong(target, entry.key)) return { entry, state: "too-long" };
    if (listed === undefined) return { entry, state: "absent" };
    if (listed.etag === etag) return { entry, state: "same", read: etag };
    if (listed.size !== entry.size) return { entry, state: "other" };
    if (listed.etag === entry.etag) return { entry, state: "same" };
    const state = await compareBytes(target, entry);
    return state === "same" ? { entry, state, read: listed.etag } : { entry, state };
  });
}

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
