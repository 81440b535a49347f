/** Runs exactly as long as S3's smallest part, and around it; dead files between them in five packs; one pack gone. */
import { tarPath } from "../../lambda/pack/tar-path";
import { segmentOf } from "../../lambda/pack/segment";
import { bytesOf, seeded } from "../pack/support";
import { PRIMARY_BUCKET, TRANSFER_BUCKET, fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { ask, begin, buildAll, DUMP, make, seal, SMALL_PARTS, SMALL_STORE } from "./archive-fixture";
import { entriesOf } from "./read-archive";

const KIB = 1024;
const PART = 5 * KIB;
const PACKS = 5;

let c: FakeCollaborators;
beforeEach(() => {
  c = fakeCollaborators(SMALL_STORE);
});

/** A file whose segment has exactly that many bytes. */
const fileOf = (key: string, length: number, next: () => number): Buffer => {
  for (let size = length, tries = 0; size > 0 && tries < 100; tries++) {
    const content = bytesOf(next, size);
    const over = segmentOf(key, content).length - length;
    if (over === 0) return content;
    size -= over;
  }
  throw new Error(`No file gives a segment of ${length} bytes.`);
};
const packOf = (key: string): number => Number(key.slice(1, 2));

/** In each pack, in turns: a file of the wanted length, a dead one. Shorter ones go through memory, longer are copied. */
const filesOf = (lengths: readonly number[]): Map<string, Buffer> => {
  const next = seeded(lengths.length);
  const files = new Map<string, Buffer>();
  for (let pack = 0; pack < PACKS; pack++) {
    for (const [at, length] of lengths.entries()) {
      const number = String(at).padStart(2, "0");
      files.set(`p${pack}-${number}-live`, fileOf(`p${pack}-${number}-live`, length, next));
      files.set(`p${pack}-${number}-xdead`, bytesOf(next, 300 + 2 * pack));
    }
  }
  return files;
};
const isDead = (key: string): boolean => key.endsWith("dead");
const expectAll = async (archive: Buffer, files: ReadonlyMap<string, Buffer>): Promise<void> => {
  const entries = await entriesOf(archive);
  const living = [...files].filter(([key]) => !isDead(key));
  expect([...entries.keys()].slice(2).toSorted()).toEqual(living.map(([key]) => tarPath(key)).toSorted());
  expect(entries.get("db/db.backup")?.equals(DUMP)).toBe(true);
  for (const [key, content] of living) expect(entries.get(tarPath(key))?.equals(content)).toBe(true);
};
const operations = (name: string): number => c.store.requests.filter(({ operation }) => operation === name).length;

const AROUND = [PART - 1, PART, PART + 1];
const MIXED = [700, 2 * PART, PART + 1, 900, 12 * KIB, PART, PART - 1, 3 * PART, 150];

test.each<[string, readonly number[]]>([
  ["around the smallest part", AROUND],
  ["each of them after another", [PART, PART, PART + 1, PART + 1, PART - 1, PART - 1]],
  ["twice the smallest part, and one byte around it", [2 * PART - 1, 2 * PART, 2 * PART + 1]],
  ["short and long in turns", MIXED],
])("runs of lengths %s, in five packs with dead files between", async (_name, lengths) => {
  const files = filesOf(lengths);
  for (const streamedPart of [PART, PART + 1, 16 * KIB]) {
    c = fakeCollaborators(SMALL_STORE);
    await seal(c, { files, isDead, packOf });
    const limits = { ...SMALL_PARTS, streamedPart, largestCopy: 2 * PART };
    await expectAll(await make(c, "files_and_database", { limits }), files);
    // Nothing was taken for damaged.
    expect(c.replicaStore.requests).toEqual([]);
    expect(operations("createMultipart")).toBe(1);
  }
  if (lengths === MIXED) expect(operations("uploadPartCopy")).toBeGreaterThan(2 * PACKS);
});

describe("one of five packs is gone from the primary bucket", () => {
  const remove = async (key: string): Promise<void> => {
    const { versionId } = must(c.store.versions(PRIMARY_BUCKET, key)[0]);
    await c.store.deleteBatch(PRIMARY_BUCKET, [{ key, versionId }], { bypassGovernance: true });
  };
  test.each([0, 2, 4])("number %d: its replica is read, and no other's", async (number) => {
    const files = filesOf(MIXED);
    const { files: stored } = await seal(c, { files, isDead, packOf });
    const { key } = must(stored.packs[number]);
    await remove(key);
    await expectAll(await make(c, "files_and_database", { limits: SMALL_PARTS }), files);
    const read = c.replicaStore.requests.filter(({ operation }) => operation === "get").map(({ ref }) => ref.key);
    expect([...new Set(read)]).toEqual([key]);
    expect(operations("uploadPartCopy")).toBeGreaterThan(PACKS);
    expect(c.store.uploads(TRANSFER_BUCKET)).toEqual([]);
  });

  test("Rule 7: of a single-region snapshot the archive fails with one sentence, and the replica is not asked", async () => {
    const { files: stored } = await seal(c, {
      files: filesOf(MIXED),
      isDead,
      packOf,
      manifest: { replication: "single-region", replicationRegion: null },
    });
    const { key } = must(stored.packs[2]);
    await remove(key);
    await ask(c);
    await begin(c);
    await expect(buildAll(c, { limits: SMALL_PARTS })).rejects.toMatchObject({
      code: "SnapshotDamaged",
      message: expect.stringContaining(key) as string,
    });
    expect(c.replicaStore.requests).toEqual([]);
  });
});
