/** Writes an environment's list of files as segments, from its reference query or from listing its bucket. */
import type { Client } from "pg";
import type { ListSegment } from "../catalog/items";
import { hasImmutableKeys, type Registration } from "../catalog/registration";
import { type ListTarget, ListWriter } from "../pack/index-io";
import type { ListLine } from "../snapshot/file-index";
import type { ObjectStore } from "../storage/object-store";
import { listedFiles } from "./bucket-listing";
import { comparedByListing } from "./compare-by-listing";
import type { DatabaseLogin } from "./database-login";
import { referencedFiles } from "./reference-query";

const SEGMENT_LINES = 100_000;

export interface StoredList {
  readonly listSegments: readonly ListSegment[];
  readonly listCount: number;
}

/**
 * The environment's files, in key order, with what tells whether they have changed: a marker of the query, else what the
 * bucket's listing says, unless keys are promised to be never overwritten. `client` is in the transaction whose view of
 * the database counts.
 */
export const environmentFiles = (
  store: ObjectStore,
  client: Client,
  files: Registration["files"],
  login: DatabaseLogin,
): AsyncGenerator<ListLine> => {
  const { source } = files;
  if (source.kind === "listing") return listedFiles(store, files);
  const named = referencedFiles(client, source.query, login);
  return hasImmutableKeys(files) ? named : comparedByListing(store, files, named);
};

/** A failure, or `signal`, leaves only segments that are swept with their attempt or restore. */
export const storeList = async (
  store: ObjectStore,
  lines: AsyncIterable<ListLine>,
  target: Omit<ListTarget, "linesPerSegment">,
  signal: AbortSignal,
): Promise<StoredList> => {
  const writer = new ListWriter(store, { ...target, linesPerSegment: SEGMENT_LINES });
  try {
    for await (const line of lines) {
      signal.throwIfAborted();
      await writer.add(line);
    }
    const listSegments = await writer.finish();
    return { listSegments, listCount: listSegments.reduce((sum, segment) => sum + segment.lines, 0) };
  } catch (error) {
    await writer.abort().catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
};
