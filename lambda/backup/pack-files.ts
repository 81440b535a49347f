/**
 * Pack files, one shard, as far as the time goes: gives the packer its list, its base and its place to save. Safe to
 * repeat: the packer goes on from its last save. The database task runs the same function without limits.
 */
import type { PackedEntry } from "../catalog/items";
import { BaseIndexUnreadable } from "../pack/merge";
import { packShard, type PackShardInput } from "../pack/pack-shard";
import { S3FileSource } from "../pack/s3-file-source";
import { attemptLock } from "../rules/attempt-lock";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { giveUpBase, readBase } from "./base-manifest";
import { withPacks, withShares } from "./carried-shares";
import type { PackFilesInput, PackFilesOutput } from "./contract";
import { noteShardFailure } from "./note-shard-failure";
import { renewLocks } from "./renew-locks";
import { runningAttempt } from "./running-attempt";

export type PackCollaborators = Pick<
  Collaborators,
  "catalog" | "store" | "settings" | "clock" | "random" | "log" | "remainingMs"
>;

export async function packFiles(
  input: PackFilesInput,
  collaborators: PackCollaborators,
  limits: NonNullable<PackShardInput["limits"]> = {},
): Promise<PackFilesOutput> {
  if (input.error !== undefined) return noteShardFailure({ ...input, error: input.error }, collaborators);
  const { catalog, store, settings, clock, random, log, remainingMs } = collaborators;
  const { attemptId, snapshotId } = input.attempt;
  const { attempt, environment } = await runningAttempt(input.attempt, collaborators);
  const range = attempt.plan?.shards[input.shard];
  if (attempt.plan === null || attempt.dump === null || range === undefined) {
    throw new ServiceFailure(
      "PlanMissing",
      `The backup of environment ${attempt.environmentId} has no shard ${input.shard} in its plan; it is to be taken again.`,
      true,
    );
  }
  await renewLocks(attempt, collaborators);
  const progress = await catalog.getShard(attemptId, input.shard);
  if (progress?.done === true) return { outcome: "done" };
  try {
    const base = attempt.plan.useBase ? await baseOf() : null;
    const outcome = await packShard({
      store,
      bucket: settings.PRIMARY_BUCKET,
      place: environment,
      snapshotId,
      attemptId,
      lock: attemptLock(settings.LOCK_MODE, clock.now()),
      random,
      saveProgress: (saved) => catalog.putShard(attemptId, withShares(saved)),
      source: new S3FileSource(store, environment.registration.files),
      shard: input.shard,
      range,
      list: attempt.dump.listSegments,
      base,
      repack: attempt.plan.repack,
      progress: progress === undefined ? undefined : withPacks(progress, base?.packs ?? []),
      remainingMs,
      limits,
      log,
    });
    return { outcome };
  } catch (error) {
    if (!(error instanceof BaseIndexUnreadable)) throw error;
    await giveUpBase(attempt, error, collaborators);
    const message = `${error.message.replace(/\.$/, "")}; the next attempt packs all files anew.`;
    throw new ServiceFailure("BaseIndexUnreadable", message, true, { cause: error });
  }

  async function baseOf(): Promise<NonNullable<PackShardInput["base"]>> {
    const base = await readBase(attempt, collaborators);
    if (!base.usable)
      throw new BaseIndexUnreadable(base.problem ?? "The previous snapshot is no longer in the catalog.");
    const { index, packs } = base.manifest.files;
    return { parts: index, packs: packs.map((pack): PackedEntry => ({ ...pack, carriedOver: true })) };
  }
}
