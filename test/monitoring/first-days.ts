/**
 * The first days of a region, in simulated time: the gauges every quarter of an hour, retention as often (it has nothing to do), the
 * drills' hourly look, and the nightly window minute by minute, all with the real code. What a started backup does is
 * played: it is complete after twenty minutes and at the far end ten later, or it fails.
 */
import { measureRegion } from "../../lambda/gauges/measure-region";
import { begin } from "../../lambda/drill/begin";
import { newDrillId } from "../../lambda/drill/new-drill";
import { openNight } from "../../lambda/nightly-window/open-night";
import type { WindowOutput, WindowRow } from "../../lambda/nightly-window/contract";
import { startBackups } from "../../lambda/nightly-window/start-backups";
import { selectEnvironments } from "../../lambda/retention/select";
import { isoSeconds } from "../../lambda/catalog/catalog";
import { environmentItem } from "../catalog/catalog-fixtures";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { executionDatapoint, names, valuesOf } from "./alarms";
import type { Datapoint } from "./datapoints";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const SHOP = "shop-production";

export interface FirstDays {
  readonly deployedAt: string;
  readonly row: WindowRow;
  readonly hours: number;
  /** An environment that is registered at the deployment; null: never started. Absent: none is registered. */
  readonly startedAt?: string | null;
  /** @default they succeed */
  readonly backupsFail?: boolean;
  /** Rounds of the gauges that fail, or don't take place. @default every round measures */
  readonly gauges?: (at: Date) => "measure" | "fail" | "none";
}
export interface Lived {
  readonly datapoints: readonly Datapoint[];
  readonly fakes: FakeCollaborators;
}

export const live = async (days: FirstDays): Promise<Lived> => {
  const fakes = fakeCollaborators({ now: new Date(days.deployedAt) });
  const { clock } = fakes;
  const datapoints: Datapoint[] = [];
  let night: WindowOutput = { outcome: "dropped", reason: "None is open." };
  if (days.startedAt !== undefined)
    await fakes.catalog.createEnvironment(
      environmentItem(SHOP, { firstStartedAt: null, registeredAt: isoSeconds(clock.now()) }),
    );
  /** A schedule of a rate begins with its first interval over. */
  for (let minute = 1; minute <= days.hours * 60; minute++) {
    clock.advance(MINUTE);
    const now = clock.now();
    if (typeof days.startedAt === "string" && now.getTime() === Date.parse(days.startedAt))
      await fakes.catalog.updateEnvironment(SHOP, { firstStartedAt: days.startedAt, running: true });
    if (now.toISOString().slice(11, 16) === days.row.startUtc) {
      night = await openNight({ step: "open", event: { scheduledTime: isoSeconds(now) } }, days.row, fakes);
      datapoints.push(executionDatapoint("nightly-window", "SUCCEEDED", now));
    }
    if (night.outcome === "wait") night = await startBackups(night.night, days.row, fakes);
    await playBackups(fakes, days.backupsFail === true);
    if (minute % 15 === 0) await selectEnvironments(fakes);
    if (minute % 60 === 0) {
      await lookForDrill(fakes, days.row);
      datapoints.push(executionDatapoint("drill", "SUCCEEDED", now));
    }
    if (minute % 15 === 0) datapoints.push(...(await gauge(fakes, days)));
    fakes.metrics.flush();
  }
  return { datapoints: [...datapoints, ...valuesOf({ lines: fakes.metrics.lines() })], fakes };
};

const playBackups = async ({ catalog, clock }: FakeCollaborators, fail: boolean): Promise<void> => {
  for (const snapshot of (await catalog.listSnapshots(SHOP)).items) {
    const age = clock.now().getTime() - Date.parse(snapshot.createdAt);
    const now = isoSeconds(clock.now());
    const change = (facts: Parameters<typeof catalog.updateSnapshot>[2]) =>
      catalog.updateSnapshot(SHOP, snapshot.snapshotId, { ...facts, updatedAt: now });
    if (snapshot.state === "queued" && age >= 20 * MINUTE)
      await change({ state: fail ? "failed" : "completed", finishedAt: now });
    if (snapshot.state === "completed" && snapshot.replicatedAt === null && age >= 30 * MINUTE)
      await change({ replicatedAt: now });
  }
};

/** There is no drill target yet. */
const lookForDrill = async (fakes: FakeCollaborators, window: WindowRow): Promise<void> => {
  await begin(
    { executionArn: `drill-${newDrillId(fakes.clock.now(), fakes.random)}`, request: {} },
    { window, slowSeconds: 4 * 3600, slowFactor: 3, leastSamples: 3 },
    fakes,
  );
};

/** A round, with what Lambda counts of it. */
const gauge = async (fakes: FakeCollaborators, { row, gauges }: FirstDays): Promise<readonly Datapoint[]> => {
  const how = gauges?.(fakes.clock.now()) ?? "measure";
  if (how === "none") return [];
  const failed = await failsToMeasure(row, fakes, how === "fail");
  return gaugesInvocation(failed, fakes.clock.now());
};

/** Whether a round failed; it does where the catalog answers nothing. */
export const failsToMeasure = async (row: WindowRow, fakes: FakeCollaborators, broken: boolean): Promise<boolean> => {
  const { table } = fakes;
  const { onRequest } = table;
  if (broken)
    table.onRequest = () => {
      throw new Error("The table answers nothing.");
    };
  try {
    await measureRegion(row, fakes);
    return false;
  } catch {
    return true;
  } finally {
    table.onRequest = onRequest;
  }
};

/** As Lambda counts an invocation of the gauges that failed, or did not. */
export const gaugesInvocation = (failed: boolean, at: Date): readonly Datapoint[] => [
  {
    namespace: "AWS/Lambda",
    name: "Errors",
    dimensions: { FunctionName: names.function("gauges") },
    at,
    value: failed ? 1 : 0,
  },
];
