/** Where catalog and bucket disagree, or a manifest can't be read: nothing of the environment is deleted, someone is told. */
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { manifestKey, packKey } from "../../lambda/storage/object-keys";
import { fakeCollaborators, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { DAY, expire, removeManifest, run } from "./retention-run";
import { createEnvironment, ENVIRONMENT, seal, standing, standingOf } from "./sealed-environment";

interface Scene {
  readonly collaborators: FakeCollaborators;
  readonly environment: EnvironmentItem;
}

/** An expired snapshot that would go, beside one that lives. */
async function twoSnapshots(): Promise<Scene> {
  const collaborators = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
  const environment = await createEnvironment(collaborators);
  const { expiresAt } = await seal(collaborators, environment, "old");
  collaborators.clock.advance(DAY);
  await seal(collaborators, environment, "new", { tier: "weekly" });
  collaborators.clock.set(expiresAt);
  return { collaborators, environment };
}
const damage = ({ collaborators, environment }: Scene, snapshotId: string, body: string): void => {
  for (const version of collaborators.store.versions(PRIMARY_BUCKET, manifestKey(environment, snapshotId))) {
    version.body = Buffer.from(body);
  }
};

const CASES: readonly (readonly [string, (scene: Scene) => Promise<void> | void, string])[] = [
  [
    "a catalog emptied behind our back",
    ({ collaborators }) => collaborators.table.clear(),
    `The catalog does not know environment ${ENVIRONMENT}`,
  ],
  [
    "a catalog emptied between two runs of an otherwise quiet day",
    async ({ collaborators }) => {
      collaborators.clock.set("2026-12-05T03:18:00Z");
      await run(collaborators);
      collaborators.clock.advance(300_000);
      collaborators.table.clear();
    },
    "rebuild the catalog from the bucket",
  ],
  [
    "a catalog that has lost the environment only",
    ({ collaborators }) => collaborators.table.delete({ pk: `ENVIRONMENT#${ENVIRONMENT}`, sk: "ENVIRONMENT" }),
    `The catalog does not know environment ${ENVIRONMENT}`,
  ],
  [
    "a catalog that has lost a snapshot",
    ({ collaborators }) => collaborators.catalog.deleteSnapshot(ENVIRONMENT, "new"),
    "Snapshot new of environment orders-production: its manifest stands in the bucket and is valid until",
  ],
  [
    "a manifest that is missing although its snapshot is completed",
    ({ collaborators, environment }) => removeManifest(collaborators, environment, "new"),
    "its manifest is in neither bucket",
  ],
  [
    "a manifest that is missing in the primary bucket only",
    async ({ collaborators, environment }) => {
      const key = manifestKey(environment, "new");
      const objects = collaborators.store.versions(PRIMARY_BUCKET, key).map(({ versionId }) => ({ key, versionId }));
      await collaborators.store.deleteBatch(PRIMARY_BUCKET, objects, { bypassGovernance: true });
    },
    "is missing in the primary bucket and stands in the replica bucket only",
  ],
  [
    "a replica that lacks the manifest of a replicated snapshot",
    async ({ collaborators }) => {
      const environment = await collaborators.catalog.getEnvironment(ENVIRONMENT);
      if (environment) await seal(collaborators, environment, "late", { replicated: false });
      await collaborators.catalog.updateSnapshot(ENVIRONMENT, "late", { replicatedAt: "2026-12-17T03:18:00Z" });
    },
    "the catalog says that it is replicated, but its manifest is missing in the replica bucket",
  ],
  ["a damaged manifest", (scene) => damage(scene, "new", "{"), "does not have the checksum"],
  [
    "a manifest that is no JSON, of a snapshot whose checksum nobody recorded",
    async (scene) => {
      damage(scene, "new", "{");
      await scene.collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { manifest: null });
    },
    "is not JSON",
  ],
  [
    "a damaged manifest of an expired snapshot whose item is gone",
    async (scene) => {
      damage(scene, "old", "[]");
      await scene.collaborators.catalog.deleteSnapshot(ENVIRONMENT, "old");
    },
    "is not in the format of a manifest",
  ],
  [
    "another snapshot's manifest",
    async (scene) => {
      const { collaborators, environment } = scene;
      damage(scene, "new", collaborators.store.bytes(PRIMARY_BUCKET, manifestKey(environment, "old")).toString());
      await collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { manifest: null });
    },
    "describes another snapshot",
  ],
  [
    "a manifest version that the catalog recorded and that is gone, though another one stands",
    async ({ collaborators, environment }) => {
      const key = manifestKey(environment, "new");
      const body = collaborators.store.bytes(PRIMARY_BUCKET, key);
      await removeManifest(collaborators, environment, "new");
      await collaborators.store.put({ bucket: PRIMARY_BUCKET, key, body });
    },
    "is not the version that the catalog recorded",
  ],
  [
    "an expiry in the catalog that is earlier than the sealed one",
    ({ collaborators }) =>
      collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { expiresAt: "2026-12-10T00:00:00Z" }),
    "the catalog says that it expired on 2026-12-10T00:00:00Z, its manifest says",
  ],
  [
    "a sealed snapshot that the catalog calls failed",
    ({ collaborators }) => collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { state: "failed" }),
    "the catalog lists it as failed, but its manifest stands",
  ],
  [
    "objects under the other replication class",
    async ({ collaborators }) => {
      const key = packKey({ environmentId: ENVIRONMENT, replication: "single-region" }, "p");
      await collaborators.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from("x") });
    },
    "objects of it stand under the other class",
  ],
];

it.each(CASES)("I6: %s", async (_name, disturb, sentence) => {
  const scene = await twoSnapshots();
  const { collaborators } = scene;
  await disturb(scene);
  const before = standing(collaborators);
  const told = collaborators.notifier.told.length;
  await run(collaborators);
  expect(standing(collaborators)).toEqual(before);
  expect(collaborators.notifier.told.slice(told)).toEqual([
    {
      subject: `Backups of ${ENVIRONMENT}: expiry has stopped`,
      message: expect.stringContaining(sentence),
    },
  ]);
  expect(await collaborators.catalog.getLease(ENVIRONMENT)).toBeUndefined();
  // Whatever the catalog says, a snapshot whose deletion was not begun is not marked.
  const snapshots = (await collaborators.catalog.listSnapshots(ENVIRONMENT)).items;
  expect(snapshots.filter(({ deleting }) => deleting)).toEqual([]);
});

it("tells once a day, and deletes again when it is mended", async () => {
  const { collaborators } = await twoSnapshots();
  await collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { state: "failed" });
  for (let minutes = 0; minutes < 24 * 60; minutes += 5) {
    expect((await expire(collaborators)).outcome).toBe("refused");
    collaborators.clock.advance(300_000);
  }
  expect(collaborators.notifier.told).toHaveLength(1);
  await expire(collaborators);
  expect(collaborators.notifier.told).toHaveLength(2);
  await collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { state: "completed" });
  expect((await expire(collaborators)).outcome).toBe("done");
  expect(standingOf(collaborators, "/old/")).toEqual([]);
  expect(standingOf(collaborators, "/new/")).toHaveLength(6);
});

it("one environment's disagreement does not keep another's data", async () => {
  const { collaborators } = await twoSnapshots();
  collaborators.clock.set("2026-12-03T03:18:00Z");
  const other = await createEnvironment(collaborators, "replicated", "invoices-production");
  await seal(collaborators, other, "theirs");
  collaborators.clock.set("2026-12-17T03:18:00Z");
  await collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { state: "failed" });
  await run(collaborators);
  expect(standingOf(collaborators, "/theirs/")).toEqual([]);
  expect(standingOf(collaborators, "/old/")).toHaveLength(6);
});
