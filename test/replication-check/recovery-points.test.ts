/** A snapshot whose database is a recovery point counts as replicated only when both of its points are as they must be. */
import { manifestEntry } from "../../lambda/backup/committed-manifest";
import type { RecoveryPoint } from "../../lambda/recovery-point/recovery-points";
import { checkReplication } from "../../lambda/replication-check/check-replication";
import { dumpOf, type Manifest, type RecoveryPointEntry } from "../../lambda/snapshot/manifest";
import { createEnvironment, ENVIRONMENT, seal } from "../retention/sealed-environment";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";

const NOW = "2026-12-03T03:18:00Z";
const EXPIRY = "2026-12-17T03:18:00Z";
const INPUT = { environmentId: ENVIRONMENT, snapshotId: "night", executionArn: "check", waitedSeconds: 0 };

/** Everything but the recovery points is at the replica. */
async function sealedWithPoint(): Promise<FakeCollaborators> {
  const world = fakeCollaborators({ now: new Date(NOW) });
  const snapshot = await seal(world, await createEnvironment(world), "night", { replicated: false });
  const { key, versionId } = must(snapshot.manifest);
  const version = must(world.store.versions(PRIMARY_BUCKET, key)[0]);
  const manifest = JSON.parse(Buffer.from(version.body).toString()) as Manifest;
  const { databaseSize, serverVersion, encoding, collate, ctype, extensions, policyRoles } = dumpOf(manifest);
  const database: RecoveryPointEntry = {
    kind: "recovery-point",
    instance: "orders-db",
    vault: "vault",
    recoveryPointArn: "point",
    copyVault: "copies",
    copyRecoveryPointArn: "copy",
    createdAt: NOW,
    completedAt: NOW,
    deleteAt: EXPIRY,
    backupSize: 1,
    databaseSize,
    serverVersion,
    encoding,
    collate,
    ctype,
    extensions,
    policyRoles,
    listedBefore: 0,
    listedAfter: 0,
  };
  const body = Buffer.from(JSON.stringify({ ...manifest, database }));
  Object.assign(version, { body, crc32: undefined });
  await world.catalog.updateSnapshot(ENVIRONMENT, "night", { manifest: manifestEntry(key, versionId, body) });
  world.store.replicateTo(world.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
  return world;
}

const check = async (world: FakeCollaborators, deleteAt: string, copyDeleteAt: string) => {
  const point = (arn: string, until: string) =>
    ({ arn, status: "COMPLETED", message: "", encrypted: true, deleteAt: new Date(until) }) as RecoveryPoint;
  const describing =
    (until: string) =>
    async ({ arn }: { readonly arn: string }) =>
      point(arn, until);
  return checkReplication(INPUT, {
    ...world,
    recoveryPoints: { ...world.recoveryPoints, describePoint: describing(deleteAt) },
    replicaRecoveryPoints: { ...world.replicaRecoveryPoints, describePoint: describing(copyDeleteAt) },
  });
};
const EARLIER = "2026-12-17T03:17:59Z";

test("both points outlive the snapshot: it is replicated", async () => {
  const world = await sealedWithPoint();
  expect(await check(world, EXPIRY, EXPIRY)).toMatchObject({ outcome: "replicated" });
  expect((await world.catalog.getSnapshot(ENVIRONMENT, "night"))?.replicatedAt).toBe(NOW);
});

test.each([
  ["the point", "point in eu-central-1", EARLIER, EXPIRY],
  ["its copy", "copy in eu-west-1", EXPIRY, EARLIER],
])("%s that goes sooner is a failure, though every object stands", async (_, name, deleteAt, copyDeleteAt) => {
  const world = await sealedWithPoint();
  const message = expect.stringContaining(`AWS Backup would remove the recovery point ${name} on `) as string;
  expect(await check(world, deleteAt, copyDeleteAt)).toMatchObject({ outcome: "failed", message });
  expect(await world.catalog.getSnapshot(ENVIRONMENT, "night")).toMatchObject({
    replicatedAt: null,
    replicationMessage: message,
  });
  expect(world.notifier.told).toHaveLength(1);
});
