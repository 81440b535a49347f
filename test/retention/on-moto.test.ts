/** The same retention and deletion against a real S3 protocol: paging, delete markers, refusals inside a 200, bypass. */
import { deleteSnapshot } from "../../lambda/deletion/delete-snapshot";
import { expireEnvironment } from "../../lambda/retention/expire";
import { selectEnvironments } from "../../lambda/retention/select";
import type { Collaborators } from "../../lambda/runtime/collaborators";
import { databaseKey, manifestKey, packKey } from "../../lambda/storage/object-keys";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import type { ObjectStore } from "../../lambda/storage/object-store";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { createMotoBucket, motoCredentials, startMoto, type Moto } from "../support/moto";
import { createEnvironment, ENVIRONMENT, seal } from "./sealed-environment";

let moto: Moto;
let fake: FakeCollaborators;
let collaborators: Collaborators;
let clients: { destroy(): void }[] = [];

beforeAll(async () => {
  moto = await startMoto({ pageLimit: 3 });
});
afterAll(() => moto.stop());
beforeEach(async () => {
  await moto.reset();
  await createMotoBucket(moto, PRIMARY_BUCKET, { objectLock: true });
  await createMotoBucket(moto, REPLICA_BUCKET, { objectLock: true });
  // Snapshots of long ago, so that the server's own time is past their expiry.
  fake = fakeCollaborators({ now: new Date("2026-01-03T03:18:00Z") });
  clients = [];
  const store = (): S3Store => {
    const client = createS3Client({ region: "eu-central-1", endpoint: moto.endpoint, credentials: motoCredentials });
    clients.push(client);
    return new S3Store(client);
  };
  collaborators = { ...fake, store: store(), replicaStore: store(), remainingMs: () => fake.remaining };
});
afterEach(() => clients.forEach((client) => client.destroy()));

/** Copies what stands in memory to the server; locks that have not ended go along. */
async function carryOver(): Promise<void> {
  const sides = [
    [fake.store, collaborators.store, PRIMARY_BUCKET],
    [fake.replicaStore, collaborators.replicaStore, REPLICA_BUCKET],
  ] as const;
  for (const [from, to, bucket] of sides) {
    for (const { key, body, lock } of from.versions(bucket)) {
      const held = lock !== undefined && lock.until > new Date() ? { lock } : {};
      const { versionId } = await to.put({ bucket, key, body, ...held });
      const item = [...(await fake.catalog.listSnapshots(ENVIRONMENT)).items].find((one) => one.manifest?.key === key);
      if (item?.manifest && bucket === PRIMARY_BUCKET) {
        const manifest = { ...item.manifest, versionId: versionId ?? "" };
        await fake.catalog.updateSnapshot(ENVIRONMENT, item.snapshotId, { manifest });
      }
    }
  }
}
async function keys(store: ObjectStore, bucket: string): Promise<readonly string[]> {
  const found: string[] = [];
  let next: { keyMarker: string; versionIdMarker?: string } | undefined = { keyMarker: "" };
  while (next !== undefined) {
    const page = await store.listVersions(bucket, { prefix: "", ...(next.keyMarker === "" ? {} : next) });
    found.push(...page.versions.map((version) => version.key));
    next = page.next;
  }
  return found;
}
const expire = () =>
  expireEnvironment({ step: "expire", executionArn: "retention", environmentId: ENVIRONMENT }, collaborators);

it("expires, with delete markers and strange versions in the way, and keeps what lives", async () => {
  const environment = await createEnvironment(fake);
  const { expiresAt } = await seal(fake, environment, "old", { packs: ["shared", "only-old"] });
  fake.clock.advance(86_400_000);
  await seal(fake, environment, "new", { packs: ["shared"] });
  await carryOver();
  const hidden = { bucket: PRIMARY_BUCKET, key: packKey(environment, "shared") };
  await collaborators.store.deleteBatch(PRIMARY_BUCKET, [
    { key: hidden.key },
    { key: manifestKey(environment, "old") },
  ]);
  await collaborators.store.put({
    bucket: PRIMARY_BUCKET,
    key: packKey(environment, "only-old"),
    body: Buffer.from("foreign"),
  });
  fake.clock.set(expiresAt);
  expect((await selectEnvironments(collaborators)).environments).toEqual([ENVIRONMENT]);
  expect(await expire()).toMatchObject({ outcome: "done", reasons: [] });
  for (const [store, bucket] of [
    [collaborators.store, PRIMARY_BUCKET],
    [collaborators.replicaStore, REPLICA_BUCKET],
  ] as const) {
    const left = await keys(store, bucket);
    expect(left).toHaveLength(4);
    for (const key of left) expect(key).toMatch(/\/new\/|shared/);
  }
  expect((await collaborators.store.head(hidden)).size).toBeGreaterThan(0);
});

it("deletes on a user's wish what retention could not, by bypass", async () => {
  fake.clock.set(new Date());
  const environment = await createEnvironment(fake);
  await seal(fake, environment, "one", { tier: "monthly" });
  await carryOver();
  const input = { executionArn: "deletion", environmentId: ENVIRONMENT, snapshotId: "one", requestedBy: "operator" };
  await fake.catalog.updateSnapshot(ENVIRONMENT, "one", { deleting: true });
  const refused = await expire();
  expect(refused.reasons.length).toBeGreaterThan(0);
  expect(await keys(collaborators.store, PRIMARY_BUCKET)).toHaveLength(4);
  expect(await deleteSnapshot(input, collaborators)).toMatchObject({ outcome: "done" });
  expect(await keys(collaborators.store, PRIMARY_BUCKET)).toEqual([
    expect.stringContaining("/records/"),
    expect.stringContaining("/records/"),
  ]);
  expect(await keys(collaborators.replicaStore, REPLICA_BUCKET)).toEqual([]);
});

it("the census finds every environment of the bucket", async () => {
  for (const environmentId of ["a", "a-1", "a0", "b"]) {
    for (const snapshotId of ["s", "t"]) {
      const key = databaseKey({ environmentId, replication: "replicated" }, snapshotId, "x");
      await collaborators.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from("x") });
    }
  }
  const found = (await selectEnvironments(collaborators)).environments;
  expect(found.toSorted()).toEqual(["a", "a-1", "a0", "b"]);
});
