/**
 * Plan files: takes a place among the region's, or says that none is free. Then one streaming pass over tonight's list
 * and the base's index counts what there is to do, cuts the key space into shards by it, and chooses the packs to
 * rewrite. Writes nothing but the plan, in the attempt; a repeated call finds it there. A base that can't be used costs a
 * warning and packing everything anew; files for which there is no room in a plan are refused.
 */
import type { Attempt, PackPlan } from "../catalog/items";
import { readIndex, readList } from "../pack/index-io";
import { BaseIndexUnreadable, mergeWithBase } from "../pack/merge";
import { FIRST_SHARD, NIGHTLY_SHARD, ShardPlanner } from "../pack/plan-shards";
import { choosePacksToRepack } from "../pack/repack";
import { MOST_PLACES } from "../places/contract";
import { growPlaces, takePlace } from "../places/places";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { SnapshotWarning } from "../snapshot/warnings";
import type { Manifest } from "../snapshot/manifest";
import { readBase } from "./base-manifest";
import { MOST_SHARDS, type PlanFilesInput, type PlanFilesOutput } from "./contract";
import { renewLocks } from "./renew-locks";
import { runningAttempt } from "./running-attempt";
import { tellPlace, waitsForPlace } from "./tell-place";

type PlanCollaborators = Pick<
  Collaborators,
  "catalog" | "store" | "settings" | "log" | "workflows" | "clock" | "random"
>;
type ReadCollaborators = Pick<PlanCollaborators, "catalog" | "store" | "settings" | "log">;
type ListSegments = NonNullable<Attempt["dump"]>["listSegments"];

/** Of an item's 400 KB; the rest of an attempt is small. */
const LARGEST_PLAN_BYTES = 350_000;

/** `places`: of the region. */
export async function planFiles(
  input: PlanFilesInput,
  collaborators: PlanCollaborators,
  places = MOST_PLACES,
): Promise<PlanFilesOutput> {
  const { attempt } = await runningAttempt(input.attempt, collaborators);
  // Hours may pass here, in which nobody else renews what has been stored.
  await renewLocks(attempt, collaborators);
  const wish = { executionArn: attempt.executionArn, limit: places };
  const place = await takePlace(wish, collaborators);
  await tellPlace(attempt, place, places, collaborators);
  if (place.outcome === "waiting") return { outcome: "busy", reason: waitsForPlace(place, places) };
  const plan = attempt.plan ?? requireRoom(attempt, await makePlan(attempt, collaborators));
  if (attempt.plan === null) await collaborators.catalog.updateAttempt(attempt.attemptId, { plan });
  const shards = plan.shards.map((_, shard) => shard);
  const wanted = Math.min(shards.length, MOST_PLACES);
  return { outcome: "planned", shards, places: await growPlaces(wish, wanted, collaborators) };
}

/** An item of the catalog, and the map's input, would be refused with less to go by. */
function requireRoom({ environmentId }: Attempt, plan: PackPlan): PackPlan {
  const shards = plan.shards.length;
  if (shards <= MOST_SHARDS && Buffer.byteLength(JSON.stringify(plan)) <= LARGEST_PLAN_BYTES) return plan;
  throw new ServiceFailure(
    "TooManyFiles",
    `The files of environment ${environmentId} come to ${shards.toLocaleString("en")} shards, and a backup's plan has no room for them: register the environment with fewer files, or divide it.`,
    false,
  );
}

async function makePlan(attempt: Attempt, collaborators: ReadCollaborators): Promise<PackPlan> {
  if (attempt.dump === null) {
    throw new ServiceFailure(
      "DumpMissing",
      `The database dump of environment ${attempt.environmentId} is not recorded; the backup is to be taken again.`,
      true,
    );
  }
  const list = attempt.dump.listSegments;
  const base = await readBase(attempt, collaborators);
  let problem = base.usable ? null : base.problem;
  if (base.usable) {
    try {
      return await planOnBase(list, base.manifest, collaborators);
    } catch (error) {
      if (!(error instanceof BaseIndexUnreadable)) throw error;
      problem = error.message;
    }
  }
  const warnings = problem === null ? [] : [packedAnew(problem)];
  if (problem !== null)
    collaborators.log.warn("The base can't be used; all files are packed anew.", {
      attemptId: attempt.attemptId,
      problem,
    });
  return { shards: await planAnew(list, collaborators), repack: [], useBase: false, warnings };
}

async function planOnBase(
  list: ListSegments,
  { files }: Manifest,
  collaborators: ReadCollaborators,
): Promise<PackPlan> {
  const liveBytes = new Map(files.packs.map((pack) => [pack.packId, 0]));
  const planner = new ShardPlanner(NIGHTLY_SHARD);
  for await (const step of steps(list, files, collaborators)) {
    if (step.kind === "gone") continue;
    planner.add({ key: step.line.key, work: step.kind === "changed", bytes: step.line.size ?? 0 });
    if (step.kind === "changed") continue;
    const live = liveBytes.get(step.entry.pack);
    if (live === undefined) {
      throw new BaseIndexUnreadable(
        `The previous snapshot's file index can't be used: it places "${step.entry.key}" in the pack "${step.entry.pack}", which its manifest lacks.`,
      );
    }
    liveBytes.set(step.entry.pack, live + step.entry.length);
  }
  // Packs without a live file are left behind, not rewritten.
  const live = files.packs
    .map((pack) => ({ ...pack, liveBytes: liveBytes.get(pack.packId) ?? 0 }))
    .filter((pack) => pack.liveBytes > 0);
  const repack = choosePacksToRepack(live);
  const shards =
    repack.length === 0 ? planner.finish() : await planWithCopies(list, files, new Set(repack), collaborators);
  return { shards, repack, useBase: true, warnings: [] };
}

/** A second pass, on the few nights on which packs are rewritten: their live files are work too. */
async function planWithCopies(
  list: ListSegments,
  files: Manifest["files"],
  repack: ReadonlySet<string>,
  collaborators: ReadCollaborators,
): Promise<PackPlan["shards"]> {
  const planner = new ShardPlanner(NIGHTLY_SHARD);
  for await (const step of steps(list, files, collaborators)) {
    if (step.kind === "gone") continue;
    const copied = step.kind === "unchanged" && repack.has(step.entry.pack);
    const bytes = copied ? step.entry.length : (step.line.size ?? 0);
    planner.add({ key: step.line.key, work: copied || step.kind === "changed", bytes });
  }
  return planner.finish();
}

async function planAnew(list: ListSegments, { store, settings }: ReadCollaborators): Promise<PackPlan["shards"]> {
  const planner = new ShardPlanner(FIRST_SHARD);
  for await (const batch of readList(store, settings.PRIMARY_BUCKET, list)) {
    for (const line of batch) planner.add({ key: line.key, work: true, bytes: line.size ?? 0 });
  }
  return planner.finish();
}

async function* steps(list: ListSegments, { index }: Manifest["files"], { store, settings }: ReadCollaborators) {
  const bucket = settings.PRIMARY_BUCKET;
  for await (const batch of mergeWithBase(readList(store, bucket, list), readIndex(store, bucket, index))) yield* batch;
}

const packedAnew = (problem: string): SnapshotWarning => ({
  code: "PackedAnew",
  message: `${problem.replace(/\.$/, "")}; all files were packed anew.`,
});
