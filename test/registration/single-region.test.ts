/** Rule 7 from the registration to the snapshot: what was registered with replication off stays in its region. */
import { handleRequest } from "../../lambda/registration/handle-request";
import { environmentPrefix } from "../../lambda/storage/object-keys";
import { backUp, expectVerified, restore, retain } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { contentsOf, furnish, restoredContents, SOURCE, TARGET, type SmallWorld } from "../crash/small-world";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));
let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

const DAY = 86_400_000;

/** Both environments as they are registered where the installation's default is off, the target saying nothing. */
const register = async ({ service }: SmallWorld): Promise<void> => {
  const { base } = service;
  const files = await Promise.all(
    [SOURCE, TARGET].map(async (environmentId) => {
      const { replication: _, ...file } = must(await base.catalog.getEnvironment(environmentId)).registration;
      return file;
    }),
  );
  base.table.clear();
  for (const standing of files) {
    const registration = { ...standing, plan: "premium", licensed: true };
    expect(await handleRequest({ action: "register", registration }, base)).toMatchObject({
      ok: true,
      message: expect.stringContaining("stay in this region only; this choice is final") as string,
    });
  }
  await handleRequest({ action: "started", environmentId: SOURCE }, base);
};

test("Rule 7: no object at the replica, no replication check, and it is shown as such; it restores and expires", async () => {
  const world: SmallWorld = {
    service: new SimulatedService(postgres, { settings: { REPLICATION_DEFAULT: "off" } }),
    postgres,
  };
  const { service } = world;
  await furnish(world, "single-region");
  await register(world);
  const snapshotId = await backUp(world);
  await expectVerified(world, snapshotId);
  const snapshot = must(await service.base.catalog.getSnapshot(SOURCE, snapshotId));
  expect(snapshot).toMatchObject({
    replicatedAt: null,
    replicationMessage: "Not replicated: the environment was registered with replication off.",
  });
  const keys = (): readonly string[] => service.base.store.versions(PRIMARY_BUCKET).map(({ key }) => key);
  const prefix = environmentPrefix({ replication: "single-region", environmentId: SOURCE });
  expect(keys().filter((key) => key.includes("/packs/") && key.startsWith(prefix))).not.toEqual([]);
  expect(keys().filter((key) => key.startsWith("replicated/") && !key.includes("/records/"))).toEqual([]);
  expect(
    service.base.replicaStore.versions(REPLICA_BUCKET).filter(({ key }) => key.startsWith("single-region/")),
  ).toEqual([]);
  expect([...service.results.keys()].filter((name) => name.startsWith("replication-check:"))).toEqual([]);

  const should = await restoredContents(world);
  expect(await restore(world, snapshotId)).toMatchObject({ status: "SUCCEEDED" });
  expect(await contentsOf(world, TARGET)).toEqual(should);

  service.base.clock.advance(100 * DAY);
  await retain(world);
  expect(keys().filter((key) => !key.includes("/records/"))).toEqual([]);
});
