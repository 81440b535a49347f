/**
 * Begin: takes the drill target's lease, settles what a crashed drill left in the catalog, chooses a snapshot and pins
 * it. The target's state names the drill before anything else does, so that a crash anywhere leaves a drill that the
 * next call of the same execution goes on with, or the next execution settles.
 */
import { isoSeconds } from "../catalog/catalog";
import {
  DRILL_LEASE,
  type DrillItem,
  type DrillState,
  type DrillTarget,
  NO_DRILL_TARGET,
  tooLarge,
} from "../catalog/drills";
import type { SnapshotItem } from "../catalog/items";
import { isOffered } from "../retention/offered";
import { isDrillTime } from "../rules/drills";
import { takeLease } from "../runtime/lease";
import type { Collaborators } from "../runtime/collaborators";
import { chooseEnvironment, chooseRecent } from "./choose";
import { concludeDrill, type ConcludeCollaborators } from "./conclude";
import type { BeginDrill, DrillOutput, DrillSettings } from "./contract";
import { networkOf, output, record } from "./drill-state";
import { BY_SCHEDULE, newDrill, newDrillId } from "./new-drill";
import { queryThen } from "./query-then";
import { recallDrills, recallTarget } from "./recall";

type BeginCollaborators = ConcludeCollaborators & Pick<Collaborators, "workflows" | "tasks" | "random">;
type Current = NonNullable<DrillState["current"]>;

const CLEAR: DrillState = { current: null, leaseToken: null, databaseClear: true, filesClear: true };

export const begin = async (
  { executionArn, request }: BeginDrill,
  settings: DrillSettings,
  collaborators: BeginCollaborators,
): Promise<DrillOutput> => {
  const { catalog, clock } = collaborators;
  const { environmentId, drillId } = request;
  const asked = environmentId === undefined || drillId === undefined ? undefined : { environmentId, drillId };
  const target = await recallTarget(collaborators);
  if (target === undefined) return withoutTarget(collaborators, asked, settings);
  if (asked === undefined && !isDrillTime(settings.window, clock.now()))
    return output("none", "No drill begins near the nightly window.");
  const taken = await takeLease(collaborators, { environmentId: DRILL_LEASE, executionArn, purpose: "drill" });
  if (taken.outcome === "busy")
    return output(
      asked === undefined ? "none" : "busy",
      "Another drill is running: there is one at a time in a region.",
    );
  const { token } = taken.lease;
  const state = (await catalog.getDrillState()) ?? CLEAR;
  let current = state.current;
  if (current?.executionArn !== executionArn) {
    if (current !== null) await settleCrashed(collaborators, current, settings);
    const next = asked ?? (await chooseNext(collaborators, settings));
    current = next === undefined ? null : { ...next, executionArn };
    await catalog.putDrillState({ ...state, current, leaseToken: token });
  }
  const begun = current === null ? undefined : await beginDrill(collaborators, { current, token, target, settings });
  if (begun !== undefined) return begun;
  if (!state.databaseClear || !state.filesClear) {
    await catalog.putDrillState({ ...state, current: null, leaseToken: token });
    return output("clear", "A drill that ended early left something at the drill target.", {
      network: networkOf(target),
    });
  }
  if (current !== null) await catalog.putDrillState(CLEAR);
  await catalog.releaseLease(DRILL_LEASE, token);
  return output("none", "No drill is due.");
};

const withoutTarget = async (
  collaborators: BeginCollaborators,
  asked: Pick<Current, "environmentId" | "drillId"> | undefined,
  settings: DrillSettings,
): Promise<DrillOutput> => {
  const drill =
    asked === undefined ? undefined : await collaborators.catalog.getDrill(asked.environmentId, asked.drillId);
  if (drill !== undefined && drill.state !== "completed")
    await concludeDrill(collaborators, drill, { outcome: "not-drilled", message: NO_DRILL_TARGET }, settings);
  return output("none", NO_DRILL_TARGET);
};

/** The lease is ours, so the execution of whatever stands there as running has ended. */
const settleCrashed = async (
  collaborators: BeginCollaborators,
  { environmentId, drillId }: Current,
  settings: DrillSettings,
): Promise<void> => {
  const drill = await collaborators.catalog.getDrill(environmentId, drillId);
  if (drill === undefined || drill.state === "completed") return;
  const message = "The drill's execution was stopped before its end; look at its history.";
  await concludeDrill(collaborators, drill, { outcome: "failed", message }, settings);
};

const chooseNext = async (
  collaborators: BeginCollaborators,
  { window }: DrillSettings,
): Promise<Pick<Current, "environmentId" | "drillId"> | undefined> => {
  const environmentId = await chooseEnvironment(collaborators, window);
  if (environmentId === undefined) return undefined;
  return { environmentId, drillId: newDrillId(collaborators.clock.now(), collaborators.random) };
};

interface Beginning {
  readonly current: Current;
  readonly token: string;
  readonly target: DrillTarget;
  readonly settings: DrillSettings;
}

/** Undefined where there is nothing to drill after all. */
const beginDrill = async (
  collaborators: BeginCollaborators,
  { current, token, target, settings }: Beginning,
): Promise<DrillOutput | undefined> => {
  const { catalog, clock } = collaborators;
  const { environmentId, drillId } = current;
  let drill = await catalog.getDrill(environmentId, drillId);
  if (drill?.state === "completed") return undefined;
  if (drill === undefined) {
    drill = newDrill({ drillId, environmentId, snapshotId: null, requestedBy: BY_SCHEDULE }, clock.now());
    await catalog.createDrill(drill);
  }
  const snapshot =
    drill.state === "running"
      ? await standing(collaborators, drill)
      : await choose(collaborators, drill, current.executionArn);
  if (snapshot === undefined) {
    const message =
      "The environment has no completed snapshot of the last 30 days, or the chosen one has ended: drill another.";
    await concludeDrill(collaborators, drill, { outcome: "not-drilled", message }, settings);
    return undefined;
  }
  await recallDrills(collaborators, environmentId);
  if (drill.state !== "running") drill = await startDrill(collaborators, drill, snapshot, current.executionArn, token);
  const reason = tooLarge(target, {
    database: snapshot.databaseSize ?? snapshot.dumpSize ?? 0,
    fileBytes: snapshot.filesSize ?? 0,
    files: snapshot.fileCount ?? 0,
  });
  if (reason !== undefined) {
    await concludeDrill(collaborators, drill, { outcome: "not-drilled", message: reason }, settings);
    return undefined;
  }
  await catalog.putDrillState({ current, leaseToken: token, databaseClear: false, filesClear: false });
  return output("begun", "", { environmentId, drillId, network: networkOf(target) });
};

const standing = async (
  { catalog }: BeginCollaborators,
  { environmentId, snapshotId }: DrillItem,
): Promise<SnapshotItem | undefined> =>
  snapshotId === null ? undefined : catalog.getSnapshot(environmentId, snapshotId);

/**
 * Chosen, pinned, and only then looked at: whoever deletes marks the snapshot first and reads the pins after, so one of
 * the two sees the other.
 */
const choose = async (
  collaborators: BeginCollaborators,
  drill: DrillItem,
  executionArn: string,
): Promise<SnapshotItem | undefined> => {
  const { catalog, clock } = collaborators;
  const chosen = (await standing(collaborators, drill)) ?? (await chooseRecent(collaborators, drill.environmentId));
  if (chosen === undefined) return undefined;
  const { environmentId, snapshotId } = chosen;
  // The drill names it before it is pinned, so that whoever settles a crashed drill finds the pin.
  if (drill.snapshotId === null) await record(collaborators, drill, { snapshotId });
  const pin = { environmentId, snapshotId, holder: drill.drillId };
  await catalog.pin({ ...pin, executionArn, since: isoSeconds(clock.now()) });
  const found = await catalog.getSnapshot(environmentId, snapshotId);
  if (found !== undefined && found.manifest !== null && isOffered(found, clock.now())) return found;
  await catalog.unpin(pin);
  return undefined;
};

const startDrill = async (
  collaborators: BeginCollaborators,
  drill: DrillItem,
  snapshot: SnapshotItem,
  executionArn: string,
  leaseToken: string,
): Promise<DrillItem> => {
  const { catalog, clock } = collaborators;
  const { environmentId, snapshotId } = snapshot;
  const environment = await catalog.getEnvironment(environmentId);
  const startedAt = isoSeconds(clock.now());
  await catalog.updateEnvironment(environmentId, { lastDrillAt: startedAt });
  const started = await record(collaborators, drill, {
    state: "running",
    snapshotId,
    snapshotCreatedAt: snapshot.createdAt,
    startedAt,
    executionArn,
    leaseToken,
    query:
      environment === undefined
        ? null
        : await queryThen(collaborators, environment, snapshot.finishedAt ?? snapshot.createdAt),
  });
  const { drillId } = drill;
  await collaborators.events.publish("Restore Drill State Change", {
    environmentId,
    drillId,
    snapshotId,
    state: "running",
  });
  return started;
};
