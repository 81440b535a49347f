/**
 * Files: every file of the snapshot is put at the drill's scratch prefix, exactly as a restore puts it, and read back:
 * SHA-256 and attributes are those of what stands there. How far it has come is recorded after each batch; a call that is cut off
 * does its batch again and finds standing what it had put. What can't be restored is a problem, and ends the step.
 */
import { isoSeconds } from "../catalog/catalog";
import type { DrillItem } from "../catalog/drills";
import { isMissing } from "../pack/index-io";
import { mapInOrder } from "../restore/concurrency";
import { FilePutter } from "../restore/file-putter";
import { openSnapshot, type OpenSnapshot } from "../restore/open-snapshot";
import { indexLines } from "../restore/stored-lines";
import { isKeyTooLong, type TargetFiles } from "../restore/target-files";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { IndexEntry } from "../snapshot/file-index";
import { drillPrefix } from "../storage/object-keys";
import type { DrillFilesInput, DrillOutput } from "./contract";
import { unlikeRestored } from "./read-back";
import {
  HAND_BACK_MS,
  isOfTheSnapshot,
  openDrill,
  output,
  record,
  requireDrillLease,
  secondsBetween,
  withProblems,
} from "./drill-state";

type FilesCollaborators = Pick<
  Collaborators,
  "settings" | "catalog" | "store" | "replicaStore" | "formerReplicas" | "clock" | "log" | "remainingMs"
>;
type OpenedDrill = Awaited<ReturnType<typeof openDrill>>;

const BATCH_FILES = 500;
const BATCH_BYTES = 512 * 1024 ** 2;
const READS_AT_ONCE = 16;
/** What a slow stream of one large file still manages, there and back: by it we judge whether there is time to begin. */
const SLOWEST_BYTES_PER_MS = 15_000;
/** Nothing at the scratch prefix may grow old: what is older than a day is taken for left behind. */
const LONGEST_SECONDS = 20 * 3600;

export const checkFiles = async (
  { environmentId, drillId }: DrillFilesInput,
  collaborators: FilesCollaborators,
): Promise<DrillOutput> => {
  let drill = await openDrill(collaborators, environmentId, drillId);
  if (drill.files.done) return output("done");
  requireTime(drill, collaborators.clock.now());
  if (drill.files.startedAt === null)
    drill = await record(collaborators, drill, {
      files: { ...drill.files, startedAt: isoSeconds(collaborators.clock.now()) },
    });
  try {
    const opened = await openSnapshot(collaborators, {
      sourceEnvironmentId: environmentId,
      snapshotId: drill.snapshotId,
    });
    return await new FilesCheck(collaborators, opened, drill).run();
  } catch (error) {
    if (!isOfTheSnapshot(error)) throw error;
    await recordDone(collaborators, drill, [error.message]);
    return output("done");
  }
};

class FilesCheck {
  private readonly target: TargetFiles;
  private readonly putter: FilePutter;
  private begun = false;

  constructor(
    private readonly collaborators: FilesCollaborators,
    private readonly opened: OpenSnapshot,
    private drill: OpenedDrill,
  ) {
    const { store, settings } = collaborators;
    const { drillId, startedAt } = drill;
    this.target = { store, bucket: settings.TRANSFER_BUCKET, prefix: drillPrefix(drillId) };
    this.putter = new FilePutter({
      reader: opened.reader,
      packs: new Map(opened.manifest.files.packs.map((pack) => [pack.packId, pack])),
      target: this.target,
      firstRecordAt: async () => new Date(startedAt ?? 0),
      scratch: true,
    });
  }

  async run(): Promise<DrillOutput> {
    const { reader, manifest } = this.opened;
    let batch: IndexEntry[] = [];
    let bytes = 0;
    for await (const line of indexLines(reader, manifest.files.index, this.drill.files.after)) {
      if (isMissing(line)) continue;
      if (isKeyTooLong(this.target, line.key)) throw tooLong(line);
      batch.push(line);
      bytes += line.size;
      if (batch.length < BATCH_FILES && bytes < BATCH_BYTES) continue;
      if (!(await this.flush(batch)) || !this.hasTime()) return output("more");
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0 && !(await this.flush(batch))) return output("more");
    await recordDone(this.collaborators, this.drill, []);
    return output("done");
  }

  /** False when the time is up before all of them are put: the next call does the batch again. */
  private async flush(batch: readonly IndexEntry[]): Promise<boolean> {
    await requireDrillLease(this.collaborators, this.drill.leaseToken);
    if (!(await this.putter.putAll(batch, (bytes) => this.mayBegin(bytes)))) return false;
    const found = await this.readBack(batch);
    const { files } = this.drill;
    this.drill = await record(this.collaborators, this.drill, {
      files: {
        ...files,
        after: batch.at(-1)?.key ?? files.after,
        checked: files.checked + batch.length,
        bytes: files.bytes + batch.reduce((sum, { size }) => sum + size, 0),
      },
      ...withProblems(this.drill, [...found, ...this.fromReplica()]),
    });
    return true;
  }

  private async readBack(batch: readonly IndexEntry[]): Promise<readonly string[]> {
    async function* each() {
      yield* batch;
    }
    const found: string[] = [];
    for await (const problem of mapInOrder(each(), READS_AT_ONCE, async (entry) => {
      const given = await unlikeRestored(this.target, entry);
      return given === undefined
        ? undefined
        : `The file ${JSON.stringify(entry.key)} was restored, and reading it back gave ${given}.`;
    }))
      if (problem !== undefined) found.push(problem);
    return found;
  }

  /** The restore went on from the replica, but its own region must be able to do without (I1). */
  private fromReplica(): readonly string[] {
    const { fromReplica } = this.opened.reader;
    const found = [...fromReplica].map(([key, reason]) => fromReplicaSentence(key, reason));
    const known = new Set(this.drill.problems);
    return found.filter((sentence) => !known.has(sentence));
  }

  private hasTime(): boolean {
    return this.collaborators.remainingMs() >= HAND_BACK_MS;
  }

  /** The first work of a call is always begun, so that every call gets on. */
  private mayBegin(bytes: number): boolean {
    const may = !this.begun || this.collaborators.remainingMs() >= HAND_BACK_MS + bytes / SLOWEST_BYTES_PER_MS;
    this.begun = true;
    return may;
  }
}

export const fromReplicaSentence = (key: string, reason: string): string =>
  `The object ${key} can't be read in the primary bucket, and its replica was read instead: ${reason}`;

const recordDone = async (
  collaborators: FilesCollaborators,
  drill: OpenedDrill,
  found: readonly string[],
): Promise<void> => {
  const now = collaborators.clock.now();
  const standing = (await collaborators.catalog.getDrill(drill.environmentId, drill.drillId)) ?? drill;
  const { files, seconds, startedAt } = standing;
  await record(collaborators, standing, {
    files: { ...files, done: true },
    seconds: {
      ...seconds,
      files: secondsBetween(files.startedAt ?? isoSeconds(now), now),
      total: secondsBetween(startedAt ?? isoSeconds(now), now),
    },
    ...withProblems(standing, found),
  });
};

const requireTime = ({ startedAt }: DrillItem, now: Date): void => {
  if (startedAt === null || secondsBetween(startedAt, now) < LONGEST_SECONDS) return;
  throw new ServiceFailure(
    "DrillTooLong",
    `The drill has not restored the snapshot within ${LONGEST_SECONDS / 3600} hours: lower the drill target's limits, or look at what takes the time.`,
    false,
  );
};

const tooLong = ({ key }: IndexEntry): ServiceFailure =>
  new ServiceFailure(
    "FileKeyTooLong",
    `The file ${JSON.stringify(key)} has a key that is too long for S3 under the drill's scratch prefix: this snapshot can't be drilled.`,
    false,
  );
