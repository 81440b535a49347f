/** What keeping does where something else gets in its way, and what it asks of the stores. */
import { putSnapshotRecord, readSnapshotRecord, RECORD_FORMAT } from "../../lambda/catalog/records";
import { keepSnapshot } from "../../lambda/keep/keep-snapshot";
import { NotKept } from "../../lambda/keep/lock-objects";
import { requestKeep } from "../../lambda/keep/request-keep";
import type { Manifest } from "../../lambda/snapshot/manifest";
import { manifestEntry } from "../../lambda/backup/committed-manifest";
import { packKey } from "../../lambda/storage/object-keys";
import { AccessRefused, StorageError, StoreUnavailable } from "../../lambda/storage/storage-errors";
import { createEnvironment, ENVIRONMENT, seal } from "../retention/sealed-environment";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import type { MemoryStore } from "../support/memory-store";
import { must } from "../support/must";
import { CREATED, keep, keepScene, type KeepScene, keptUntil, locks, OLD_EXPIRY, UNTIL } from "./keep-scene";

const START = { side: "primary", after: "" };
const LOCKED = new Date(UNTIL).toISOString();
const OLD_LOCK = new Date(OLD_EXPIRY).toISOString();
const UNCHANGED = "; the snapshot's expiry stays as it is: take a new snapshot.";
const item = async ({ catalog }: FakeCollaborators) => must(await catalog.getSnapshot(ENVIRONMENT, "night"));
const keysOf = (store: MemoryStore, operation: string) =>
  store.requests.filter((one) => one.operation === operation).map(({ ref }) => ref.key ?? "");
const lockOf = (store: MemoryStore, bucket: string, key: string) => must(store.versions(bucket, key)[0]).lock;

/** The manifest as it would be with these words in it; the catalog knows its checksum. */
async function changeManifest({ collaborators, snapshot }: KeepScene, change: Partial<Manifest>): Promise<void> {
  const { key, versionId } = must(snapshot.manifest);
  const version = must(collaborators.store.versions(PRIMARY_BUCKET, key)[0]);
  version.body = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(version.body).toString()), ...change }));
  Object.assign(version, { crc32: undefined });
  const manifest = manifestEntry(key, versionId, version.body);
  await collaborators.catalog.updateSnapshot(ENVIRONMENT, "night", { manifest });
}

describe("who may begin", () => {
  test("an environment that nobody knows is said at once, without a lease", async () => {
    const collaborators = fakeCollaborators();
    const input = { executionArn: "e", environmentId: "none", snapshotId: "night", until: UNTIL, requestedBy: "x" };
    expect(await keepSnapshot({ ...input, progress: { side: "primary", after: "" } }, collaborators)).toStrictEqual({
      outcome: "refused",
      message: "There is no environment none; check its name and region.",
      progress: START,
    });
    expect(collaborators.table.requests).toHaveLength(1);
  });
  test("a busy environment is said, and the work goes on from where it was", async () => {
    const { collaborators, environment } = await keepScene();
    const lease = { environmentId: ENVIRONMENT, executionArn: "b", token: "t", taskArn: null } as const;
    await collaborators.catalog.acquireLease({ ...lease, purpose: "backup", takenAt: "2026-12-04T00:00:00Z" });
    const progress = { side: "replica", after: "k" } as const;
    expect(await keep(collaborators, { progress })).toStrictEqual({
      outcome: "busy",
      message: `Environment ${ENVIRONMENT} is busy: backup since 2026-12-04T00:00:00Z.`,
      progress,
    });
    expect(locks(collaborators, environment)).toStrictEqual([OLD_LOCK]);
  });
  test("a snapshot that is gone is said", async () => {
    const { collaborators } = await keepScene();
    await collaborators.catalog.deleteSnapshot(ENVIRONMENT, "night");
    const said = { outcome: "refused", message: "There is no snapshot night any more.", progress: START };
    expect(await keep(collaborators)).toStrictEqual(said);
  });
  test("one without a manifest can't be kept", async () => {
    const { collaborators } = await keepScene();
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "night", { manifest: null });
    expect(await keep(collaborators)).toMatchObject({ message: `Snapshot night has no manifest${UNCHANGED}` });
  });
  test("a failure gives the lease back, and is the one that is told", async () => {
    const { collaborators } = await keepScene();
    collaborators.store.onRequest = (operation) => {
      if (operation === "get") throw new StoreUnavailable("The store is away.");
    };
    await expect(keep(collaborators)).rejects.toThrow("The store is away.");
    expect(await collaborators.catalog.getLease(ENVIRONMENT)).toBeUndefined();
    collaborators.catalog.releaseLease = async () => Promise.reject(new Error("The table is away too."));
    await expect(keep(collaborators)).rejects.toThrow("The store is away.");
  });
});

describe("what has been promised before", () => {
  test("an earlier date than that of the seal is no promise kept, but refused", async () => {
    const { collaborators } = await keepScene();
    expect(await keep(collaborators, { until: "2026-12-10T00:00:00Z" })).toMatchObject({
      outcome: "refused",
      message: expect.stringContaining(`is kept until ${OLD_EXPIRY} already`),
    });
  });
  test("what is refused has locked nothing", async () => {
    const { collaborators, environment } = await keepScene();
    const { outcome, message } = await keep(collaborators, { until: "2037-01-01T00:00:00Z" });
    expect({ outcome, message }).toMatchObject({ outcome: "refused", message: expect.stringMatching(/10 years/) });
    expect(locks(collaborators, environment)).toStrictEqual([OLD_LOCK]);
  });
  test("asking again while it is being deleted is refused", async () => {
    const { collaborators } = await keepScene();
    await keep(collaborators);
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "night", { deleting: true });
    expect(await keep(collaborators)).toMatchObject({ outcome: "refused", message: expect.stringMatching(/deleted/) });
  });
  test("asking again changes no item; a catalog that is behind the record follows it, and nothing is locked", async () => {
    const { collaborators } = await keepScene();
    await keep(collaborators);
    const { updatedAt } = await item(collaborators);
    collaborators.clock.advance(60_000);
    await keep(collaborators);
    expect(await item(collaborators)).toMatchObject({ updatedAt });
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "night", { expiresAt: OLD_EXPIRY });
    collaborators.store.requests.length = 0;
    expect(await keep(collaborators)).toMatchObject({ outcome: "done" });
    expect(await item(collaborators)).toMatchObject({ expiresAt: UNTIL, updatedAt: "2026-12-04T03:19:00Z" });
    expect(keysOf(collaborators.store, "head")).toStrictEqual([]);
  });
  test("what its record says besides stays", async () => {
    const { collaborators, environment } = await keepScene();
    const asked = { requestedBy: "owner", requestedAt: OLD_EXPIRY, packs: [], completedAt: null };
    const kept = { format: RECORD_FORMAT, environmentId: ENVIRONMENT, snapshotId: "night", comment: "mine" } as const;
    const record = { ...kept, deletion: asked, keepUntil: null, updatedAt: OLD_EXPIRY };
    await putSnapshotRecord(environment, record, collaborators);
    await keep(collaborators);
    expect(await readSnapshotRecord(environment, "night", collaborators)).toStrictEqual({
      ...record,
      keepUntil: UNTIL,
      updatedAt: "2026-12-04T03:18:00Z",
    });
  });
});

describe("while objects are being locked", () => {
  const meanwhile = ({ replicaStore }: FakeCollaborators, act: () => Promise<unknown>): void => {
    replicaStore.onRequest = async (operation) => {
      if (operation !== "retain") return;
      replicaStore.onRequest = undefined;
      await act();
    };
  };
  test("a snapshot that goes from the catalog is not promised", async () => {
    const { collaborators, environment } = await keepScene();
    meanwhile(collaborators, () => collaborators.catalog.deleteSnapshot(ENVIRONMENT, "night"));
    expect(await keep(collaborators)).toMatchObject({ message: "There is no snapshot night any more." });
    expect(await keptUntil(collaborators, environment)).toBeNull();
  });
  test("a lease that goes to another leaves nothing promised, and the work begins anew", async () => {
    const { collaborators, environment } = await keepScene();
    meanwhile(collaborators, async () => {
      const lease = must(await collaborators.catalog.getLease(ENVIRONMENT));
      await collaborators.catalog.takeOverLease(lease, { ...lease, token: "other", executionArn: "other" });
    });
    const said = { outcome: "busy", message: "The lease went to another operation.", progress: START };
    expect(await keep(collaborators)).toStrictEqual(said);
    expect(await keptUntil(collaborators, environment)).toBeNull();
    expect(must(await collaborators.catalog.getLease(ENVIRONMENT)).token).toBe("other");
  });
});

describe("where its objects are", () => {
  test("nothing is asked of the replica for a single-region snapshot", async () => {
    const collaborators = fakeCollaborators({ now: CREATED });
    await seal(collaborators, await createEnvironment(collaborators, "single-region"), "night");
    expect(await keep(collaborators)).toMatchObject({ outcome: "done" });
    expect(collaborators.replicaStore.requests).toStrictEqual([]);
  });
  test.each([
    ["us-east-1", "us-east-1"],
    [null, "no region"],
  ])("a replica bucket in %s is none of ours", async (replicationRegion, where) => {
    const scene = await keepScene();
    await changeManifest(scene, { replicationRegion });
    expect(await keep(scene.collaborators)).toMatchObject({
      outcome: "refused",
      message: `The replica bucket of snapshot night in ${where} is no longer this service's${UNCHANGED}`,
    });
  });
  test("work that goes on at the replica asks nothing more of the primary, and nothing of what is done", async () => {
    const { collaborators, environment } = await keepScene();
    const after = packKey(environment, "one");
    await keep(collaborators, { progress: { side: "replica", after } });
    expect(keysOf(collaborators.store, "retain")).toStrictEqual([]);
    const done = keysOf(collaborators.replicaStore, "retain");
    expect(done).not.toStrictEqual([]);
    expect(done.filter((key) => key <= after)).toStrictEqual([]);
    expect(keysOf(collaborators.replicaStore, "head").filter((key) => key <= after)).toStrictEqual([]);
  });
  test("objects are locked in the order of their keys", async () => {
    const { collaborators } = await keepScene();
    await keep(collaborators);
    const asked = keysOf(collaborators.store, "head").filter((key, at, all) => all.indexOf(key) === at);
    expect(asked).toHaveLength(5);
    expect(asked).toStrictEqual(asked.toSorted());
  });
  test("a manifest that is damaged or gone is said in a sentence", async () => {
    const { collaborators, snapshot } = await keepScene();
    const { key, versionId } = must(snapshot.manifest);
    must(collaborators.store.versions(PRIMARY_BUCKET, key)[0]).body = Buffer.from("{}");
    const sentence = /^The manifest of snapshot night can't be read \(.*[^.]\); the snapshot's expiry stays as it is/;
    expect((await keep(collaborators)).message).toMatch(sentence);
    await collaborators.store.deleteBatch(PRIMARY_BUCKET, [{ key, versionId }], { bypassGovernance: true });
    expect((await keep(collaborators)).message).toMatch(sentence);
  });
});

describe("an object", () => {
  const key = ({ environment }: KeepScene) => packKey(environment, "one");
  test("of which nothing may be missing here, though it is not replicated yet", async () => {
    const scene = await keepScene({ replicated: false });
    const { collaborators } = scene;
    const gone = collaborators.store.versions(PRIMARY_BUCKET, key(scene)).map(({ versionId }) => versionId);
    const objects = gone.map((versionId) => ({ key: key(scene), versionId }));
    await collaborators.store.deleteBatch(PRIMARY_BUCKET, objects, { bypassGovernance: true });
    const message = `The object ${key(scene)} is missing in ${PRIMARY_BUCKET}${UNCHANGED}`;
    expect(await keep(collaborators)).toMatchObject({ outcome: "refused", message });
  });
  test("that is listed and gone at its head is missing", async () => {
    const scene = await keepScene();
    const { replicaStore } = scene.collaborators;
    replicaStore.onRequest = async (operation, ref) => {
      if (operation !== "head" || ref.key !== key(scene)) return;
      replicaStore.onRequest = undefined;
      const objects = replicaStore.versions(REPLICA_BUCKET, key(scene)).map((one) => ({ ...one, key: key(scene) }));
      await replicaStore.deleteBatch(REPLICA_BUCKET, objects, { bypassGovernance: true });
    };
    const message = `The object ${key(scene)} is missing in ${REPLICA_BUCKET}${UNCHANGED}`;
    expect(await keep(scene.collaborators)).toMatchObject({ outcome: "refused", message });
  });
  test.each([
    ["another checksum", { crc32: "AAAAAA==" }, "refused"],
    ["none", { crc32: undefined }, "done"],
    ["none, and another size", { crc32: undefined, body: Buffer.from("short") }, "refused"],
  ])("with %s", async (_, change, outcome) => {
    const scene = await keepScene();
    Object.assign(must(scene.collaborators.store.versions(PRIMARY_BUCKET, key(scene))[0]), change);
    expect(await keep(scene.collaborators)).toMatchObject({ outcome });
  });
  test("that is not at the replica yet is not asked about there", async () => {
    const { collaborators } = await keepScene({ replicated: false });
    expect(await keep(collaborators)).toMatchObject({ outcome: "done" });
    expect(keysOf(collaborators.replicaStore, "head")).toStrictEqual([]);
  });
  test("keeps its own mode; what has no lock gets the setting's", async () => {
    const scene = await keepScene();
    const { store, replicaStore } = scene.collaborators;
    const strict = must(store.versions(PRIMARY_BUCKET, key(scene))[0]);
    strict.lock = { mode: "COMPLIANCE", until: new Date(OLD_EXPIRY) };
    delete must(replicaStore.versions(REPLICA_BUCKET, key(scene))[0]).lock;
    expect(await keep(scene.collaborators)).toMatchObject({ outcome: "done" });
    expect(strict.lock).toStrictEqual({ mode: "COMPLIANCE", until: new Date(UNTIL) });
    expect(lockOf(replicaStore, REPLICA_BUCKET, key(scene))).toStrictEqual({
      mode: "GOVERNANCE",
      until: new Date(UNTIL),
    });
  });
  test("that is locked for long enough is only looked at, once", async () => {
    const scene = await keepScene();
    const { store } = scene.collaborators;
    const longer = { mode: "GOVERNANCE" as const, until: new Date(UNTIL) };
    must(store.versions(PRIMARY_BUCKET, key(scene))[0]).lock = longer;
    await keep(scene.collaborators);
    expect(keysOf(store, "retain")).not.toContain(key(scene));
    expect(keysOf(store, "head").filter((one) => one === key(scene))).toHaveLength(1);
  });

  const refusing = async (error: Error, act: (scene: KeepScene) => Promise<unknown> | void = () => undefined) => {
    const scene = await keepScene();
    const { store } = scene.collaborators;
    store.onRequest = async (operation, ref) => {
      if (operation !== "retain" || ref.key !== key(scene)) return;
      await act(scene);
      throw error;
    };
    return { scene, output: keep(scene.collaborators) };
  };
  test("that may not be locked is named, and nothing is promised", async () => {
    const { scene, output } = await refusing(new AccessRefused("no"));
    expect(await output).toMatchObject({
      outcome: "refused",
      message: `The object ${key(scene)} in ${PRIMARY_BUCKET} can't be locked until ${LOCKED}${UNCHANGED}`,
    });
  });
  test("that somebody locks for longer meanwhile is locked", async () => {
    const until = new Date("2030-01-01T00:00:00Z");
    const { output } = await refusing(new AccessRefused("no"), (scene) => {
      must(scene.collaborators.store.versions(PRIMARY_BUCKET, key(scene))[0]).lock = { mode: "GOVERNANCE", until };
    });
    expect(await output).toMatchObject({ outcome: "done" });
  });
  test("that goes while it is locked can't be", async () => {
    const { output } = await refusing(new AccessRefused("no"), ({ collaborators: { store }, environment }) => {
      const objects = store.versions(PRIMARY_BUCKET, packKey(environment, "one"));
      return store.deleteBatch(PRIMARY_BUCKET, [...objects], { bypassGovernance: true });
    });
    expect(await output).toMatchObject({ outcome: "refused", message: expect.stringContaining("can't be locked") });
  });
  test("whose server fails is tried again by another execution", async () => {
    const { output } = await refusing(new StorageError("The server has failed."));
    await expect(output).rejects.toThrow("The server has failed.");
    const { collaborators } = await keepScene();
    collaborators.store.onRequest = (operation) => {
      if (operation === "head") throw new StoreUnavailable("The server is away.");
    };
    await expect(keep(collaborators)).rejects.toThrow("The server is away.");
  });
});

test("a batch is begun with a minute left, and not with less", async () => {
  const { collaborators, environment } = await keepScene();
  collaborators.remaining = 59_999;
  expect(await keep(collaborators)).toStrictEqual({
    outcome: "more",
    message: "The objects of snapshot night are being locked.",
    progress: START,
  });
  expect(locks(collaborators, environment)).toStrictEqual([OLD_LOCK]);
  collaborators.remaining = 60_000;
  expect(await keep(collaborators)).toMatchObject({ outcome: "done" });
});

test("no time is needed where every object is locked", async () => {
  const { collaborators } = await keepScene();
  collaborators.remaining = 0;
  expect(await keep(collaborators, { progress: { side: "replica", after: "~" } })).toMatchObject({ outcome: "done" });
});

test("what can't be kept is not tried again by itself", () => {
  expect(new NotKept("It is so")).toMatchObject({ retryable: false, message: `It is so${UNCHANGED}` });
});

describe("asking for it", () => {
  const wish = { until: new Date(UNTIL), by: "admin" };
  test("starts an execution under a name of its own, and no longer than a name may be", async () => {
    const { collaborators, environment, snapshot } = await keepScene();
    const long = { ...snapshot, snapshotId: "s".repeat(90) };
    await requestKeep(collaborators, environment, long, wish);
    await requestKeep(collaborators, environment, long, wish);
    const names = collaborators.workflows.started.map(({ name }) => name);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^s{60}-[0-9a-f]{16}$/);
  });
  test("of a snapshot that the catalog knows no manifest of is left to the execution", async () => {
    const { collaborators, environment, snapshot } = await keepScene();
    await requestKeep(collaborators, environment, { ...snapshot, manifest: null }, wish);
    expect(collaborators.workflows.started).toHaveLength(1);
  });
  test("of one that can't be kept starts nothing", async () => {
    const { collaborators, environment, snapshot } = await keepScene();
    const asked = requestKeep(collaborators, environment, { ...snapshot, deleting: true }, wish);
    await expect(asked).rejects.toMatchObject({ code: "SnapshotNotKept", retryable: false });
    expect(collaborators.workflows.started).toStrictEqual([]);
  });
});
