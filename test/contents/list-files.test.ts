/** A snapshot's files, page by page, out of index parts of any length; compared with a plain search of all keys. */
import { findFile, listFiles } from "../../lambda/contents/list-files";
import { compareKeys } from "../../lambda/pack/key-order";
import { openSnapshot } from "../../lambda/restore/open-snapshot";
import { seal, SNAPSHOT, SOURCE } from "../archive/archive-fixture";
import { seeded, uuid } from "../pack/support";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { strangeKeys } from "../support/strange-keys";

const open = (c: FakeCollaborators) => openSnapshot(c, { sourceEnvironmentId: SOURCE, snapshotId: SNAPSHOT });
const world = async (keys: readonly string[], partLines: number, missing: readonly string[] = []) => {
  const c = fakeCollaborators();
  const files = new Map(keys.map((key) => [key, Buffer.from(key.slice(0, 20))]));
  await seal(c, { files, partLines, missing });
  return c;
};
const walk = async (c: FakeCollaborators, prefix: string, limit: number): Promise<readonly string[]> => {
  const snapshot = await open(c);
  const found: string[] = [];
  for (let after: string | null = null, pages = 0; ; pages++) {
    if (pages > 10_000) throw new Error("The list does not end.");
    const { lines, next } = await listFiles(snapshot, { prefix, after, limit });
    expect(lines.length).toBeLessThanOrEqual(limit);
    found.push(...lines.map(({ key }) => key));
    if (next === null) return found;
    expect(lines).toHaveLength(limit);
    expect(next).toBe(lines.at(-1)?.key);
    after = next;
  }
};

test.each([1, 2, 3, 4, 5, 6])(
  "any keys, parts, prefixes and pages: what a plain search finds, seed %i",
  async (seed) => {
    const next = seeded(seed);
    const keys = strangeKeys(next, 60 + Math.floor(next() * 300));
    const missing = Array.from({ length: 5 }, (_, n) => `missing-${seed}-${n}`);
    const c = await world(keys, 1 + Math.floor(next() * 40), missing);
    const all = [...keys, ...missing].toSorted(compareKeys);
    const cut = (key: string): string =>
      Array.from(key)
        .slice(0, 1 + Math.floor(next() * 3))
        .join("");
    const some = Array.from({ length: 12 }, () => must(all[Math.floor(next() * all.length)]));
    for (const prefix of ["", ...some.map(cut), ...some.slice(0, 3), "nothing-begins-so", "\u{10ffff}"]) {
      const limit = 1 + Math.floor(next() * 50);
      expect(await walk(c, prefix, limit)).toEqual(all.filter((key) => key.startsWith(prefix)));
    }
  },
  60_000,
);

test("a page reads the parts in which its keys stand, and no other", async () => {
  const next = seeded(7);
  const keys = Array.from({ length: 4_000 }, () => uuid(next)).toSorted(compareKeys);
  const c = await world(keys, 100);
  const snapshot = await open(c);
  for (const [wish, most] of [
    [{ prefix: "", after: null, limit: 10 }, 1],
    [{ prefix: must(keys[2_500]), after: null, limit: 10 }, 2],
    [{ prefix: "", after: must(keys[3_950]), limit: 10 }, 1],
    [{ prefix: "zz", after: null, limit: 1_000 }, 0],
    [{ prefix: "", after: null, limit: 250 }, 3],
  ] as const) {
    c.store.resetRequests();
    await listFiles(snapshot, wish);
    expect(c.store.requests.filter(({ operation }) => operation === "get").length).toBeLessThanOrEqual(most);
  }
});

test.each([
  ["gone from the region", (c: FakeCollaborators, key: string) => spoil(c, PRIMARY_BUCKET, key)],
  ["damaged in the region", (c: FakeCollaborators, key: string) => spoil(c, PRIMARY_BUCKET, key, 40)],
])("a part that is %s is read from the replica", async (_name, harm) => {
  const c = await world(["a", "b", "c"], 2);
  for (const { key } of (await open(c)).manifest.files.index) harm(c, key);
  expect(await walk(c, "", 10)).toEqual(["a", "b", "c"]);
});

test("one that neither region gives is a damaged snapshot", async () => {
  const c = await world(["a", "b"], 10);
  const [part] = (await open(c)).manifest.files.index;
  for (const bucket of [PRIMARY_BUCKET, REPLICA_BUCKET]) spoil(c, bucket, must(part).key);
  await expect(walk(c, "", 10)).rejects.toThrow(/^The snapshot is damaged: .*neither region/);
});

test("a file is found by its whole key alone, and a missing one is told from one that there never was", async () => {
  const c = await world(["a", "ab", "a/b", "../a"], 2, ["gone"]);
  const snapshot = await open(c);
  for (const key of ["a", "ab", "a/b", "../a"]) expect((await findFile(snapshot, key)).key).toBe(key);
  for (const key of ["b", "a/", "A", "./a", "a\n"])
    await expect(findFile(snapshot, key)).rejects.toMatchObject({ code: "FileNotInSnapshot" });
  await expect(findFile(snapshot, "gone")).rejects.toMatchObject({
    code: "FileMissing",
    message: expect.stringMatching(/^The file "gone" was named by the database and missing in storage/),
  });
});

/** Its first bytes no longer those of gzip, or others further in. */
const spoil = (c: FakeCollaborators, bucket: string, key: string, at = 0): void => {
  const [version] = (bucket === PRIMARY_BUCKET ? c.store : c.replicaStore).versions(bucket, key);
  const body = Buffer.from(must(version).body ?? []);
  body.fill(0x55, at, at + 20);
  Object.assign(must(version), { body });
};
