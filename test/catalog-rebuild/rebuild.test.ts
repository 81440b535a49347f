/** I6: a catalog that is lost is rebuilt equal, field by field, from manifests and records alone. */
import { findManifest } from "../../lambda/backup/committed-manifest";
import { must } from "../support/must";
import {
  askToDelete,
  type CatalogWorld,
  comment,
  deleteWholly,
  endedRestore,
  ENVIRONMENTS,
  liveThrough,
  newWorld,
  nightlyId,
  onDemandId,
  probe,
  SINGLE,
  takeNight,
  takeUpload,
  WHOLE,
} from "./catalog-world";
import { compare, lasting, rebuild } from "./rebuilding";

const LAST = WHOLE.days - 1;
let world: CatalogWorld;
let undo: () => void;

/** Everything that can have happened to a catalog. */
beforeAll(async () => {
  world = await newWorld(WHOLE);
  await liveThrough(world, WHOLE);
  await comment(world, "shop-production", onDemandId("shop-production", 7));
  await comment(world, SINGLE, onDemandId(SINGLE, 8));
  await deleteWholly(world, "wiki-production", onDemandId("wiki-production", 9));
  await askToDelete(world, "wiki-production", onDemandId("wiki-production", 10));
  await takeUpload(world, "00000000-0000-8000-8000-00000000000a", "shop-acceptance");
  for (const attempt of [1, 2, 3]) await takeNight(world, WHOLE.days, "bakery-production", { failing: true, attempt });
  await probe(world, "shop-production", ["The file bucket is empty."]);
  await probe(world, "shop-acceptance", []);
  const [from, into] = ["shop-production", "shop-acceptance"];
  const snapshotId = nightlyId(from, LAST);
  await endedRestore(
    world,
    { from, snapshotId, into },
    { state: "completed", phase: "done", statusMessage: "Restored." },
  );
  await endedRestore(world, { from, snapshotId, into }, { state: "failed", statusMessage: "The target has sessions." });
  await endedRestore(world, { from, snapshotId, into, planOnly: true }, { state: "completed", phase: "planned" });
  const [stores, table] = [[world.store.save(), world.replicaStore.save()], world.table.save()];
  const now = world.clock.now();
  undo = () => {
    for (const put of [...stores, table]) put();
    world.clock.set(now);
  };
}, 300_000);
beforeEach(() => undo());

test("I6: at least 200 snapshots of 5 environments with packs shared among them: rebuilt equal, field by field", async () => {
  const before = lasting(world);
  const snapshots = before.filter(({ type }) => type === "SNAPSHOT");
  expect(snapshots.length).toBeGreaterThanOrEqual(200);
  expect(new Set(snapshots.map(({ environmentId }) => environmentId))).toEqual(new Set(ENVIRONMENTS));
  expect(new Set(snapshots.map(({ state }) => state))).toEqual(new Set(["completed", "failed"]));
  expect(new Set(snapshots.map(({ attempt }) => attempt))).toEqual(new Set([1, 2, 3]));
  expect(new Set(snapshots.map(({ tier }) => tier)).size).toBe(5);
  expect(snapshots.some(({ replicatedAt }) => replicatedAt === null)).toBe(true);
  await expectSharedPacks();

  world.table.clear();
  const { findings } = await rebuild(world);
  expect(findings.filter(({ code }) => code !== "snapshot-expired" && code !== "snapshot-deleted")).toEqual([]);
  expect(lasting(world)).toEqual(before);
  // Nothing is left to do, and nothing differs.
  expect((await compare(world)).differences).toEqual([]);
});

async function expectSharedPacks(): Promise<void> {
  const newest = must(
    await findManifest({ environmentId: SINGLE, replication: "single-region" }, nightlyId(SINGLE, LAST), world),
  );
  const older = must(
    await findManifest({ environmentId: SINGLE, replication: "single-region" }, onDemandId(SINGLE, LAST - 1), world),
  );
  const packs = new Set(older.manifest.files.packs.map(({ packId }) => packId));
  expect(newest.manifest.files.packs.filter(({ packId }) => packs.has(packId)).length).toBeGreaterThan(0);
}
