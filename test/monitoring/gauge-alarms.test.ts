/** Alarms on what the gauges measure: the catalog is brought into the condition, the real function measures it. */
import type { SnapshotItem } from "../../lambda/catalog/items";
import { measureRegion } from "../../lambda/gauges/measure-region";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { environmentItem, restoreItem, snapshotItem } from "../catalog/catalog-fixtures";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { testAlarm, type Observed } from "./alarms";
import type { Datapoint } from "./datapoints";
import { failsToMeasure, gaugesInvocation } from "./first-days";

const ROW = must(NIGHTLY_TABLE.find(({ region }) => region === "eu-central-1"));
/** Frankfurt's window is from 00:00 to 03:00. */
const NIGHT = "2026-12-05";
const SHOP = "shop-production";

type Prepare = (fakes: FakeCollaborators) => Promise<void>;

/** Two rounds of the gauges at `at` and a quarter of an hour later. */
const measured = async (at: string, prepare: Prepare): Promise<Observed> => {
  const fakes = fakeCollaborators({ now: new Date(at), tablePageLimit: 2 });
  const { catalog } = fakes;
  await catalog.createEnvironment(
    environmentItem(SHOP, { firstStartedAt: "2026-11-01T08:00:00Z", replication: "replicated" }),
  );
  await catalog.createSnapshot(completed("a-good-one", { night: "2026-12-04", createdAt: "2026-12-05T00:10:00Z" }));
  await prepare(fakes);
  for (let round = 0; round < 2; round++) {
    await measureRegion(ROW, fakes);
    fakes.metrics.flush();
    fakes.clock.advance(15 * 60_000);
  }
  return { lines: fakes.metrics.lines() };
};
const completed = (id: string, change: Partial<SnapshotItem>): SnapshotItem =>
  snapshotItem(SHOP, id, {
    state: "completed",
    finishedAt: "2026-12-05T00:20:00Z",
    replicatedAt: "2026-12-05T00:40:00Z",
    expiresAt: "2026-12-19T00:10:00Z",
    dumpSize: 1_000,
    filesSize: 2_000,
    ...change,
  });
const nothing: Prepare = async () => undefined;
const withSnapshot =
  (id: string, change: Partial<SnapshotItem>): Prepare =>
  ({ catalog }) =>
    catalog.createSnapshot(completed(id, change));

testAlarm("snapshot-too-old", {
  /** The next night's snapshot is there, but not at the far end. */
  condition: () =>
    measured(
      "2026-12-06T02:11:00Z",
      withSnapshot("unproven", { createdAt: "2026-12-06T00:10:00Z", replicatedAt: null }),
    ),
  healthy: () => measured("2026-12-06T01:40:00Z", nothing),
});
/** Three rounds, of which the last ones fail. */
const failing = async (failures: number): Promise<Observed> => {
  const fakes = fakeCollaborators({ now: new Date("2026-12-05T12:00:00Z") });
  const datapoints: Datapoint[] = [];
  for (let round = 0; round < 3; round++) {
    const failed = await failsToMeasure(ROW, fakes, round >= 3 - failures);
    datapoints.push(...gaugesInvocation(failed, fakes.clock.now()));
    fakes.metrics.flush();
    fakes.clock.advance(15 * 60_000);
  }
  return { lines: fakes.metrics.lines(), datapoints };
};
testAlarm("gauges-failed", { condition: () => failing(2), healthy: () => failing(1) });
testAlarm("window-overrun", {
  condition: () =>
    measured("2026-12-05T03:31:00Z", withSnapshot("runs", { night: NIGHT, state: "running", replicatedAt: null })),
  healthy: () =>
    measured("2026-12-05T03:10:00Z", withSnapshot("runs", { night: NIGHT, state: "running", replicatedAt: null })),
});
testAlarm("replication-late", {
  condition: () => measured("2026-12-05T03:21:00Z", withSnapshot("waits", { replicatedAt: null })),
  healthy: () => measured("2026-12-05T01:00:00Z", withSnapshot("waits", { replicatedAt: null })),
});
testAlarm("queue-too-long", {
  condition: () =>
    measured("2026-12-05T16:01:00Z", async ({ catalog }) =>
      catalog.createRestore({ ...restoreItem("r1"), state: "queued", createdAt: "2026-12-05T12:00:00Z" }),
    ),
  healthy: () =>
    measured(
      "2026-12-05T16:00:00Z",
      withSnapshot("waits", { state: "queued", night: null, updatedAt: "2026-12-05T15:59:00Z" }),
    ),
});
testAlarm("retention-behind", {
  condition: () => measured("2026-12-05T16:00:00Z", withSnapshot("gone", { expiresAt: "2026-12-05T09:59:00Z" })),
  healthy: () => measured("2026-12-05T16:00:00Z", withSnapshot("gone", { expiresAt: "2026-12-05T15:56:00Z" })),
});

describe("the gauges", () => {
  test("count what snapshots hold, and need the time for all of it or say nothing", async () => {
    const fakes = fakeCollaborators({ now: new Date("2026-12-05T02:00:00Z") });
    await fakes.catalog.createSnapshot(completed("one", {}));
    await fakes.catalog.createSnapshot(completed("two", {}));
    await measureRegion(ROW, fakes);
    expect(fakes.metrics.valuesOf("StoredLogical")).toEqual([6_000]);
    expect(fakes.metrics.valuesOf("NewestSnapshotAge")).toEqual([0]);
    const { length } = fakes.metrics.added;
    fakes.remaining = 1_000;
    await expect(measureRegion(ROW, fakes)).rejects.toMatchObject({ name: "GaugesIncomplete" });
    expect(fakes.metrics.added).toHaveLength(length);
  });
});
