/**
 * The list of what is deleted, with reasons, in the order in which it goes: manifests, then data, then records. Every
 * deletion names one version. What is left for later says from when on it is looked at again. Pure.
 */
import { isExpired } from "../rules/retention-calendar";
import { ATTEMPT_LOCK_HOURS } from "../rules/attempt-lock";
import { RESTORE_DAYS } from "../restore/request";
import type { Evidence } from "./evidence";
import type { FoundVersion, Side } from "./inventory";
import type { Judgement } from "./living";

export interface Deletion {
  readonly side: Side;
  readonly key: string;
  readonly versionId: string;
  readonly bytes: number;
  readonly reason: string;
  /** Snapshots whose manifests must be gone on both sides before this may go. */
  readonly after: readonly string[];
}
export interface Left {
  readonly side: Side;
  readonly key: string;
  readonly reason: string;
  readonly until: Date;
}
export interface DeletionPlan {
  readonly manifests: readonly Deletion[];
  readonly data: readonly Deletion[];
  /** Records of ended snapshots: only once their manifests and data are gone. */
  readonly records: readonly Deletion[];
  readonly left: readonly Left[];
}

/** An attempt's lock: what no manifest names is left alone for as long. */
const LEFTOVER_MS = ATTEMPT_LOCK_HOURS * 3_600_000;
/** Who deleted what and when is kept a little longer than the longest snapshot would have been. */
const AUDIT_MS = 400 * 86_400_000;
const RESTORE_OUTCOME_MS = (RESTORE_DAYS + 1) * 86_400_000;

type Fate =
  | { readonly is: "kept" }
  | { readonly is: "left"; readonly reason: string; readonly until: Date }
  | { readonly is: "deleted"; readonly reason: string; readonly stage: Stage; readonly after: readonly string[] };
type Stage = "manifests" | "data" | "records";

/** Retention's plan: all that has ended, and what attempts, restores and delete markers left behind. */
export function planExpiry(evidence: Evidence, judgement: Judgement, now: Date): DeletionPlan {
  const context: Context = { evidence, judgement, now, packUsers: packUsers(evidence, judgement) };
  return plan(evidence, (version) => fateOf(version, context));
}

/** A user's plan: what this one snapshot alone needs. `packs` are those that its manifest named, should it be gone. */
export function planUserDeletion(
  evidence: Evidence,
  judgement: Judgement,
  snapshotId: string,
  packs: ReadonlySet<string>,
): DeletionPlan {
  const reason = judgement.ending.get(snapshotId)?.reason ?? "deleted by a user";
  const goes = (stage: Stage): Fate => ({ is: "deleted", reason, stage, after: [snapshotId] });
  return plan(evidence, ({ side, key, what }) => {
    if (judgement.isNeeded(side, key)) return KEPT;
    if (what.kind === "manifest" && what.snapshotId === snapshotId) return goes("manifests");
    if (what.kind === "attempt" && what.snapshotId === snapshotId) return goes("data");
    return what.kind === "pack" && packs.has(key) ? goes("data") : KEPT;
  });
}

function plan(evidence: Evidence, decide: (version: FoundVersion) => Fate): DeletionPlan {
  const stages: Record<Stage, Deletion[]> = { manifests: [], data: [], records: [] };
  const left: Left[] = [];
  for (const version of evidence.inventory) {
    const { side, key, versionId, size } = version;
    const fate = decide(version);
    if (fate.is === "left") left.push({ side, key, reason: fate.reason, until: fate.until });
    if (fate.is === "deleted") {
      stages[fate.stage].push({ side, key, versionId, bytes: size, reason: fate.reason, after: fate.after });
    }
  }
  return { ...stages, left };
}

interface Context {
  readonly evidence: Evidence;
  readonly judgement: Judgement;
  readonly now: Date;
  readonly packUsers: ReadonlyMap<string, readonly string[]>;
}

function fateOf(version: FoundVersion, context: Context): Fate {
  const { evidence, judgement } = context;
  const { side, what, key } = version;
  if (judgement.isNeeded(side, key)) return version.isDeleteMarker ? unhide("an object of a living snapshot") : KEPT;
  switch (what.kind) {
    case "manifest":
      return endedFate(what.snapshotId, "manifests", context) ?? leftover(version, "belongs to no snapshot", context);
    case "attempt": {
      const ended = endedFate(what.snapshotId, "data", context);
      if (ended !== undefined) return ended;
      if (evidence.runningAttempts.some((attempt) => attempt.attemptId === what.attemptId)) return KEPT;
      return leftover(version, `left behind by attempt ${what.attemptId}`, context);
    }
    case "pack":
      return packFate(version, context);
    case "registration-record":
    case "probe-record":
    case "drills-record":
      return version.isDeleteMarker ? unhide("a record of the environment") : KEPT;
    case "snapshot-record":
    case "outcome-record":
      return recordFate(version, what.snapshotId, context);
    case "restore-outcome-record":
      return restoreOutcomeFate(version, context);
    case "restore-record":
      if (evidence.runningRestores.has(what.restoreId)) return KEPT;
      return leftover(version, `left behind by restore ${what.restoreId}`, context);
    default:
      return KEPT;
  }
}

function packFate(version: FoundVersion, context: Context): Fate {
  const users = context.packUsers.get(version.key);
  if (users !== undefined) {
    const reasons = users.map((user) => `snapshot ${user} ${context.judgement.ending.get(user)?.reason ?? ""}`.trim());
    return { is: "deleted", reason: `needed only by ${reasons.join(" and ")}`, stage: "data", after: users };
  }
  const since = context.evidence.runningAttempts.map((attempt) => Date.parse(attempt.startedAt));
  if (since.some((time) => version.lastModified.getTime() >= time)) return KEPT;
  return leftover(version, "named by no manifest", context);
}

function recordFate(version: FoundVersion, snapshotId: string, { evidence, judgement, now }: Context): Fate {
  const audited = evidence.deletedByUser.has(snapshotId);
  if (judgement.ending.has(snapshotId) && !audited) return endedFate(snapshotId, "records", { judgement }) ?? KEPT;
  const known = evidence.snapshots.some((item) => item.snapshotId === snapshotId) || judgement.living.has(snapshotId);
  if (known || audited) return version.isDeleteMarker ? unhide("a snapshot's record") : KEPT;
  const until = new Date(version.lastModified.getTime() + AUDIT_MS);
  return until <= now ? { is: "deleted", reason: "audit older than 400 days", stage: "records", after: [] } : KEPT;
}

/** As long as the catalog lists restores, and a day. */
function restoreOutcomeFate(version: FoundVersion, { now }: Context): Fate {
  const until = new Date(version.lastModified.getTime() + RESTORE_OUTCOME_MS);
  if (until > now) return version.isDeleteMarker ? unhide("what became of a restore") : KEPT;
  return { is: "deleted", reason: "a restore that ended long ago", stage: "records", after: [] };
}

function endedFate(snapshotId: string, stage: Stage, { judgement }: Pick<Context, "judgement">): Fate | undefined {
  const ending = judgement.ending.get(snapshotId);
  return ending && { is: "deleted", reason: `snapshot ${snapshotId} ${ending.reason}`, stage, after: [snapshotId] };
}

/** What no manifest names: its two-day lock has ended, or it is left until then. */
function leftover(version: FoundVersion, reason: string, { now }: Pick<Context, "now">): Fate {
  const until = new Date(version.lastModified.getTime() + LEFTOVER_MS);
  if (isExpired(until.toISOString(), now)) return { is: "deleted", reason, stage: "data", after: [] };
  return { is: "left", reason, until };
}

/** Packs that ended snapshots name, each with those snapshots; asked only for packs that no living one needs. */
function packUsers(evidence: Evidence, judgement: Judgement): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const { snapshotId, facts } of evidence.manifests) {
    if (!judgement.ending.has(snapshotId)) continue;
    for (const pack of facts?.packs ?? []) {
      users.set(pack, [...(users.get(pack) ?? []), snapshotId]);
    }
  }
  return users;
}

const KEPT: Fate = { is: "kept" };
const unhide = (what: string): Fate => ({
  is: "deleted",
  reason: `a delete marker that hides ${what}`,
  stage: "data",
  after: [],
});
