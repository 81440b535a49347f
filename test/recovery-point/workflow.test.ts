/**
 * The backup workflow's own definition with a recovery point: real handlers, the real database task on PostgreSQL,
 * AWS Backup's double. And the same stopped at a sample of its points: the next run completes, or the snapshot fails cleanly.
 */
import { readManifest } from "../../lambda/backup/committed-manifest";
import { deleteSnapshot } from "../../lambda/deletion/delete-snapshot";
import type { Manifest } from "../../lambda/snapshot/manifest";
import { flat, readIndex } from "../../lambda/pack/index-io";
import { requestArchive } from "../../lambda/archive/request-archive";
import type { ArchiveDataType } from "../../lambda/catalog/items";
import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import { backUp, retain } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { expectNothingHeld } from "../crash/invariants";
import { change, changeBack, furnish, SOURCE, type SmallWorld } from "../crash/small-world";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));
const DAY = 86_400_000;

const worldOf = async (replication: "replicated" | "single-region" = "replicated"): Promise<SmallWorld> => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await changeBack(world);
  await furnish(world, replication);
  const { catalog } = world.service.base;
  const environment = must(await catalog.getEnvironment(SOURCE));
  const database = { ...environment.registration.database, instance: "shop-db", backup: "recovery-point" as const };
  await catalog.updateEnvironment(SOURCE, { registration: { ...environment.registration, database } });
  return world;
};
const manifestOf = async ({ service }: SmallWorld, snapshotId: string): Promise<Manifest> => {
  const snapshot = must(await service.base.catalog.getSnapshot(SOURCE, snapshotId));
  return readManifest(must(snapshot.manifest ?? undefined), PRIMARY_BUCKET, service.store);
};
const keysOf = async ({ service }: SmallWorld, { files }: Manifest): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of flat(readIndex(service.store, PRIMARY_BUCKET, files.index))) keys.push(key);
  return keys;
};

test("Rule 9: a recovery point between two lists, their union packed, both ARNs in the manifest, and the weaker promises told", async () => {
  const world = await worldOf();
  const { awsBackup, catalog } = world.service.base;
  // One file comes and one goes while AWS Backup is at work.
  let changed = false;
  world.service.whileWaiting = async () => {
    if (!changed) await change(world);
    changed = true;
  };
  const id = await backUp(world);
  const snapshot = must(await catalog.getSnapshot(SOURCE, id));
  expect(snapshot).toMatchObject({ state: "completed", dumpSize: null });
  expect(snapshot.replicatedAt).not.toBeNull();
  const manifest = await manifestOf(world, id);
  const [point, copy] = [...awsBackup.points.values()];
  expect(manifest.database).toMatchObject({
    kind: "recovery-point",
    instance: "shop-db",
    vault: "backups-eu-central-1-primary",
    recoveryPointArn: point?.arn,
    copyVault: "backups-eu-central-1-replica",
    copyRecoveryPointArn: copy?.arn,
    listedBefore: 8,
    listedAfter: 8,
    encoding: "UTF8",
  });
  expect(manifest.consistency).toBe("around-recovery-point");
  const named = await keysOf(world, manifest);
  expect(named).toHaveLength(9);
  expect(named.filter((key) => key.endsWith("11") || key.endsWith("16"))).toHaveLength(2);
  expect(manifest.warnings).toHaveLength(3);
  expect(snapshot.statusMessage).toMatch(/recovery point of AWS Backup.*nobody can delete it sooner.*renames two/s);
  expect(snapshot.recoveryPoint).toEqual({
    vault: "backups-eu-central-1-primary",
    arn: point?.arn,
    copyVault: "backups-eu-central-1-replica",
    copyArn: copy?.arn,
    deleteAt: expect.any(String) as string,
  });
  world.service.whileWaiting = undefined;
}, 120_000);

test("a single-region environment has no copy, and its manifest says so", async () => {
  const world = await worldOf("single-region");
  const manifest = await manifestOf(world, await backUp(world));
  expect(manifest.database).toMatchObject({ copyVault: null, copyRecoveryPointArn: null });
  expect(world.service.base.awsBackup.points.size).toBe(1);
}, 120_000);

test("a failed job fails the snapshot with its sentence, and gives the lease back", async () => {
  const world = await worldOf();
  world.service.base.awsBackup.fate = { ends: "FAILED", message: "The instance is in maintenance" };
  const id = await backUp(world);
  const snapshot = must(await world.service.base.catalog.getSnapshot(SOURCE, id));
  expect(snapshot).toMatchObject({ state: "failed" });
  expect(snapshot.statusMessage).toMatch(
    /failed to make the recovery point of shop-db.*The instance is in maintenance\.$/,
  );
  await expectNothingHeld(world);
}, 120_000);

test("Rule 6, I4: a user's deletion is refused with the lock's date; at its expiry the files go, and both recovery points when the locks end", async () => {
  const world = await worldOf();
  const { service } = world;
  const { awsBackup, catalog, clock } = service.base;
  awsBackup.createsLaterMs = 2 * 3_600_000;
  const id = await backUp(world);
  const { expiresAt, recoveryPoint } = must(await catalog.getSnapshot(SOURCE, id));
  const { deleteAt } = must(recoveryPoint);
  const wish = { executionArn: "arn:execution:x", environmentId: SOURCE, snapshotId: id, requestedBy: "operator" };
  expect(await deleteSnapshot(wish, service.outside())).toEqual({
    outcome: "refused",
    message: expect.stringMatching(
      new RegExp(`can't be deleted before ${deleteAt}: its database is a recovery point`),
    ) as string,
  });
  clock.set(expiresAt);
  await retain(world);
  expect(await catalog.getSnapshot(SOURCE, id)).toMatchObject({ deleting: true });
  expect(service.base.store.versions(PRIMARY_BUCKET).filter(({ key }) => key.includes("/snapshots/"))).toEqual([]);
  expect(awsBackup.points.size).toBe(2);
  clock.set(new Date(Date.parse(deleteAt) + 1000));
  await retain(world);
  expect(awsBackup.points.size).toBe(0);
  expect(await catalog.getSnapshot(SOURCE, id)).toBeUndefined();
}, 120_000);

test("recovery points that stay as EXPIRED for a day fail retention's run, and keep the snapshot's item", async () => {
  const world = await worldOf();
  const { awsBackup, catalog, clock } = world.service.base;
  const id = await backUp(world);
  const { deleteAt } = must(must(await catalog.getSnapshot(SOURCE, id)).recoveryPoint);
  awsBackup.vault("eu-west-1", "backups-eu-central-1-replica").refusesQuietly = true;
  clock.set(new Date(Date.parse(deleteAt) + 3_600_000));
  expect(await retain(world)).toMatchObject({ status: "SUCCEEDED" });
  clock.advance(25 * 3_600_000);
  expect(await retain(world)).toMatchObject({ status: "FAILED" });
  expect(await catalog.getSnapshot(SOURCE, id)).toBeDefined();
  awsBackup.vault("eu-west-1", "backups-eu-central-1-replica").refusesQuietly = false;
  expect(await retain(world)).toMatchObject({ status: "SUCCEEDED" });
  expect(awsBackup.points.size).toBe(0);
}, 120_000);

/** Points of a run that are tried; `CRASH_SAMPLE=1` tries every one. */
const SAMPLE = Number(process.env["CRASH_SAMPLE"] ?? 9);

test.each(["invocation", "service"] as const)(
  "Rule 5, I5: a recovery point whose %s stops at any point of a sample: the next run is whole, nothing is held, and all goes with its lifecycle",
  async (mode) => {
    const world = await worldOf();
    const { service } = world;
    const { awsBackup, catalog, clock } = service.base;
    const putBack = service.save();
    service.points.arm(-1, mode);
    await backUp(world);
    const names = [...service.points.passed];
    expect(names.filter((name) => name.includes("AWS Backup")).length).toBeGreaterThan(8);
    const asked = names.flatMap((name, at) => (name.includes("AWS Backup Start") ? [at] : []));
    for (const at of [...asked, ...names.keys()].filter((one, index) => index < asked.length || one % SAMPLE === 0)) {
      putBack();
      service.points.arm(at, mode);
      const first = await backUp(world);
      service.points.disarm();
      clock.advance(3_600_000);
      const second = await backUp(world);
      clock.advance(25 * 3_600_000);
      await retain(world);
      try {
        for (const id of [first, second]) {
          const snapshot = must(await catalog.getSnapshot(SOURCE, id));
          expect(["completed", "failed", ...(id === first ? ["queued"] : [])]).toContain(snapshot.state);
          if (snapshot.state !== "completed") continue;
          expect((await manifestOf(world, id)).database).toMatchObject({ kind: "recovery-point" });
        }
        expect((await catalog.getSnapshot(SOURCE, second))?.state).toBe("completed");
        await expectNothingHeld(world);
        // On demand: three months. What no snapshot names is gone by then too, since AWS Backup removes it by itself.
        clock.advance(100 * DAY);
        for (let round = 0; round < 2; round++) await retain(world);
        awsBackup.removeEnded();
        expect([...awsBackup.points.keys()]).toEqual([]);
        expect((await catalog.listSnapshots(SOURCE)).items).toEqual([]);
      } catch (error) {
        throw new Error(`${mode} stopped at point ${at}: ${names[at] ?? ""}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  },
  900_000,
);

test("its objects verify in both regions; its files can be downloaded, its database can't, and the sentence says what to do", async () => {
  const world = await worldOf();
  const { service } = world;
  const id = await backUp(world);
  const manifest = await manifestOf(world, id);
  for (const [store, bucket, replica] of [
    [service.store, PRIMARY_BUCKET, false],
    [service.base.replicaStore, REPLICA_BUCKET, true],
  ] as const) {
    const verified = await verifySnapshot(store, bucket, manifest, { replica });
    expect(verified).toMatchObject({ ok: true, problems: [], files: 8 });
  }
  const ask = (dataType: ArchiveDataType) =>
    requestArchive(service.outside(), { environmentId: SOURCE, snapshotId: id, dataType, requestedBy: "operator" });
  for (const dataType of ["database_only", "files_and_database"] as const)
    await expect(ask(dataType)).rejects.toMatchObject({
      code: "DatabaseIsRecoveryPoint",
      message: expect.stringMatching(
        /restore the snapshot into an environment, .* take a backup there and download that\. The files can be downloaded/,
      ) as string,
    });
  expect(await ask("files_only")).toMatchObject({ state: "queued" });
}, 120_000);
