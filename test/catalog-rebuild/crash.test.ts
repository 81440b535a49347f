/**
 * A rebuild that is cut off at any request and run again gives the same catalog, and retention, which runs in between,
 * deletes nothing: a half rebuilt environment is unknown to it.
 */
import { crashAt, type CrashMoment } from "../retention/crash-at-each-request";
import { expire } from "../retention/retention-run";
import { selectEnvironments } from "../../lambda/retention/select";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import {
  type CatalogWorld,
  comment,
  endedRestore,
  liveThrough,
  newWorld,
  nightlyId,
  onDemandId,
  SINGLE,
  SMALL,
} from "./catalog-world";
import { compare, lasting, rebuild } from "./rebuilding";

let world: CatalogWorld;
let undo: () => void;
beforeAll(async () => {
  world = await newWorld(SMALL, { pageLimit: 7, tablePageLimit: 3 });
  await liveThrough(world, SMALL);
  await comment(world, SINGLE, onDemandId(SINGLE, 1));
  const environment = "shop-production";
  const wish = { from: environment, snapshotId: nightlyId(environment, 1), into: environment };
  await endedRestore(world, wish, { state: "completed", phase: "done", statusMessage: "Restored." });
  const puts = [world.store.save(), world.replicaStore.save(), world.table.save()];
  undo = () => puts.forEach((put) => put());
}, 120_000);
beforeEach(() => undo());

const standing = (): readonly string[] =>
  [...world.store.versions(PRIMARY_BUCKET), ...world.replicaStore.versions(REPLICA_BUCKET)].map(
    ({ key, versionId }) => `${key} ${versionId}`,
  );

test.each<CrashMoment>(["before", "after"])(
  "I5, I6: a rebuild cut off %s any request, then retention, then again: the same, and nothing is deleted",
  async (moment) => {
    const before = lasting(world);
    const objects = standing();
    const isWriting = (operation: string): boolean =>
      operation === "put" || operation === "transact" || operation === "update";
    let at = 1;
    for (; ; at++) {
      undo();
      world.table.clear();
      const crashed = await crashAt(world, at, moment, () => rebuild(world));
      const wrote = world.table.requests.some(({ operation }) => isWriting(operation));
      // Retention looks at stores and table only where the cut left something else than the one before.
      if (wrote) {
        await selectEnvironments(world);
        for (const environmentId of SMALL.environments) {
          const { deleted } = await expire(world, environmentId);
          expect(deleted).toBe(0);
        }
        expect(standing()).toEqual(objects);
      }
      await rebuild(world);
      expect(lasting(world)).toEqual(before);
      if (!crashed) break;
    }
    expect(at).toBeGreaterThan(80);
    expect((await compare(world)).differences).toEqual([]);
  },
  300_000,
);

test("a catalog that lists only some snapshots of an environment deletes nothing either", async () => {
  const objects = standing();
  const before = lasting(world);
  for (const item of before.filter(({ type }) => type === "SNAPSHOT").filter((_, at) => at % 2 === 0))
    await world.catalog.deleteSnapshot(String(item["environmentId"]), String(item["snapshotId"]));
  for (const environmentId of SMALL.environments)
    expect(await expire(world, environmentId)).toMatchObject({ outcome: "refused", deleted: 0 });
  expect(standing()).toEqual(objects);
  await rebuild(world);
  expect(lasting(world)).toEqual(before);
});
