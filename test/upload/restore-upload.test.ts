/** What was made outside comes back: uploaded into the whole service, and restored into real PostgreSQL. */
import type { PostgresServer } from "../support/postgres";
import { gzipSync } from "node:zlib";
import { backUp, expectVerified, restore, retain } from "../crash/runs";
import { expectNothingLeaked } from "../crash/invariants";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import {
  changeBack,
  contentsOf,
  furnish,
  restoredContents,
  SOURCE,
  TARGET,
  type SmallWorld,
} from "../crash/small-world";
import { PRIMARY_BUCKET, TRANSFER_BUCKET } from "../support/collaborators";
import { archiveByHand, contentsOfArchive, download, sourceDump, upload } from "./upload-runs";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

const newWorld = async (): Promise<SmallWorld> => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await changeBack(world);
  await furnish(world);
  return world;
};
const orders = {
  "as it was made": (names: string[]) => names,
  "the dump last": (names: string[]) => names.toReversed(),
  "by name": (names: string[]) => names.toSorted(),
};

test.each(Object.keys(orders) as (keyof typeof orders)[])(
  "an archive by GNU tar and gzip, %s, uploads and restores",
  async (order) => {
    const world = await newWorld();
    const snapshotId = await upload(world, archiveByHand(world, orders[order]));
    await expectVerified(world, snapshotId);
    expect(await world.service.base.catalog.getSnapshot(SOURCE, snapshotId)).toMatchObject({
      tier: "uploaded",
      fileCount: 8,
      replicatedAt: expect.any(String) as string,
    });
    const expected = await restoredContents(world);
    expect(await restore(world, snapshotId)).toMatchObject({ status: "SUCCEEDED" });
    expect(await contentsOf(world, TARGET)).toEqual(expected);
  },
  60_000,
);

test.each(["raw", "gzipped"])(
  "a database dump alone, %s, restores and leaves the target's files",
  async (how) => {
    const world = await newWorld();
    const dump = sourceDump(world);
    const snapshotId = await upload(world, how === "raw" ? dump : gzipSync(dump));
    const { rows } = await contentsOf(world, SOURCE);
    const { files } = await contentsOf(world, TARGET);
    expect(await restore(world, snapshotId)).toMatchObject({ status: "SUCCEEDED" });
    expect(await contentsOf(world, TARGET)).toEqual({ rows, files, databasesBeside: [] });
  },
  60_000,
);

test("what was downloaded can be uploaded, and downloads with the same contents", async () => {
  const world = await newWorld();
  const snapshotId = await backUp(world);
  const first = await download(world, snapshotId, "files_and_database");
  const again = await upload(world, first);
  await expectVerified(world, again);
  const second = contentsOfArchive(await download(world, again, "files_and_database"));
  const { ".metadata": metadata = "", ...contents } = contentsOfArchive(first);
  const { ".metadata": metadataAgain = "", ...contentsAgain } = second;
  expect(Object.keys(contents)).toHaveLength(9);
  expect(contentsAgain).toEqual(contents);
  const { duration: _one, ...facts } = JSON.parse(metadata) as Record<string, string>;
  const { duration: _other, ...factsAgain } = JSON.parse(metadataAgain) as Record<string, string>;
  expect(factsAgain).toEqual(facts);
  const dump = await download(world, snapshotId, "database_only");
  const dumpAgain = await download(world, await upload(world, dump), "database_only");
  expect(dumpAgain.equals(dump)).toBe(true);
}, 60_000);

test("the next backup builds on the last backup, not on an upload, and expiry leaves nothing", async () => {
  const world = await newWorld();
  const first = await backUp(world);
  await upload(world, archiveByHand(world, orders["by name"]));
  const { catalog } = world.service.base;
  expect(await catalog.getEnvironment(SOURCE)).toMatchObject({ lastSnapshotId: first });
  const packs = world.service.base.store.versions(PRIMARY_BUCKET).filter(({ key }) => key.includes("/packs/")).length;
  const third = await backUp(world);
  await expectVerified(world, third);
  // Nothing has changed since the first: all is carried over.
  expect(world.service.base.store.versions(PRIMARY_BUCKET).filter(({ key }) => key.includes("/packs/"))).toHaveLength(
    packs,
  );
  await expectNothingLeaked(world);
}, 60_000);

test("a refused upload leaves nothing in any bucket, and its item is gone after a day", async () => {
  const world = await newWorld();
  const { store, clock, catalog } = world.service.base;
  const before = store.versions(PRIMARY_BUCKET).map(({ key }) => key);
  const snapshotId = await upload(world, archiveByHand(world, orders["by name"]).subarray(0, 700));
  expect(await catalog.getSnapshot(SOURCE, snapshotId)).toMatchObject({
    state: "failed",
    statusMessage: expect.stringMatching(/^The upload can't be used: /) as string,
  });
  expect(store.versions(PRIMARY_BUCKET).map(({ key }) => key)).toEqual(before);
  expect(store.versions(TRANSFER_BUCKET)).toEqual([]);
  clock.advance(24 * 3_600_000);
  await retain(world);
  expect(await catalog.getSnapshot(SOURCE, snapshotId)).toBeUndefined();
}, 60_000);
