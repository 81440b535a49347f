/**
 * Plays the backup workflow in-process, with every real module but the database task: the fake dump writes list
 * segments and a small dump as the task does. Failures go to Fail as Step Functions would send them.
 */
import { beginBackup } from "../../lambda/backup/begin-backup";
import type { AttemptRef, BackupRequest, FailOutput, SealOutput } from "../../lambda/backup/contract";
import { failBackup } from "../../lambda/backup/fail-backup";
import { findManifest } from "../../lambda/backup/committed-manifest";
import { packFiles } from "../../lambda/backup/pack-files";
import { planFiles } from "../../lambda/backup/plan-files";
import { sealSnapshot } from "../../lambda/backup/seal-snapshot";
import { nightlySnapshotId } from "../../lambda/backup/snapshot-ids";
import { backupExecutionName } from "../../lambda/backup/contract";
import { queueBackup } from "../../lambda/backup/queue-backup";
import type { IndexEntry, ListLine } from "../../lambda/snapshot/file-index";
import type { Manifest } from "../../lambda/snapshot/manifest";
import { storeDump } from "../../lambda/pack/dump-segment";
import { flat, isMissing, ListWriter, readIndex } from "../../lambda/pack/index-io";
import { compareKeys } from "../../lambda/pack/key-order";
import { readSmallFile } from "../../lambda/pack/read-segment";
import { attemptLock } from "../../lambda/rules/attempt-lock";
import { tierOfNight } from "../../lambda/rules/tier";
import { databaseKey, fileListKey } from "../../lambda/storage/object-keys";
import { ObjectUpload } from "../../lambda/storage/object-upload";
import { FILES_BUCKET, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { executionArn } from "./environment-fixture";
import { smallDump } from "../upload/dump-maker";

export const ENVIRONMENT = "shop-production";
/** What the database names, and so what the dump lists. */
export type Listed = readonly (string | ListLine)[];

export const nightRequest = (night: string, attempt = 1, environmentId = ENVIRONMENT): BackupRequest => ({
  environmentId,
  snapshotId: nightlySnapshotId(environmentId, night),
  trigger: "nightly",
  tier: tierOfNight(night),
  night,
  attempt,
  createdBy: "Nightly",
  comment: "",
  requestedAt: `${night}T00:00:00Z`,
});

export async function putFile(
  collaborators: FakeCollaborators,
  key: string,
  content: string | Uint8Array,
): Promise<void> {
  await collaborators.store.put({ bucket: FILES_BUCKET, key, body: Buffer.from(content) });
}
export const deleteFile = (collaborators: FakeCollaborators, key: string): Promise<unknown> =>
  collaborators.store.deleteBatch(FILES_BUCKET, [{ key }]);

/** What the database task's `dump` does. Repeatable. */
export async function fakeDump(collaborators: FakeCollaborators, ref: AttemptRef, listed: Listed): Promise<void> {
  const { catalog, store, settings, clock } = collaborators;
  const environment = await catalog.getEnvironment(ref.environmentId);
  const attempt = await catalog.getAttempt(ref.attemptId);
  if (environment === undefined || attempt === undefined) throw new Error("No such attempt.");
  if (attempt.dump !== null) return;
  const bucket = settings.PRIMARY_BUCKET;
  const lock = attemptLock(settings.LOCK_MODE, clock.now());
  const run = Buffer.from(collaborators.random(4)).toString("hex");
  const upload = new ObjectUpload(store, {
    bucket,
    key: databaseKey(environment, ref.snapshotId, ref.attemptId, run),
    lock,
  });
  const dump = await storeDump(
    (async function* () {
      yield smallDump([], [Buffer.from(`of ${ref.snapshotId}\n`)]);
    })(),
    upload,
  );
  const writer = new ListWriter(store, {
    bucket,
    keyOf: (segment) => fileListKey(environment, ref.snapshotId, ref.attemptId, segment, run),
    lock,
  });
  const lines = listed
    .map((line): ListLine => (typeof line === "string" ? { key: line } : line))
    .toSorted((a, b) => compareKeys(a.key, b.key));
  for (const line of lines) await writer.add(line);
  await catalog.updateAttempt(ref.attemptId, {
    dump: {
      database: {
        ...dump,
        databaseSize: 1_000_000,
        serverVersion: "15.8",
        dumpVersion: "15.8",
        privileges: true,
        encoding: "UTF8",
        collate: "C",
        ctype: "C",
        extensions: [],
        policyRoles: [],
      },
      listSegments: await writer.finish(),
      listCount: lines.length,
      warnings: [],
    },
  });
}

export type Played =
  | { readonly outcome: "sealed"; readonly sealed: SealOutput }
  | { readonly outcome: "failed"; readonly failed: FailOutput; readonly error: unknown }
  | { readonly outcome: "busy" | "skip"; readonly reason: string };

export interface Play {
  readonly listed: Listed;
  /** Runs instead of the fake dump: a task that fails leaves its sentence in the attempt. */
  readonly dump?: (collaborators: FakeCollaborators, ref: AttemptRef, listed: Listed) => Promise<void>;
  /** Runs before a step, to interfere. */
  readonly before?: (step: "dump" | "plan" | "pack" | "seal", ref: AttemptRef) => void | Promise<void>;
  /** Around each call of a function, as Step Functions retries them. */
  readonly call?: <T>(run: () => Promise<T>) => Promise<T>;
  /** The execution ends where it is: Fail never runs. */
  readonly withoutFail?: boolean;
}

/** From Begin to Done or Fail; the snapshot is queued already. */
export async function playExecution(
  collaborators: FakeCollaborators,
  request: BackupRequest,
  { listed, dump = fakeDump, before, call = (run) => run(), withoutFail = false }: Play,
): Promise<Played> {
  const arn = executionArn(backupExecutionName(request));
  try {
    const begun = await call(() => beginBackup({ executionArn: arn, request }, collaborators));
    if (begun.outcome !== "begun") return begun;
    const { attempt } = begun;
    await before?.("dump", attempt);
    await call(() => dump(collaborators, attempt, listed));
    await before?.("plan", attempt);
    const planned = await call(() => planFiles({ attempt }, collaborators));
    if (planned.outcome === "busy") throw new Error(planned.reason);
    const { shards } = planned;
    await before?.("pack", attempt);
    for (const shard of shards) {
      let rounds = 0;
      while ((await call(() => packFiles({ attempt, shard }, collaborators))).outcome !== "done")
        if (++rounds > 1000) throw new Error("Packing does not end.");
    }
    await before?.("seal", attempt);
    const sealed = await call(() => sealSnapshot({ attempt }, collaborators));
    return { outcome: "sealed", sealed };
  } catch (error) {
    if (withoutFail) throw error;
    const failed = await call(() =>
      failBackup({ executionArn: arn, request, error: asStepFunctions(error) }, collaborators),
    );
    return failed.sealed
      ? { outcome: "sealed", sealed: { ...request, replicated: true } }
      : { outcome: "failed", failed, error };
  } finally {
    collaborators.workflows.ended.add(arn);
  }
}

/** A task's failure reaches Step Functions without its words. */
export class TaskFailed extends Error {}

export function asStepFunctions(error: unknown): { Error: string; Cause: string } {
  if (error instanceof TaskFailed) {
    return {
      Error: "States.TaskFailed",
      Cause: JSON.stringify({ StoppedReason: "Essential container in task exited", Containers: [{ ExitCode: 1 }] }),
    };
  }
  const { name, message, stack } = error as Error;
  return { Error: name, Cause: JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split("\n") }) };
}

/** Queues a night's backup and plays it. */
export async function playNight(collaborators: FakeCollaborators, night: string, play: Play): Promise<Played> {
  const request = nightRequest(night);
  if (collaborators.clock.now() < new Date(`${night}T00:10:00Z`)) collaborators.clock.set(`${night}T00:10:00Z`);
  await queueBackup(request, { modelVersion: "1.2.3" }, collaborators);
  return playExecution(collaborators, request, play);
}

export async function manifestOfNight(collaborators: FakeCollaborators, night: string): Promise<Manifest> {
  const environment = await collaborators.catalog.getEnvironment(ENVIRONMENT);
  if (environment === undefined) throw new Error("No environment.");
  const found = await findManifest(environment, nightlySnapshotId(ENVIRONMENT, night), collaborators);
  if (found === undefined) throw new Error(`No manifest of ${night}.`);
  return found.manifest;
}

/** Every file of a snapshot, read back from its packs; missing ones are null. */
export async function filesOf(
  collaborators: FakeCollaborators,
  manifest: Manifest,
): Promise<Map<string, string | null>> {
  const files = new Map<string, string | null>();
  const packs = new Map(manifest.files.packs.map((pack) => [pack.packId, pack]));
  for await (const line of flat(readIndex(collaborators.store, PRIMARY_BUCKET, manifest.files.index))) {
    files.set(line.key, isMissing(line) ? null : (await contentOf(line)).toString());
  }
  return files;

  function contentOf(entry: IndexEntry): Promise<Buffer> {
    const pack = packs.get(entry.pack);
    if (pack === undefined) throw new Error(`The manifest lacks pack ${entry.pack}.`);
    return readSmallFile(collaborators.store, { bucket: PRIMARY_BUCKET, pack }, entry);
  }
}

export const keyOf = (number: number): string => `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`;
