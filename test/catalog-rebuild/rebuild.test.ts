/** I6: a catalog that is lost is rebuilt equal, field by field, from manifests and records alone. */
import { findManifest } from "../../lambda/backup/committed-manifest";
import { isoSeconds } from "../../lambda/catalog/catalog";
import { putSnapshotRecord } from "../../lambda/catalog/records";
import { handleRequest as register } from "../../lambda/registration/handle-request";
import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import { replicaSide } from "../../lambda/retention/inventory";
import { dumpOf } from "../../lambda/snapshot/manifest";
import { manifestKey, registrationRecordKey, snapshotRecordKey } from "../../lambda/storage/object-keys";
import { environmentItem, registrationOf, snapshotOf } from "../backup/environment-fixture";
import { expire } from "../retention/retention-run";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import {
  askToDelete,
  type CatalogWorld,
  comment,
  dayOf,
  deleteWholly,
  endedRestore,
  ENVIRONMENTS,
  liveThrough,
  newWorld,
  nightlyId,
  onDemandId,
  PEOPLE,
  probe,
  replicate,
  SINGLE,
  takeNight,
  takeUpload,
  WHOLE,
} from "./catalog-world";
import { compare, lasting, rebuild, sourceOf } from "./rebuilding";

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

describe("what is missing or damaged", () => {
  test("one object missing and one damaged: both are named, and only their snapshots are not offered", async () => {
    const [missing, damaged] = [
      await manifestOf(SINGLE, onDemandId(SINGLE, 20)),
      await manifestOf(SINGLE, onDemandId(SINGLE, 21)),
    ];
    await remove(missing.database.key);
    damage(must(damaged.files.index[0]).key);
    const before = lasting(world);
    world.table.clear();
    const { findings } = await rebuild(world, sourceOf(world, "read"));
    const named = findings.filter(({ code }) => code === "object-missing" || code === "object-damaged");
    expect(named.map(({ code, snapshotId, key }) => [code, snapshotId, key])).toEqual(
      [
        ["object-missing", missing.snapshotId, missing.database.key],
        ["object-damaged", damaged.snapshotId, must(damaged.files.index[0]).key],
      ].toSorted((a, b) => String(a[1]).localeCompare(String(b[1]))),
    );
    for (const { snapshotId, database, files } of [missing, damaged]) {
      const key = snapshotId === missing.snapshotId ? database.key : must(files.index[0]).key;
      const item = await snapshotOf(world, SINGLE, snapshotId);
      expect(item).toMatchObject({ state: "failed", withheld: true, statusMessage: expect.stringContaining(key) });
      expect(item.statusMessage).toMatch(/^Not offered, because it is not whole: .*\. Restore another snapshot\.$/);
    }
    const gone = new Set([missing.snapshotId, damaged.snapshotId]);
    const others = (items: typeof before) => items.filter(({ snapshotId }) => !gone.has(String(snapshotId)));
    expect(others(lasting(world))).toEqual(others(before));
    // Kept until its expiry, like all that is sealed.
    expect(await expire(world, SINGLE)).toMatchObject({ outcome: "done", deleted: 0 });
  });

  test("once it is mended it is offered again", async () => {
    const { database, snapshotId } = await manifestOf(SINGLE, onDemandId(SINGLE, 20));
    const before = lasting(world);
    const standing = must(world.store.versions(PRIMARY_BUCKET, database.key)[0]);
    const whole = standing.body;
    standing.body = whole.subarray(1);
    world.table.clear();
    await rebuild(world);
    expect(await snapshotOf(world, SINGLE, snapshotId)).toMatchObject({ state: "failed", withheld: true });
    standing.body = whole;
    const { differences } = await rebuild(world);
    expect(differences.map(({ change }) => change?.do)).toEqual(
      ["offer-again", "fill-environment"].slice(0, differences.length),
    );
    expect(lasting(world).map(({ withheld: _withheld, ...item }) => item)).toEqual(before);
  });

  test("what the replica can still give is offered, and named", async () => {
    const { database, snapshotId } = await manifestOf("shop-production", onDemandId("shop-production", 20));
    await remove(database.key);
    const before = lasting(world);
    world.table.clear();
    const { findings } = await rebuild(world);
    expect(findings.filter(({ key }) => key === database.key)).toEqual([
      expect.objectContaining({
        code: "object-missing",
        snapshotId,
        bucket: PRIMARY_BUCKET,
        message: expect.stringMatching(/is missing in test-primary; the copy in test-replica is whole and serves\.$/),
      }),
    ]);
    expect(lasting(world)).toEqual(before);
  });

  test("a replica that is not whole any more does not count as replicated", async () => {
    const { database, snapshotId } = await manifestOf("shop-production", onDemandId("shop-production", 20));
    const versions = world.replicaStore
      .versions(REPLICA_BUCKET, database.key)
      .map(({ versionId }) => ({ key: database.key, versionId }));
    await world.replicaStore.deleteBatch(REPLICA_BUCKET, versions, { bypassGovernance: true });
    world.table.clear();
    await rebuild(world);
    expect(await snapshotOf(world, "shop-production", snapshotId)).toMatchObject({
      state: "completed",
      replicatedAt: null,
    });
  });

  test("a manifest that can't be read is named, and the others are rebuilt", async () => {
    const key = manifestKey({ environmentId: SINGLE, replication: "single-region" }, onDemandId(SINGLE, 20));
    damage(key, () => Buffer.from("{"));
    const before = lasting(world).filter(({ sk }) => !sk.endsWith(onDemandId(SINGLE, 20)));
    world.table.clear();
    const { findings } = await rebuild(world);
    expect(findings.filter(({ code }) => code === "manifest-unreadable").map((finding) => finding.key)).toEqual([key]);
    expect(lasting(world)).toEqual(before);
  });

  test("damaged records are named, and other versions or the manifest serve", async () => {
    const place = { environmentId: "shop-production", replication: "replicated" } as const;
    const before = lasting(world);
    const keys = [registrationRecordKey(place), snapshotRecordKey(place, onDemandId("shop-production", 7))];
    for (const key of keys) {
      for (const [store, bucket] of [
        [world.store, PRIMARY_BUCKET],
        [world.replicaStore, REPLICA_BUCKET],
      ] as const)
        await store.put({ bucket, key, body: Buffer.from("not JSON") });
    }
    world.table.clear();
    const { findings } = await rebuild(world);
    expect(
      findings
        .filter(({ code }) => code === "record-unreadable")
        .map(({ key, bucket }) => `${bucket}/${key}`)
        .toSorted(),
    ).toEqual(keys.flatMap((key) => [`${PRIMARY_BUCKET}/${key}`, `${REPLICA_BUCKET}/${key}`]).toSorted());
    expect(lasting(world)).toEqual(before);
  });

  test("an environment without a registration is named, and offers nothing until it is registered again", async () => {
    const place = { environmentId: SINGLE, replication: "single-region" } as const;
    const before = lasting(world).filter(({ pk }) => pk.endsWith(SINGLE));
    await remove(registrationRecordKey(place));
    world.table.clear();
    const { findings } = await rebuild(world);
    expect(findings.map(({ code }) => code)).toContain("registration-unreadable");
    expect(await world.catalog.getEnvironment(SINGLE)).toBeUndefined();
    expect(await expire(world, SINGLE)).toMatchObject({ outcome: "refused", deleted: 0 });
    const registration = registrationOf(SINGLE, { appId: "vault", plan: "premium", replication: "off" });
    await register({ action: "register", registration }, world);
    await rebuild(world);
    const after = lasting(world).filter(({ pk }) => pk.endsWith(SINGLE));
    const isEnvironment = ({ sk }: { readonly sk: string }) => sk === "ENVIRONMENT";
    expect(after.filter((item) => !isEnvironment(item))).toEqual(before.filter((item) => !isEnvironment(item)));
    expect(after.find(isEnvironment)).toMatchObject({ lastSnapshotId: before.find(isEnvironment)?.["lastSnapshotId"] });
  });
});

describe("what must not come back", () => {
  test("a snapshot that a user has had deleted, even if its manifest stands again", async () => {
    const place = { environmentId: "wiki-production", replication: "replicated" } as const;
    const snapshotId = onDemandId("wiki-production", 11);
    const key = manifestKey(place, snapshotId);
    const body = must(world.store.versions(PRIMARY_BUCKET, key)[0]).body;
    await deleteWholly(world, "wiki-production", snapshotId);
    await world.store.put({ bucket: PRIMARY_BUCKET, key, body });
    world.table.clear();
    const { findings } = await rebuild(world);
    expect(await world.catalog.getSnapshot("wiki-production", snapshotId)).toBeUndefined();
    expect(findings.find((finding) => finding.snapshotId === snapshotId)?.message).toContain(
      `was deleted by ${PEOPLE.operator}`,
    );
  });

  test("what has expired; what an administrator keeps stays until then", async () => {
    const place = { environmentId: SINGLE, replication: "single-region" } as const;
    const kept = onDemandId(SINGLE, 1);
    const sealed = await snapshotOf(world, SINGLE, kept);
    const keepUntil = "2027-06-01T00:00:00Z";
    const record = {
      format: 1,
      environmentId: SINGLE,
      snapshotId: kept,
      comment: null,
      keepUntil,
      deletion: null,
    } as const;
    await putSnapshotRecord(place, { ...record, updatedAt: sealed.updatedAt }, world);
    world.clock.set(sealed.expiresAt);
    world.table.clear();
    await rebuild(world);
    expect(await world.catalog.getSnapshot(SINGLE, onDemandId(SINGLE, 0))).toBeUndefined();
    expect(await snapshotOf(world, SINGLE, kept)).toEqual({ ...sealed, expiresAt: keepUntil });
    expect(await snapshotOf(world, SINGLE, onDemandId(SINGLE, 2))).toMatchObject({ state: "completed" });
  });

  test("a key that was revoked", async () => {
    world.table.clear();
    await rebuild(world);
    expect((await world.catalog.listApiKeys(PEOPLE.leaver)).items).toEqual([]);
    expect((await world.catalog.listApiKeys(PEOPLE.operator)).items).toHaveLength(1);
    expect((await world.catalog.getPrincipal(PEOPLE.shopper))?.grants).toEqual([{ app: "wiki", role: "read" }]);
  });
});

test("delete markers over everything hide nothing", async () => {
  const before = lasting(world);
  const sides = [
    [world.store, PRIMARY_BUCKET],
    [world.replicaStore, REPLICA_BUCKET],
  ] as const;
  for (const [store, bucket] of sides) {
    const keys = [...new Set(store.versions(bucket).map(({ key }) => key))];
    for (let start = 0; start < keys.length; start += 1000)
      await store.deleteBatch(
        bucket,
        keys.slice(start, start + 1000).map((key) => ({ key })),
      );
  }
  world.table.clear();
  await rebuild(world);
  expect(lasting(world)).toEqual(before);
});

test("the replica bucket alone tells the same of all that is replicated, by its own version ids", async () => {
  replicate(world);
  const isReplicated = ({ pk }: { readonly pk: string }) => !pk.endsWith(SINGLE);
  const withoutVersion = ({ manifest, ...item }: Record<string, unknown>) => ({
    ...item,
    sha256: (manifest as { sha256?: string } | null)?.sha256,
  });
  const before = lasting(world).filter(isReplicated);
  world.table.clear();
  await rebuild(world, { ...sourceOf(world), sides: [replicaSide(world)] });
  const after = lasting(world);
  const seenNow = (items: readonly Record<string, unknown>[]) =>
    items.map((item) =>
      item["replicatedAt"] === isoSeconds(world.clock.now()) ? { ...item, replicatedAt: null } : item,
    );
  expect(seenNow(after.map(withoutVersion))).toEqual(before.map(withoutVersion));
  for (const { manifest } of after as readonly { readonly manifest?: { key: string; versionId: string } | null }[]) {
    if (manifest)
      expect(world.replicaStore.versions(REPLICA_BUCKET, manifest.key).at(-1)?.versionId).toBe(manifest.versionId);
  }
});

describe("a table that is not empty", () => {
  test("gets what it lacks; what stands is left, and named where it differs", async () => {
    const before = lasting(world);
    const id = onDemandId("shop-production", 12);
    await world.catalog.updateSnapshot("shop-production", id, { comment: "said by hand" });
    await world.catalog.updateEnvironment("shop-production", { lastSnapshotId: null });
    await world.catalog.deleteSnapshot("shop-production", onDemandId("shop-production", 13));
    const { differences } = await compare(world);
    expect(
      differences.map(({ kind, what, change, fields }) => [
        kind,
        what,
        change?.do ?? null,
        fields.map(({ field }) => field),
      ]),
    ).toEqual(
      [
        ["differs", "snapshot", null, ["comment"]],
        ["not-in-catalog", "snapshot", "add-snapshot", []],
        ["differs", "environment", "fill-environment", ["lastSnapshotId"]],
      ].toSorted((a, b) => order(a) - order(b)),
    );
    await rebuild(world);
    expect((await compare(world)).differences.map(({ kind, what }) => [kind, what])).toEqual([["differs", "snapshot"]]);
    await world.catalog.updateSnapshot("shop-production", id, { comment: `at noon of ${dayOf(12)}` });
    expect(lasting(world)).toEqual(before);
  });

  test("offers what the catalog calls failed although it was sealed", async () => {
    const id = onDemandId("shop-production", 12);
    const before = lasting(world);
    await world.catalog.updateSnapshot("shop-production", id, { state: "failed", statusMessage: "Nobody knows." });
    expect((await rebuild(world)).differences.map(({ change }) => change?.do)).toEqual(["offer-again"]);
    expect(lasting(world).map(({ withheld: _withheld, ...item }) => item)).toEqual(before);
  });

  test("names people and keys that have no record, and keys that their record calls revoked", async () => {
    const [key] = (await world.catalog.listApiKeys(PEOPLE.shopper)).items;
    await world.catalog.putApiKey({ ...must(key), hash: "f".repeat(64), keyId: "ffffffff" });
    await world.catalog.putPrincipal({ ...must(await world.catalog.getPrincipal(PEOPLE.shopper)), name: "stranger" });
    expect((await rebuild(world)).differences.map(({ kind, message }) => [kind, message.slice(0, 20)])).toEqual([
      ["not-in-buckets", "Key ffffffff of shop"],
      ["not-in-buckets", "stranger has no reco"],
    ]);
  });

  test("names what the buckets do not hold", async () => {
    const { snapshotId } = await manifestOf(SINGLE, onDemandId(SINGLE, 20));
    await remove(manifestKey({ environmentId: SINGLE, replication: "single-region" }, snapshotId));
    await world.catalog.createEnvironment(environmentItem("ghost-production"));
    const { differences } = await compare(world);
    expect(differences.map(({ kind, message }) => [kind, message.slice(0, 60)])).toEqual(
      [
        ["not-in-buckets", `Snapshot ${snapshotId} of env`.slice(0, 60).padEnd(0)],
        ["not-in-buckets", "Environment ghost-production is listed, and no bucket holds "],
      ].map(([kind, message]) => [kind, expect.stringContaining(String(message).trim())]),
    );
  });
});

test("after a rebuild nights, verifying, deletion and expiry go on as if nothing had happened", async () => {
  const base = nightlyId("shop-production", LAST);
  const newest = must((await world.catalog.getEnvironment("shop-production"))?.lastSnapshotId ?? undefined);
  world.table.clear();
  await rebuild(world);
  world.clock.set(`${dayOf(WHOLE.days + 1)}T00:10:00Z`);
  expect(await takeNight(world, WHOLE.days + 1, "shop-production")).toMatchObject({ outcome: "sealed" });
  const next = await manifestOf("shop-production", nightlyId("shop-production", WHOLE.days + 1));
  expect(next.baseSnapshotId).toBe(newest);
  const carried = new Set((await manifestOf("shop-production", base)).files.packs.map(({ packId }) => packId));
  expect(next.files.packs.some(({ packId }) => carried.has(packId))).toBe(true);
  expect(await verifySnapshot(world.store, PRIMARY_BUCKET, next, { replica: false })).toMatchObject({ ok: true });
  await deleteWholly(world, "shop-production", onDemandId("shop-production", 5));
  expect(await expire(world, "shop-production")).toMatchObject({ outcome: "done" });
  world.clock.set((await snapshotOf(world, "shop-production", base)).expiresAt);
  expect(await expire(world, "shop-production")).toMatchObject({ outcome: "done" });
  expect(world.store.versions(PRIMARY_BUCKET, manifestKey(REPLICATED_SHOP, base))).toEqual([]);
  expect(
    world.store.versions(PRIMARY_BUCKET, manifestKey(REPLICATED_SHOP, onDemandId("shop-production", 30))),
  ).toHaveLength(1);
});

const REPLICATED_SHOP = { environmentId: "shop-production", replication: "replicated" } as const;
const order = (row: readonly unknown[]): number =>
  row[1] === "environment"
    ? 9
    : row[0] === "differs"
      ? onDemandId("shop-production", 12) < onDemandId("shop-production", 13)
        ? 1
        : 3
      : 2;

async function manifestOf(environmentId: string, snapshotId: string) {
  const replication = environmentId === SINGLE ? "single-region" : "replicated";
  const { manifest } = must(await findManifest({ environmentId, replication }, snapshotId, world));
  return { ...manifest, database: dumpOf(manifest) };
}
async function remove(key: string): Promise<void> {
  await world.store.deleteBatch(PRIMARY_BUCKET, world.store.versions(PRIMARY_BUCKET, key), { bypassGovernance: true });
}
/** One bit of it, unless said otherwise. */
function damage(
  key: string,
  change = (body: Uint8Array): Uint8Array => body.map((byte, at) => (at === 12 ? byte ^ 1 : byte)),
): void {
  const version = must(world.store.versions(PRIMARY_BUCKET, key).at(-1));
  version.body = change(version.body);
}
