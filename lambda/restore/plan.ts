/**
 * Plan: judges the target's database as the task found it, the snapshot's objects and the target's files. It touches
 * nothing but the restore item, so a crash costs a repetition. `more` when one invocation is not enough to compare. A
 * restore that waits for warnings to be acknowledged gives lease and pin back and ends its execution like a plan.
 */
import { isoSeconds } from "../catalog/catalog";
import type { EnvironmentItem, FileComparison, RestorePlan, TargetPreflight } from "../catalog/items";
import type { InstancePlanFacts } from "../instance-swap/instance-rules";
import { lookAtInstances } from "../instance-swap/plan-instance";
import { ListWriter } from "../pack/index-io";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { isRecoveryPoint, type StoredObjectEntry } from "../snapshot/manifest";
import { restoreReadKey, restoreRecordsPrefix } from "../storage/object-keys";
import { HELD_PHASE, isHeld, isUntouched } from "./acknowledgement";
import type { RestoreOutput } from "./contract";
import { compareFiles, knowsAttributes } from "./compare-files";
import { mapInOrder } from "./concurrency";
import { recoveryOf } from "../rules/restore-regions";
import { estimatedSeconds } from "./estimate";
import { letGo } from "./let-go";
import { checkObject, openSnapshot, type OpenSnapshot } from "./open-snapshot";
import { judge, roomNeeded } from "./plan-rules";
import { heldSentence, refusalOf, wentOverSentence } from "./plan-sentences";
import { checkSnapshot } from "./request";
import {
  HAND_BACK_MS,
  isCommitted,
  loadEnvironment,
  loadRestore,
  output,
  placeOf,
  record,
  REFUSED_PHASE,
  requireLease,
} from "./restore-state";
import type { ReaderCollaborators } from "./snapshot-reader";
import { indexLines, nextListNumber } from "./stored-lines";
import { targetFiles } from "./target-files";
import { targetRoom, type RoomCollaborators } from "./target-room";

type DryRunCollaborators = ReaderCollaborators &
  RoomCollaborators &
  Pick<Collaborators, "catalog" | "clock" | "instances" | "recoveryPoints">;
type PlanCollaborators = DryRunCollaborators & Pick<Collaborators, "notifier" | "remainingMs">;

const HEADS_AT_ONCE = 16;
/** One is enough to refuse; a few help whoever looks into it. */
const DAMAGE_NAMED = 5;

export const plan = async (
  input: { readonly restoreId: string },
  collaborators: PlanCollaborators,
): Promise<RestoreOutput> => {
  const restore = await loadRestore(collaborators, input.restoreId);
  if (restore.state === "completed") return output(restore, "planned");
  if (isHeld(restore)) {
    await letGo(collaborators, restore);
    return output(restore, "planned", restore.statusMessage);
  }
  if (restore.planOnly !== true) await requireLease(collaborators, restore);
  if (isCommitted(restore)) return output(restore, "go");
  if (restore.preflight === null) {
    throw new ServiceFailure(
      "PreflightMissing",
      `Restore ${restore.restoreId} has no facts of its target's database.`,
      true,
    );
  }
  const target = await loadEnvironment(collaborators, restore.targetEnvironmentId);
  const snapshot = await openSnapshot(collaborators, restore);
  const comparison = restore.databaseOnly
    ? null
    : await compare(
        collaborators,
        snapshot,
        target,
        restore.comparison ?? null,
        collaborators.remainingMs,
        restore.planOnly === true ? undefined : await readLists(collaborators, target, restore.restoreId),
      );
  if (comparison?.done === false) {
    await record(collaborators, restore, { phase: "plan", comparison });
    return output(restore, "more");
  }
  const instance = await instanceOf(collaborators, snapshot, restore.sourceEnvironmentId, target, {
    restoreId: restore.restoreId,
    begun: restore.instances !== undefined && restore.instances !== null,
  });
  const planned = await conclude(collaborators, { snapshot, target, instance }, restore.preflight, comparison);
  await tellOfReplica(collaborators, snapshot);
  if (restore.planOnly === true) {
    await record(collaborators, restore, { plan: planned, comparison: null });
    return output(restore, "planned");
  }
  const held = heldSentence(planned, restore);
  if (held !== undefined && isUntouched(restore)) {
    const waiting = { state: "queued", phase: HELD_PHASE, statusMessage: held, leaseToken: null } as const;
    await letGo(collaborators, await record(collaborators, restore, { plan: planned, comparison: null, ...waiting }));
    return output(restore, "planned", held);
  }
  const refused = refusalOf(planned) ?? held;
  await record(collaborators, restore, {
    plan: planned,
    comparison: null,
    files: { ...restore.files, ...(comparison?.read === undefined ? {} : { read: comparison.read }) },
    phase: refused === undefined ? "files" : REFUSED_PHASE,
    statusMessage: refused ?? wentOverSentence(planned, restore),
  });
  return refused === undefined ? output(restore, "go") : output(restore, "refused", refused);
};

/** The plan of a restore that nobody has asked for yet: changes nothing at all, and may take minutes. */
export const dryRun = async (
  collaborators: DryRunCollaborators,
  wish: {
    readonly sourceEnvironmentId: string;
    readonly snapshotId: string;
    readonly targetEnvironmentId: string;
    readonly databaseOnly: boolean;
  },
  /** Null where nobody has looked at the target's database; the plan then says so. */
  preflight: TargetPreflight | null,
): Promise<RestorePlan> => {
  const { catalog, clock } = collaborators;
  const { sourceEnvironmentId, snapshotId } = wish;
  checkSnapshot(
    await catalog.getSnapshot(sourceEnvironmentId, snapshotId),
    sourceEnvironmentId,
    snapshotId,
    clock.now(),
  );
  const target = await loadEnvironment(collaborators, wish.targetEnvironmentId);
  const snapshot = await openSnapshot(collaborators, wish);
  const comparison = wish.databaseOnly ? null : await compare(collaborators, snapshot, target, null, () => Infinity);
  const instance = await instanceOf(collaborators, snapshot, sourceEnvironmentId, target, null);
  return conclude(collaborators, { snapshot, target, instance }, preflight, comparison);
};

/** Null where the database is a dump: it needs no instance of its own. */
const instanceOf = async (
  collaborators: DryRunCollaborators,
  { manifest }: OpenSnapshot,
  sourceEnvironmentId: string,
  target: EnvironmentItem,
  restore: Parameters<typeof lookAtInstances>[4],
): Promise<InstancePlanFacts | null> =>
  isRecoveryPoint(manifest.database)
    ? lookAtInstances(collaborators, manifest.database, sourceEnvironmentId, target, restore)
    : null;

const compare = async (
  collaborators: ReaderCollaborators,
  { manifest, reader }: OpenSnapshot,
  target: EnvironmentItem,
  from: FileComparison | null,
  remainingMs: () => number,
  /** Where what had to be read is noted; a plan alone is followed by no step that would want to know. */
  lists?: ListWriter,
): Promise<FileComparison> => {
  const files = targetFiles(collaborators.store, target.registration);
  const sums = { absent: 0, absentBytes: 0, present: 0, conflicts: 0, conflictBytes: 0, tooLong: 0, ...from };
  let after = from?.after ?? null;
  const upTo = async (done: boolean): Promise<FileComparison> => {
    const read = [...(from?.read ?? []), ...((await lists?.finish()) ?? [])];
    return { ...sums, part: 0, after, ...(read.length === 0 ? {} : { read }), done };
  };
  try {
    const compared = compareFiles(files, indexLines(reader, manifest.files.index, after), {
      after,
      attributes: knowsAttributes(manifest, target.registration),
    });
    for await (const { entry, state, read } of compared) {
      if (state === "same") sums.present++;
      if (read !== undefined) await lists?.add({ key: entry.key, marker: read });
      if (state === "too-long") sums.tooLong++;
      if (state === "absent") {
        sums.absent++;
        sums.absentBytes += entry.size;
      }
      if (state === "other") {
        sums.conflicts++;
        sums.conflictBytes += entry.size;
      }
      after = entry.key;
      if (remainingMs() < HAND_BACK_MS) return await upTo(false);
    }
    return await upTo(true);
  } catch (error) {
    await lists?.abort().catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
};

const readLists = async (
  { store, settings }: ReaderCollaborators,
  target: EnvironmentItem,
  restoreId: string,
): Promise<ListWriter> => {
  const bucket = settings.PRIMARY_BUCKET;
  const place = placeOf(target);
  const first = await nextListNumber(store, bucket, `${restoreRecordsPrefix(place, restoreId)}read/`);
  return new ListWriter(store, { bucket, keyOf: (segment) => restoreReadKey(place, restoreId, first + segment) });
};

const conclude = async (
  collaborators: RoomCollaborators & Pick<Collaborators, "clock" | "settings">,
  {
    snapshot,
    target,
    instance,
  }: {
    readonly snapshot: OpenSnapshot;
    readonly target: EnvironmentItem;
    readonly instance: InstancePlanFacts | null;
  },
  looked: TargetPreflight | null,
  comparison: FileComparison | null,
): Promise<RestorePlan> => {
  const { manifest } = snapshot;
  const room = looked === null ? null : await targetRoom(collaborators, target, looked);
  const preflight = looked === null ? null : { ...looked, freeBytes: room?.freeBytes ?? null };
  const damage = await damageOf(snapshot, comparison !== null);
  const filesToPut = comparison?.absent ?? 0;
  const bytesToPut = comparison?.absentBytes ?? 0;
  const filesToReplace = comparison?.conflicts ?? 0;
  const bytesToReplace = comparison?.conflictBytes ?? 0;
  return {
    at: isoSeconds(collaborators.clock.now()),
    ...judge({
      manifest,
      target,
      preflight,
      room,
      instance,
      comparison,
      damage,
      recovery: recoveryOf(collaborators.settings),
    }),
    filesToPut,
    bytesToPut,
    filesPresent: comparison?.present ?? 0,
    filesToReplace,
    bytesToReplace,
    ...(preflight?.filesToRemove === undefined ? {} : { filesToRemove: preflight.filesToRemove }),
    ...(comparison === null || preflight?.noOldFiles === undefined ? {} : { noOldFiles: preflight.noOldFiles }),
    databaseBytesNeeded: roomNeeded(manifest.database),
    databaseBytesFree: preflight?.freeBytes ?? null,
    estimatedSeconds: estimatedSeconds({
      dumpSize: isRecoveryPoint(manifest.database) ? 0 : manifest.database.dumpSize,
      filesToPut,
      bytesToPut,
      filesToReplace,
      bytesToReplace,
      filesToRemove: preflight?.filesToRemove ?? null,
      instance: instance !== null,
    }),
  };
};

/** The dump and the packs are looked at; the file index has been read and verified by the comparison. */
const damageOf = async ({ manifest, reader }: OpenSnapshot, withFiles: boolean): Promise<string[]> => {
  async function* objects(): AsyncGenerator<StoredObjectEntry> {
    if (!isRecoveryPoint(manifest.database)) yield manifest.database;
    if (withFiles) yield* manifest.files.packs;
  }
  const found: string[] = [];
  const checks = mapInOrder(objects(), HEADS_AT_ONCE, (entry) => checkObject(reader, entry).catch(damageOnly));
  for await (const failure of checks) {
    if (failure !== undefined) found.push(failure.message);
    if (found.length === DAMAGE_NAMED) break;
  }
  return found;
};

const damageOnly = (error: unknown): ServiceFailure => {
  if (error instanceof ServiceFailure && error.code === "SnapshotDamaged") return error;
  throw error;
};

const tellOfReplica = async (
  { notifier }: Pick<Collaborators, "notifier">,
  { snapshot, reader }: OpenSnapshot,
): Promise<void> => {
  if (reader.fromReplica.size === 0) return;
  const [first] = reader.fromReplica;
  await notifier.tell(
    "Objects of a snapshot are unreadable in the primary region",
    `${reader.fromReplica.size} objects of snapshot ${snapshot.snapshotId} of environment ${snapshot.environmentId} can't be ` +
      `read in the primary bucket and a restore reads their replicas, such as ${first?.[0]} (${first?.[1]})`,
  );
};
