/**
 * Merges the snapshot's file index with the target's listing, both in UTF-8 byte order: one pass, a page and one
 * index part in memory. Only reads. Plan and files step share it, so what is planned is what is put.
 */
import { isMissing } from "../pack/index-io";
import { compareKeys } from "../pack/key-order";
import type { IndexEntry, IndexLine } from "../snapshot/file-index";
import type { ListedObject } from "../storage/object-store";
import { mapInOrder } from "./concurrency";
import { compareListed, isKeyTooLong, listTarget, type TargetFiles, type TargetState } from "./target-files";

export interface Compared {
  readonly entry: IndexEntry;
  readonly state: TargetState | "too-long";
}

/** Files that are read at once to compare their bytes. */
const READS_AT_ONCE = 16;

/** Every file of `lines` with what stands at its key, in order. `after` is where `lines` begins. */
export async function* compareFiles(
  target: TargetFiles,
  lines: AsyncIterable<IndexLine>,
  after: string | null,
): AsyncGenerator<Compared> {
  yield* mapInOrder(matchListing(target, lines, after), READS_AT_ONCE, async ({ entry, listed }) => {
    if (isKeyTooLong(target, entry.key)) return { entry, state: "too-long" };
    return { entry, state: listed === undefined ? "absent" : await compareListed(target, entry, listed) };
  });
}

interface Match {
  readonly entry: IndexEntry;
  readonly listed: ListedObject | undefined;
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
