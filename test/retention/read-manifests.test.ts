/** Which version of a manifest counts, and what is said of one that can't be read. */
import type { EnvironmentItem, SnapshotItem } from "../../lambda/catalog/items";
import { sidesOf, takeInventory, type FoundVersion } from "../../lambda/retention/inventory";
import { type ManifestFound, readManifests } from "../../lambda/retention/read-manifests";
import { databaseKey, fileIndexKey, manifestKey, packKey } from "../../lambda/storage/object-keys";
import { AccessRefused, ObjectDamaged, ObjectNotFound, StoreUnavailable } from "../../lambda/storage/storage-errors";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { createEnvironment, ENVIRONMENT, seal } from "./sealed-environment";

let world: FakeCollaborators;
let environment: EnvironmentItem;
let one: SnapshotItem;
beforeEach(async () => {
  world = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
  environment = await createEnvironment(world);
  one = await seal(world, environment, "one");
});

const read = async (
  items: readonly SnapshotItem[] = [],
  { change = (inventory: readonly FoundVersion[]) => inventory, environmentId = ENVIRONMENT } = {},
) => {
  const sides = sidesOf(environment, world);
  const inventory = change(await takeInventory(environment, sides));
  return readManifests(environmentId, inventory, new Map(items.map((item) => [item.snapshotId, item])), sides);
};
const problems = async (...given: Parameters<typeof read>) => (await read(...given)).map(({ problem }) => problem);
const KEY = () => manifestKey(environment, "one");
const BOTH: ManifestFound["sides"] = ["primary", "replica"];
const foreign = (store: FakeCollaborators["store"], bucket: string) =>
  store.put({ bucket, key: KEY(), body: Buffer.from("foreign") });
const lose = (store: FakeCollaborators["store"], bucket: string) =>
  store.deleteBatch(
    bucket,
    store.versions(bucket, KEY()).map(({ versionId }) => ({ key: KEY(), versionId })),
    { bypassGovernance: true },
  );

test("what decides over life and death is kept", async () => {
  const pack = packKey(environment, "pack-of-one");
  const found: ManifestFound = {
    snapshotId: "one",
    sides: BOTH,
    problem: null,
    facts: {
      createdAt: "2026-12-03T03:18:00Z",
      expiresAt: "2026-12-17T03:18:00Z",
      replicationRegion: "eu-west-1",
      keys: expect.arrayContaining([
        KEY(),
        databaseKey(environment, "one", "attempt-of-one"),
        fileIndexKey(environment, "one", "attempt-of-one", 0, 0),
        pack,
      ]) as unknown as string[],
      packs: [pack],
    },
  };
  expect(await read([one])).toStrictEqual([found]);
  expect((await read())[0]?.facts?.keys).toHaveLength(4);
});

test("each is read once, however many there are", async () => {
  for (let number = 0; number < 20; number++) await seal(world, environment, `night-${number}`);
  world.store.resetRequests();
  const found = (await read()).map(({ snapshotId }) => snapshotId);
  expect(found).toHaveLength(21);
  expect(new Set(found).size).toBe(21);
  expect(world.store.requests.filter(({ operation }) => operation === "get")).toHaveLength(21);
});

describe("the version that counts", () => {
  it("is the oldest of the primary bucket, whatever was put or marked over it", async () => {
    await foreign(world.store, PRIMARY_BUCKET);
    await foreign(world.store, PRIMARY_BUCKET);
    await world.store.deleteBatch(PRIMARY_BUCKET, [{ key: KEY() }]);
    for (const version of world.replicaStore.versions(REPLICA_BUCKET, KEY())) version.body = Buffer.from("{");
    expect(await read()).toMatchObject([{ problem: null, sides: BOTH }]);
    expect(await problems([one])).toStrictEqual([null]);
  });
  it("is the one that the catalog recorded, and no other", async () => {
    await foreign(world.store, PRIMARY_BUCKET);
    const sealedLast = (inventory: readonly FoundVersion[]) => inventory.toReversed();
    expect(await problems([one], { change: sealedLast })).toStrictEqual([null]);
    await lose(world.store, PRIMARY_BUCKET);
    await foreign(world.store, PRIMARY_BUCKET);
    expect(await problems([one])).toStrictEqual(["is not the version that the catalog recorded"]);
  });
  it("is the oldest of the replica bucket where the primary has none", async () => {
    await lose(world.store, PRIMARY_BUCKET);
    await foreign(world.replicaStore, REPLICA_BUCKET);
    await foreign(world.replicaStore, REPLICA_BUCKET);
    for (const items of [[], [one]]) expect(await read(items)).toMatchObject([{ problem: null, sides: ["replica"] }]);
  });
  it("is no delete marker, nor any other object", async () => {
    await lose(world.store, PRIMARY_BUCKET);
    await lose(world.replicaStore, REPLICA_BUCKET);
    await world.store.deleteBatch(PRIMARY_BUCKET, [{ key: KEY() }]);
    expect(await read()).toStrictEqual([]);
  });
});

describe("what is wrong with it", () => {
  const body = (text: string): void => {
    for (const version of world.store.versions(PRIMARY_BUCKET, KEY())) version.body = Buffer.from(text);
  };
  it("a checksum that is not the recorded one; none that was recorded is no reason", async () => {
    body(`${Buffer.from(world.store.versions(PRIMARY_BUCKET, KEY())[0]?.body ?? []).toString()} `);
    expect(await problems([one])).toStrictEqual(["does not have the checksum that the catalog recorded"]);
    expect(await problems([{ ...one, manifest: null }])).toStrictEqual([null]);
  });
  it("another environment's", async () =>
    expect(await problems([], { environmentId: "other" })).toStrictEqual(["describes another snapshot"]));
  it.each([
    ["{", "is not JSON"],
    ["[]", "is not in the format of a manifest"],
  ])("%s", async (text, problem) => {
    body(text);
    const [found] = await read();
    expect(found).toStrictEqual({ snapshotId: "one", sides: BOTH, facts: null, problem });
  });
  it.each([
    [new ObjectNotFound("gone"), "was listed but can't be read"],
    [new ObjectDamaged("cut short"), "can't be read (cut short)"],
    [new AccessRefused("not yours"), "can't be read (not yours)"],
  ])("%s", async (error, problem) => {
    world.store.onRequest = (operation) => {
      if (operation === "get") throw error;
    };
    expect(await problems()).toStrictEqual([problem]);
  });
  it("but a store that can't be reached is a failure", async () => {
    world.store.onRequest = (operation) => {
      if (operation === "get") throw new StoreUnavailable("away");
    };
    await expect(read()).rejects.toThrow("away");
  });
  it("more than 64 MiB", async () => {
    const pieces = (first: number) => {
      world.store.onBody = async function* () {
        yield Buffer.alloc(first, " ");
        for (let piece = 0; piece < 63; piece++) yield Buffer.alloc(1_048_576, " ");
      };
      return problems();
    };
    expect(await pieces(1_048_576)).toStrictEqual(["is not JSON"]);
    expect(await pieces(1_048_577)).toStrictEqual(["can't be read (larger than 67108864 bytes)"]);
  });
});
