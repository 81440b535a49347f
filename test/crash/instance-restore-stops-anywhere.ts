/**
 * A restore of a recovery point is stopped at requests and states all along its own branch (each in turn with
 * `CRASH_SAMPLE=1`, which takes an hour), on the workflow's own definition, with the real tasks and the doubles of RDS and AWS Backup. The name always ends up with an instance:
 * the old one and the files as they were, or the new one and the files of the snapshot (Rule 10, I3, I5).
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { readManifest } from "../../lambda/backup/committed-manifest";
import type { RestoreItem } from "../../lambda/catalog/items";
import { requestRestore } from "../../lambda/restore/request";
import type { RecoveryPoints } from "../../lambda/recovery-point/recovery-points";
import type { Manifest } from "../../lambda/snapshot/manifest";
import { POINT_ARN, recoveryPoint } from "../instance-swap/swap-fixture";
import { crc32ToBase64 } from "../../lambda/storage/crc32-text";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import type { PostgresServer } from "../support/postgres";
import { SWAP_MARK } from "../../lambda/instance-swap/swap-mark";
import { doubleInstance } from "../support/rds/rds-double";
import type { Mode } from "./crash-points";
import { expectNothingHeld } from "./invariants";
import { pointsToTry } from "./points-to-try";
import { backUp, RESTORE_MACHINE, retain } from "./runs";
import { SimulatedService } from "./simulated-service";
import { withSmallDatabases } from "./small-databases";
import { contentsOf, furnish, recreateTarget, restoredContents, SOURCE, TARGET, type SmallWorld } from "./small-world";

/** A prime, so that the points move along when one is added before them. */
const USUAL_SAMPLE = 23;

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

const RESTORE_ID = "restore-of-an-instance";
const INSTANCE = "shop-acceptance-db";
const OLD_ID = "db-OLD";
const HOUR_MS = 3_600_000;

interface Prepared {
  readonly world: SmallWorld;
  readonly snapshotId: string;
}

/** A backup whose dump is exchanged for a recovery point: files, index and packs are real. */
const prepare = async (): Promise<Prepared> => {
  const service = new SimulatedService(postgres);
  const world: SmallWorld = { service, postgres };
  await furnish(world);
  const snapshotId = await backUp(world);
  const { base } = service;
  const snapshot = await base.catalog.getSnapshot(SOURCE, snapshotId);
  if (snapshot === undefined || snapshot.manifest === null) throw new Error("no snapshot");
  const dumped = await readManifest(snapshot.manifest, PRIMARY_BUCKET, base.store);
  const manifest: Manifest = { ...dumped, consistency: "around-recovery-point", database: recoveryPoint() };
  const body = Buffer.from(JSON.stringify(manifest));
  const { key } = snapshot.manifest;
  // In both regions and under the same version, as if it had been written like this: retention compares them.
  for (const version of [
    ...base.store.versions(PRIMARY_BUCKET, key),
    ...base.replicaStore.versions(REPLICA_BUCKET, key),
  ])
    Object.assign(version, {
      body: new Uint8Array(body),
      crc32: crc32ToBase64(crc32(body)),
      etag: createHash("md5").update(body).digest("hex"),
    });
  await base.catalog.updateSnapshot(SOURCE, snapshotId, {
    manifest: {
      ...snapshot.manifest,
      size: body.length,
      sha256: createHash("sha256").update(body).digest("hex"),
      crc32: crc32(body),
    },
    recoveryPoint: {
      vault: "backups-eu-central-1-primary",
      arn: POINT_ARN,
      copyVault: null,
      copyArn: null,
      deleteAt: "",
    },
  });
  await registerInstances(world);
  base.awsBackup.points.set(POINT_ARN, {
    arn: POINT_ARN,
    region: "eu-central-1",
    vault: "backups-eu-central-1-primary",
    resourceArn: "arn:aws:rds:eu-central-1:111111111111:db:shop-production-db",
    createdAt: base.clock.now().getTime(),
    days: 15,
    status: "COMPLETED",
  });
  watch(service);
  return { world, snapshotId };
};

const registerInstances = async ({ service: { base } }: SmallWorld): Promise<void> => {
  const at = { host: postgres.host, port: postgres.port };
  for (const [id, instance] of [
    [SOURCE, "shop-production-db"],
    [TARGET, INSTANCE],
  ] as const) {
    const environment = await base.catalog.getEnvironment(id);
    if (environment === undefined) throw new Error(`no ${id}`);
    const { registration } = environment;
    // A swap of instances leaves the databases' names alone.
    const database = { ...registration.database, instance, name: "crash_target" };
    await base.catalog.updateEnvironment(id, { registration: { ...registration, database } });
  }
  base.rds.add(doubleInstance("shop-production-db", { resourceId: "db-SOURCE", ...at }));
  base.rds.add(doubleInstance(INSTANCE, { resourceId: OLD_ID, ...at }));
  base.awsBackup.onRestore = (metadata) => base.rds.restoreFrom(metadata, at);
};

/** Requests to RDS and AWS Backup are points, before and after their effect. */
const watch = ({ base, points }: SimulatedService): void => {
  const pass = (name: string): void => {
    if (points.current() !== undefined) points.pass(name);
  };
  base.rds.onRequest = (action) => pass(`rds ${action}`);
  base.rds.onReply = (action) => pass(`rds ${action} done`);
  const real = base.recoveryPoints;
  const watched = new Proxy(real, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]) => {
        pass(`backup ${String(name)}`);
        const answer: unknown = await Reflect.apply(method, target, args);
        pass(`backup ${String(name)} done`);
        return answer;
      };
    },
  });
  Object.assign(base, { recoveryPoints: watched satisfies RecoveryPoints });
};

const restoreOnce = async ({ service }: SmallWorld, snapshotId: string): Promise<void> => {
  await requestRestore(
    service.outside(),
    {
      sourceEnvironmentId: SOURCE,
      snapshotId,
      targetEnvironmentId: TARGET,
      databaseOnly: false,
      acknowledged: ["*"],
      requestedBy: "a test",
      restoreId: RESTORE_ID,
    },
    RESTORE_MACHINE,
  );
  await service.drain();
};

const expectWhole = async (
  { service }: SmallWorld,
  restore: RestoreItem | undefined,
  files: Readonly<Record<"before" | "after", unknown>>,
  standing: unknown,
): Promise<void> => {
  const { rds, clock } = service.base;
  clock.advance(HOUR_MS);
  expect(rds.names()).toEqual([INSTANCE, "shop-production-db"]);
  const isRestored = restore?.state === "completed";
  expect(rds.named(INSTANCE)?.resourceId === OLD_ID).toBe(!isRestored);
  // An instance that is live for good is never one that the service may delete.
  expect(Object.keys(rds.named(INSTANCE)?.tags ?? {})).not.toContain(SWAP_MARK);
  expect(rds.named(INSTANCE)?.tags).toMatchObject({ team: "shop", "nightly-backups": "allowed" });
  expect(standing).toEqual(isRestored ? files.after : files.before);
  expect(["completed", "failed"]).toContain(restore?.state);
  if (restore?.state === "failed") expect(restore.statusMessage).toMatch(/\w+ .*\.$/s);
};

export const instanceRestoreStopsAnywhere = (mode: Mode): void => {
  test(`Rule 10, I3, I5: a restore of a recovery point whose ${mode} stops at any point is all or nothing`, async () => {
    const { world, snapshotId } = await prepare();
    const { service } = world;
    const { base } = service;
    await recreateTarget(postgres);
    const stores = service.save();
    const instances = base.rds.save();
    const jobs = base.awsBackup.save();
    const putBack = (): void => {
      stores();
      instances();
      jobs();
    };
    const before = (await contentsOf(world, TARGET)).files;
    const after = (await restoredContents(world)).files;
    service.points.arm(-1, mode);
    await restoreOnce(world, snapshotId);
    const names = [...service.points.passed];
    const untouched = await base.catalog.getRestore(RESTORE_ID);
    expect(untouched).toMatchObject({
      state: "completed",
      files: { put: 4, replaced: 1 },
      database: { removed: 2, oldDropped: true },
    });
    await expectWhole(world, untouched, { before, after }, (await contentsOf(world, TARGET)).files);
    const first = names.findIndex((name) => name.includes("instance-swap") || name.includes("state ListOldFiles"));
    expect(names.length - first).toBeGreaterThan(60);
    const ends = new Set<string>();
    // Whatever the sample: each request about tags, deleting, and the end, where pin and lease go back.
    const always = names.flatMap((name, at) => (/TagsTo|TagsFrom|DeleteDBInstance|delete PIN/.test(name) ? [at] : []));
    const tried = new Set([...pointsToTry(names.length, USUAL_SAMPLE), ...always]);
    for (const at of [...tried].filter((one) => one >= first).toSorted((a, b) => a - b)) {
      putBack();
      service.points.arm(at, mode);
      await restoreOnce(world, snapshotId);
      service.points.disarm();
      try {
        if (mode === "service") {
          base.clock.advance(HOUR_MS);
          await retain(world);
          base.clock.advance(25 * HOUR_MS);
          await retain(world);
        }
        const restore = await base.catalog.getRestore(RESTORE_ID);
        ends.add(restore?.state ?? "none");
        await expectWhole(world, restore, { before, after }, (await contentsOf(world, TARGET)).files);
        await expectNothingHeld(world);
      } catch (error) {
        throw new Error(`${mode} stopped at point ${at}: ${names[at] ?? ""}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
    expect(ends).toContain("completed");
  }, 3_600_000);
};
