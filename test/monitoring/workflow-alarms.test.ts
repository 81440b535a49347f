/**
 * Alarms on Step Functions' own metrics: each workflow really runs here, by its own definition and with the real
 * functions. Once everything works; once the catalog answers nothing. A failed execution is the value that Step
 * Functions would have recorded.
 */
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import type { WorkflowName } from "../../lib/names";
import { requestDeletion } from "../../lambda/deletion/request-deletion";
import { requestKeep } from "../../lambda/keep/request-keep";
import { WINDOW_VARIABLE } from "../../lambda/nightly-window/contract";
import { backUp, restore, retain } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { furnish, now, SOURCE, type SmallWorld } from "../crash/small-world";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";
import { download, sourceDump, upload } from "../upload/upload-runs";
import { executionDatapoint, testAlarm } from "./alarms";
import type { Datapoint } from "./datapoints";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));
process.env[WINDOW_VARIABLE] = JSON.stringify(must(NIGHTLY_TABLE.find(({ region }) => region === "eu-central-1")));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

/** What each workflow is started with where nothing works. */
const INPUTS: Readonly<Partial<Record<WorkflowName, (at: string) => unknown>>> = {
  "nightly-window": (at) => ({ scheduledTime: at }),
  "replication-check": () => ({ environmentId: SOURCE, snapshotId: "10000000-0000-8000-8000-000000000001" }),
  retention: () => ({}),
  deletion: () => ({
    environmentId: SOURCE,
    snapshotId: "10000000-0000-8000-8000-000000000001",
    requestedBy: "a test",
  }),
  keep: () => ({
    environmentId: SOURCE,
    snapshotId: "10000000-0000-8000-8000-000000000001",
    until: "2027-12-31T00:00:00Z",
    requestedBy: "a test",
  }),
  restore: () => ({ restoreId: "r1" }),
  archive: () => ({ archiveId: "a1" }),
  upload: () => ({ uploadId: "u1" }),
};

const recorded = (service: SimulatedService, workflow: WorkflowName): readonly Datapoint[] =>
  [...service.results]
    .filter(([name]) => name.startsWith(`${workflow}:`))
    .map(([, { status }]) => executionDatapoint(workflow, status, service.base.clock.now()));

const FIVE_MINUTES = 300_000;

/** Executions five minutes apart. */
const withoutCatalog = async (workflow: WorkflowName, executions: number): Promise<readonly Datapoint[]> => {
  const service = new SimulatedService(postgres);
  service.base.clock.set("2026-12-05T00:00:00Z");
  service.base.table.onRequest = () => {
    throw new Error("The table answers nothing.");
  };
  const datapoints: Datapoint[] = [];
  for (let one = 1; one <= executions; one++) {
    service.base.clock.advance(FIVE_MINUTES);
    await service.start(workflow, `${workflow}-${one}`, must(INPUTS[workflow])(now(service)));
    datapoints.push(...recorded(service, workflow).slice(datapoints.length));
  }
  return datapoints;
};

/** One of everything, in one life; run when it is first asked for. */
let life: Promise<SimulatedService> | undefined;
const everythingWorks = async (): Promise<SimulatedService> => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  const { service } = world;
  await furnish(world);
  service.base.clock.set("2026-12-05T00:00:00Z");
  await service.start("nightly-window", "window-1", { scheduledTime: now(service) });
  const snapshotId = await backUp(world);
  await download(world, snapshotId, "files_and_database");
  await restore(world, snapshotId);
  await upload(world, sourceDump(world));
  const [environment, snapshot] = [
    must(await service.base.catalog.getEnvironment(SOURCE)),
    must(await service.base.catalog.getSnapshot(SOURCE, snapshotId)),
  ];
  const until = new Date("2027-12-31T00:00:00Z");
  await requestKeep(service.outside(), environment, snapshot, { until, by: "a test" });
  await service.drain();
  expect(await service.base.catalog.getSnapshot(SOURCE, snapshotId)).toMatchObject({
    expiresAt: "2027-12-31T00:00:00Z",
  });
  await requestDeletion(service.outside(), environment, snapshot, "a test");
  await service.drain();
  await retain(world);
  return service;
};

const pair = (workflow: WorkflowName, executions = 1) => ({
  condition: async () => {
    const datapoints = await withoutCatalog(workflow, executions);
    expect(datapoints.map(({ name }) => name)).toContain("ExecutionsFailed");
    return { datapoints };
  },
  healthy: async () => {
    life ??= everythingWorks();
    const datapoints = recorded(await life, workflow);
    expect(datapoints.map(({ name }) => name)).toContain("ExecutionsSucceeded");
    return { datapoints };
  },
});

testAlarm("window-failed", pair("nightly-window"));
testAlarm("replication-check-failed", pair("replication-check"));
testAlarm("retention-failed", pair("retention", 2));
testAlarm("deletion-failed", pair("deletion"));
testAlarm("keep-failed", pair("keep"));
testAlarm("restore-failed", pair("restore"));
testAlarm("archive-failed", pair("archive"));
testAlarm("upload-failed", pair("upload"));
