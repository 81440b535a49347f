/**
 * The second pass over an upload that has been examined: stores its dump, its files in packs, and the file index. A
 * failure leaves objects that nothing names, until their lock ends.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Attempt, EnvironmentItem } from "../catalog/items";
import { storeDump, type StoredDump } from "../pack/dump-segment";
import { IndexPartWriter } from "../pack/index-io";
import { DEFAULT_LIMITS } from "../pack/pack-limits";
import { PackWriter } from "../pack/pack-writer";
import { attemptLock } from "../rules/attempt-lock";
import type { IndexEntry } from "../snapshot/file-index";
import type { IndexPartEntry, PackEntry } from "../snapshot/manifest";
import { databaseKey, fileIndexKey } from "../storage/object-keys";
import { ObjectUpload } from "../storage/object-upload";
import { readUpload, type StoredUpload } from "../upload/read-upload";
import { SegmentWindow } from "../upload/segment-window";
import { SortedRuns } from "../upload/sorted-runs";
import { runName } from "./run-name";
import type { TaskContext } from "./task-context";

export interface StoredContents {
  readonly dump: StoredDump;
  readonly parts: readonly IndexPartEntry[];
  readonly packs: readonly PackEntry[];
}
interface Owner {
  readonly attempt: Pick<Attempt, "snapshotId" | "attemptId">;
  readonly environment: Pick<EnvironmentItem, "environmentId" | "replication">;
}
type StoreContext = Pick<TaskContext, "store" | "settings" | "clock" | "random" | "signal">;

export const storeUpload = async (
  context: StoreContext,
  { attempt, environment }: Owner,
  upload: StoredUpload,
  folder: string,
): Promise<StoredContents> => {
  const { store, settings, random, signal } = context;
  const place = { replication: environment.replication, environmentId: environment.environmentId };
  const bucket = settings.PRIMARY_BUCKET;
  const { snapshotId, attemptId } = attempt;
  const run = runName(random);
  // Half a day at most, the task's own limit: what is written first is still locked at the seal.
  const lock = () => attemptLock(settings.LOCK_MODE, context.clock.now());
  const own = join(folder, "index");
  await mkdir(own);
  const index = new SortedRuns<IndexEntry>(own);
  const window = new SegmentWindow(folder, {
    newPack: () =>
      new PackWriter(store, { bucket, place, lock: lock(), packId: Buffer.from(random(12)).toString("hex") }),
    onEntry: (entry) => index.add(entry),
  });
  let dump: StoredDump | undefined;
  try {
    await readUpload(
      upload,
      {
        metadata: () => undefined,
        dump: async (content) => {
          const key = databaseKey(place, snapshotId, attemptId, run);
          const object = { bucket, key, lock: lock(), contentType: "application/gzip" };
          dump = await storeDump(content, new ObjectUpload(store, object));
        },
        file: (key, size, content) => window.add(key, size, content),
      },
      signal,
    );
    if (dump === undefined) throw new Error("The upload changed between being examined and being stored.");
    const packs = await window.finish();
    const partKey = (part: number) => fileIndexKey(place, snapshotId, attemptId, 0, part, run);
    const parts = await storeIndex(
      index,
      (part) => new IndexPartWriter(store, { bucket, key: partKey(part), lock: lock() }),
    );
    return { dump, parts, packs };
  } finally {
    await window.close();
  }
};

const storeIndex = async (
  index: SortedRuns<IndexEntry>,
  newPart: (part: number) => IndexPartWriter,
): Promise<IndexPartEntry[]> => {
  const parts: IndexPartEntry[] = [];
  let open: IndexPartWriter | undefined;
  try {
    for await (const entry of index.sorted()) {
      if (open !== undefined && open.lines >= DEFAULT_LIMITS.partLines) {
        parts.push(await open.finish());
        open = undefined;
      }
      open ??= newPart(parts.length);
      await open.add(entry);
    }
    if (open !== undefined) parts.push(await open.finish());
    return parts;
  } catch (error) {
    await open?.abort().catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
};
