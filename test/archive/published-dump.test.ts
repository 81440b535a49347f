/**
 * The dump inside an archive: its head in the published form, its data copied as they are stored. Of snapshots from
 * before heads were segments of their own nothing changes.
 */
import { publishedForm } from "../../lambda/dump/published-form";
import { parseToc, writeToc, type TocEntry } from "../../lambda/dump/toc";
import { dumpOf } from "../../lambda/snapshot/manifest";
import { bytesOf, seeded } from "../pack/support";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { dumpHead, ENCODING } from "../upload/dump-maker";
import { make, seal, SMALL_PARTS, SMALL_STORE } from "./archive-fixture";
import { entriesOf } from "./read-archive";

const small = { limits: SMALL_PARTS };
let c: FakeCollaborators;
beforeEach(() => {
  c = fakeCollaborators(SMALL_STORE);
});

/** Other bytes at a place of an object, counted from its end where negative. */
const spoil = (bucket: string, key: string, at: number): void => {
  const [version] = (bucket === PRIMARY_BUCKET ? c.store : c.replicaStore).versions(bucket, key);
  const body = Buffer.from(version?.body ?? []);
  const from = at < 0 ? body.length + at : at;
  body.fill(0x55, from, from + 20);
  Object.assign(version as object, { body });
};

/** A dump of an owned table with grants; its data are noise, which an archive doesn't look into. */
const dumpWith = (data: Buffer, grants: number): Buffer => {
  const grant = (id: number) => ({
    id: id + 10,
    kind: "ACL",
    tag: `TABLE t${id}`,
    definition: `GRANT SELECT ON TABLE public.t TO "role ${id}";\n`,
  });
  const table = { id: 2, kind: "TABLE", tag: "t", definition: "CREATE TABLE t ();\n" };
  return Buffer.concat([dumpHead([ENCODING, table, ...Array.from({ length: grants }, (_, id) => grant(id))]), data]);
};
const published = (dump: Buffer): Buffer => {
  const toc = parseToc(dump);
  return Buffer.concat([writeToc(publishedForm(toc)), dump.subarray(toc.length)]);
};
const next = seeded(17);
const files = new Map([
  ["a", Buffer.from("A")],
  ["b", bytesOf(next, 3_000)],
]);
const kindsOf = (dump: Buffer): (string | undefined)[] => parseToc(dump).entries.map(({ kind }: TocEntry) => kind);

test.each([
  ["that is streamed", 2_000, 3],
  ["that is copied", 200_000, 3],
  ["whose head is longer than a part", 50_000, 2_000],
  ["without data", 0, 1],
  ["with one byte of data", 1, 1],
])("a dump %s stands in the archive in the published form, and its size in .metadata", async (_name, size, grants) => {
  const dump = dumpWith(bytesOf(next, size), grants);
  await seal(c, { files, dump });
  const entries = await entriesOf(await make(c, "files_and_database", small));
  const inside = entries.get("db/db.backup") ?? Buffer.alloc(0);
  expect(inside.equals(published(dump))).toBe(true);
  expect(kindsOf(inside)).not.toContain("ACL");
  expect(parseToc(inside).entries.map(({ owner }) => owner)).toEqual(["", ""]);
  expect(JSON.parse(String(entries.get(".metadata")))).toMatchObject({ dumpSize: String(inside.length) });
  expect(c.store.requests.filter(({ operation }) => operation === "uploadPartCopy").length > 0).toBe(size > 20_000);

  c = fakeCollaborators(SMALL_STORE);
  await seal(c, { files, dump });
  expect((await make(c, "database_only")).equals(published(dump))).toBe(true);
  expect((await c.catalog.getArchive("archive-1"))?.size).toBe(published(dump).length);
});

test("the head costs one request of each call, and a copy's checksum is still compared", async () => {
  const dump = dumpWith(bytesOf(next, 100_000), 5);
  await seal(c, { files, dump });
  await make(c, "files_and_database", small);
  const { key } = c.store.versions(PRIMARY_BUCKET).find((one) => one.key.includes("database")) ?? { key: "" };
  expect(c.store.requests.filter(({ operation, ref }) => operation === "get" && ref.key === key)).toHaveLength(2);

  // Copied bytes that are not the stored ones: the archive is made from the replica instead.
  c = fakeCollaborators(SMALL_STORE);
  await seal(c, { files, dump });
  spoil(PRIMARY_BUCKET, key, -500);
  const entries = await entriesOf(await make(c, "files_and_database", small));
  expect(entries.get("db/db.backup")?.equals(published(dump))).toBe(true);
  expect(c.replicaStore.requests.length).toBeGreaterThan(0);
});

test("a head that the primary bucket no longer gives is read from the replica", async () => {
  const dump = dumpWith(bytesOf(next, 30_000), 50);
  const manifest = await seal(c, { files, dump });
  spoil(PRIMARY_BUCKET, dumpOf(manifest).key, 30);
  const entries = await entriesOf(await make(c, "files_and_database", small));
  expect(entries.get("db/db.backup")?.equals(published(dump))).toBe(true);
});

test("a head that neither region gives is a damaged snapshot", async () => {
  const manifest = await seal(c, { files, dump: dumpWith(bytesOf(next, 30_000), 50) });
  spoil(PRIMARY_BUCKET, dumpOf(manifest).key, 30);
  spoil(REPLICA_BUCKET, dumpOf(manifest).key, 30);
  await expect(make(c, "files_and_database", small)).rejects.toThrow(
    /^The snapshot is damaged: .*neither region.*head of the database dump/,
  );
});

test("of an older snapshot, stored as one segment, archives hold the dump as it is", async () => {
  const dump = dumpWith(bytesOf(next, 60_000), 5);
  await seal(c, { files, dump, oneSegment: true });
  const entries = await entriesOf(await make(c, "files_and_database", small));
  expect(entries.get("db/db.backup")?.equals(dump)).toBe(true);

  c = fakeCollaborators(SMALL_STORE);
  await seal(c, { files, dump, oneSegment: true });
  expect((await make(c, "database_only")).equals(dump)).toBe(true);
});
