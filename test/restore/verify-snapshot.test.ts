import { dumpOf } from "../../lambda/snapshot/manifest";
import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { sealSnapshot } from "./snapshot-fixture";
import { bodyOf, flip, noise, smallFiles } from "./test-files";

const verified = async (
  change?: (c: FakeCollaborators, manifest: Awaited<ReturnType<typeof sealSnapshot>>) => unknown,
  replica = false,
) => {
  const c = fakeCollaborators();
  const files = smallFiles(120);
  if (change === undefined) files.set("large", noise(20 * 1024 * 1024));
  const manifest = await sealSnapshot(c, { files, packs: 3, linesPerPart: 50, missing: ["zz-missing"] });
  const changed = structuredClone(manifest);
  await change?.(c, changed);
  const [store, bucket] = replica ? [c.replicaStore, c.settings.REPLICA_BUCKET] : [c.store, c.settings.PRIMARY_BUCKET];
  store.resetRequests();
  return { result: await verifySnapshot(store, bucket, changed, { replica }), store, manifest };
};

describe("verifySnapshot", () => {
  test.each([false, true])("finds a whole snapshot right, with one GET an object (replica: %s)", async (replica) => {
    const { result, store, manifest } = await verified(undefined, replica);
    expect(result).toMatchObject({ ok: true, problems: [], files: 121, missing: 1, objects: 1 + 3 + 3 });
    expect(store.requests.filter(({ operation }) => operation === "get")).toHaveLength(7);
    expect(store.requests.filter(({ operation }) => operation === "listVersions")).toHaveLength(replica ? 7 : 0);
    expect(result.bytes).toBeGreaterThan(manifest.files.packs.reduce((sum, { size }) => sum + size, 0));
  });

  test("counts the oldest version at the replica", async () => {
    const { result } = await verified(async (c, manifest) => {
      const [pack] = manifest.files.packs;
      await c.replicaStore.put({ bucket: c.settings.REPLICA_BUCKET, key: pack?.key ?? "", body: Buffer.from("later") });
    }, true);
    expect(result.ok).toBe(true);
  });

  test("names the file and the pack of a flipped bit, wherever it is", async () => {
    for (const share of [0.1, 0.5, 0.9]) {
      const { result, manifest } = await verified((c, { files }) => {
        flip(c, files.packs[2]?.key, share);
      });
      expect(result.ok).toBe(false);
      const { key } = manifest.files.packs[2] ?? { key: "" };
      expect(result.problems.every(({ object }) => object === key)).toBe(true);
      expect(result.problems.some(({ file }) => file !== undefined)).toBe(true);
    }
  });

  test.each<[string, Parameters<typeof verified>[0]]>([
    [
      "a truncated pack",
      (c, { files }) => {
        const v = bodyOf(c, files.packs[0]?.key);
        v.body = v.body.subarray(0, -5);
      },
    ],
    [
      "a flipped bit in the dump",
      (c, manifest) => {
        flip(c, dumpOf(manifest).key, 0.3);
      },
    ],
    [
      "a flipped bit in the index",
      (c, { files }) => {
        flip(c, files.index[1]?.key, 0.5);
      },
    ],
    [
      "a missing pack",
      (c, { files }) =>
        c.store.deleteBatch(
          c.settings.PRIMARY_BUCKET,
          [{ key: files.packs[0]?.key ?? "", versionId: files.packs[0]?.versionId ?? "" }],
          { bypassGovernance: true },
        ),
    ],
    ["a pack that the manifest lacks", (_, { files }) => files.packs.pop()],
    ["an index part that the manifest lacks", (_, { files }) => files.index.pop()],
    [
      "a wrong count",
      (_, { files }) => {
        (files as { count: number }).count++;
      },
    ],
    [
      "a wrong count of missing files",
      (_, { files }) => {
        (files.missing as { count: number }).count++;
      },
    ],
    [
      "a wrong sum of bytes",
      (_, { files }) => {
        (files as { bytes: number }).bytes++;
      },
    ],
    [
      "a wrong share of a pack",
      (_, { files }) => {
        (files.packs[0] as { liveSegments: number }).liveSegments++;
      },
    ],
    ["index parts in the wrong order", (_, { files }) => files.index.push(...files.index.splice(0).toReversed())],
    [
      "another dump than the manifest's",
      (_, { database }) => {
        (database as { dumpSha256: string }).dumpSha256 = "0".repeat(64);
      },
    ],
  ])("notices %s", async (_, change) => {
    const { result } = await verified(change);
    expect(result.ok).toBe(false);
    expect(result.problemCount).toBe(result.problems.length);
  });
});
