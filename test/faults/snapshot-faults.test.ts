/** The snapshot that a restore asks for is expired, failed, damaged or absent; or somebody put delete markers on it. */
import { dumpOf } from "../../lambda/snapshot/manifest";
import { backUp } from "../crash/runs";
import { withSmallDatabases } from "../crash/small-databases";
import { contentsOf, restoredContents, SOURCE, TARGET } from "../crash/small-world";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";
import {
  damage,
  expectSentence,
  expectUnchanged,
  expectWhole,
  faultWorld,
  manifestOf,
  picture,
  restoreOf,
  snapshotOf,
  type FaultWorld,
  type Picture,
} from "./fault-world";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

/** Refused when it is asked for: no restore stands in the catalog, no execution began. */
const expectNotAccepted = async (
  world: FaultWorld,
  snapshotId: string,
  before: Picture,
  sentence: string | RegExp,
): Promise<void> => {
  const failure = await restoreOf(world, snapshotId).then(
    () => new Error("It was accepted."),
    (error: Error) => error,
  );
  expectSentence(failure.message, sentence);
  expect(world.service.base.table.all().filter(({ pk }) => pk.startsWith("RESTORE#"))).toEqual([]);
  expect([...world.service.results.keys()].filter((name) => name.startsWith("restore:"))).toEqual([]);
  await expectUnchanged(world, before);
};

test("Rule 3: an expired snapshot is refused from its expiry second on, and accepted in the second before", async () => {
  const world = await faultWorld(postgres);
  const before = await picture(world);
  const { expiresAt } = await snapshotOf(world, world.first);
  world.service.base.clock.set(expiresAt);
  await expectNotAccepted(
    world,
    world.first,
    before,
    `Snapshot ${world.first} of environment ${SOURCE} expired at ${expiresAt}: choose a later one.`,
  );
  world.service.base.clock.set(new Date(Date.parse(expiresAt) - 1000));
  expect(await restoreOf(world, world.first)).toMatchObject({ state: "completed" });
});

test("a failed snapshot is refused, with the reason of its failure", async () => {
  const world = await faultWorld(postgres);
  world.service.taskChange = {
    secrets: { databaseCredentials: async () => ({ username: postgres.user, password: "wrong" }) },
  };
  const failed = await backUp(world);
  world.service.taskChange = {};
  await expectNotAccepted(
    world,
    failed,
    await picture(world),
    `Snapshot ${failed} of environment ${SOURCE} failed (The database server 127.0.0.1:${postgres.port} refuses the password of "postgres"; correct the registered secret): choose a completed one.`,
  );
  await expectWhole(world, world.first);
});

test("an absent snapshot is refused", async () => {
  const world = await faultWorld(postgres);
  await expectNotAccepted(
    world,
    "no-such-snapshot",
    await picture(world),
    `Snapshot no-such-snapshot of environment ${SOURCE} does not exist: choose one from the environment's list.`,
  );
  await expectWhole(world, world.first);
});

test("a snapshot whose manifest is gone on both sides: the restore fails and changes nothing", async () => {
  const world = await faultWorld(postgres);
  const { key } = must((await snapshotOf(world, world.first)).manifest);
  for (const [store, bucket] of [
    [world.service.base.store, PRIMARY_BUCKET],
    [world.service.base.replicaStore, REPLICA_BUCKET],
  ] as const) {
    const versions = store.versions(bucket, key).map(({ versionId }) => ({ key, versionId }));
    await store.deleteBatch(bucket, versions, { bypassGovernance: true });
  }
  const before = await picture(world);
  const restore = await restoreOf(world, world.first);
  expect(restore).toMatchObject({ state: "failed", database: null });
  expectSentence(
    restore.statusMessage,
    new RegExp(
      `^The snapshot is damaged: its object ${key} can be read in neither region \\(.+; .+\\): choose another snapshot\\.$`,
    ),
  );
  await expectUnchanged(world, before);
});

describe("a damaged snapshot", () => {
  const objectOf = async (world: FaultWorld, which: "manifest" | "index" | "pack" | "database"): Promise<string> => {
    const manifest = await manifestOf(world, world.first);
    if (which === "manifest") return must((await snapshotOf(world, world.first)).manifest).key;
    if (which === "database") return dumpOf(manifest).key;
    return must(which === "pack" ? manifest.files.packs[0] : manifest.files.index[0]).key;
  };

  test.each(["manifest", "index", "pack", "database"] as const)(
    "its %s has other bytes in both regions: the restore fails, the target is as it was",
    async (which) => {
      const world = await faultWorld(postgres);
      const before = await picture(world);
      const key = await objectOf(world, which);
      const mend = damage(world, key, ["primary", "replica"]);
      const restore = await restoreOf(world, world.first);
      expect(restore.state).toBe("failed");
      expectSentence(
        restore.statusMessage,
        new RegExp(
          `^The snapshot is damaged: its object ${key} can be read in neither region \\(.+; .+\\): choose another snapshot\\.$`,
        ),
      );
      mend();
      await expectUnchanged(world, before);
      await expectWhole(world, world.first);
    },
  );

  test.each(["manifest", "index", "pack", "database"] as const)(
    "I1: its %s has other bytes in the primary region only: restored from the replica, and the log says so",
    async (which) => {
      const world = await faultWorld(postgres);
      const should = await restoredContents(world);
      const key = await objectOf(world, which);
      damage(world, key, ["primary"]);
      expect(await restoreOf(world, world.first)).toMatchObject({ state: "completed" });
      expect(await contentsOf(world, TARGET)).toEqual(should);
      const { log } = world.service.base;
      expect(log.lines).toContainEqual({
        level: "error",
        message: "An object of a snapshot is unreadable in the primary bucket: its replica is read.",
        details: { key, reason: expect.any(String) as string },
      });
    },
  );
});

test("I2: delete markers on every object of a snapshot, on both sides, hide nothing: it is verified, restored and built upon", async () => {
  const world = await faultWorld(postgres);
  const manifest = await manifestOf(world, world.first);
  const keys = [
    must((await snapshotOf(world, world.first)).manifest).key,
    dumpOf(manifest).key,
    ...[...manifest.files.index, ...manifest.files.packs].map((one) => one.key),
  ];
  const { store, replicaStore } = world.service.base;
  await store.deleteBatch(
    PRIMARY_BUCKET,
    keys.map((key) => ({ key })),
  );
  await replicaStore.deleteBatch(
    REPLICA_BUCKET,
    keys.map((key) => ({ key })),
  );
  await expect(store.head({ bucket: PRIMARY_BUCKET, key: dumpOf(manifest).key })).rejects.toThrow();
  const should = await restoredContents(world);
  const before = await picture(world);
  await expectWhole(world, world.first);
  const second = await backUp(world);
  expect(await expectWhole(world, second)).toMatchObject({ baseSnapshotId: world.first, warnings: [] });
  await expectUnchanged(world, before);
  expect(await restoreOf(world, world.first)).toMatchObject({ state: "completed" });
  expect(await contentsOf(world, TARGET)).toEqual(should);
  // All of it from the primary: nobody had to turn to the replica.
  expect(world.service.base.log.lines.filter(({ level }) => level === "error")).toEqual([]);
});
