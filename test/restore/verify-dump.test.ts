/** Dumps that stand as they were stored, every checksum right, and that nobody could restore as the plan promises. */
import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import { type DatabaseEntry, dumpOf } from "../../lambda/snapshot/manifest";
import { fakeCollaborators, seededRandomness } from "../support/collaborators";
import { must } from "../support/must";
import { dumpHead, ENCODING, type DumpEntry, smallDump } from "../upload/dump-maker";
import { sealSnapshot, type SnapshotOptions } from "./snapshot-fixture";

const problemsOf = async (options: Partial<SnapshotOptions>): Promise<readonly string[]> => {
  const c = fakeCollaborators();
  const manifest = await sealSnapshot(c, { files: new Map(), ...options });
  const { problems } = await verifySnapshot(c.store, c.settings.PRIMARY_BUCKET, manifest, { replica: false });
  return problems.map(({ message }) => message);
};
const WHOLE = smallDump();
const extension: DumpEntry = { id: 9, kind: "EXTENSION", tag: "postgis", definition: "CREATE EXTENSION postgis;\n" };
const policy: DumpEntry = {
  id: 9,
  kind: "POLICY",
  tag: "t mine",
  definition: 'CREATE POLICY mine ON public.t TO "App Reader" USING (true);\n',
};
const otherData: DumpEntry = { id: 9, kind: "TABLE DATA", tag: "u", copy: "COPY u (line) FROM stdin;\n" };

test("a whole dump has no problem, whatever it needs, if the manifest names it", async () => {
  expect(await problemsOf({})).toEqual([]);
  const database = { extensions: [{ name: "postgis", version: "3" }], policyRoles: ["App Reader", "another"] };
  expect(await problemsOf({ dump: smallDump([extension]), database })).toEqual([]);
  expect(await problemsOf({ dump: smallDump([policy]), database })).toEqual([]);
});

test.each<[string, Partial<SnapshotOptions>, RegExp]>([
  ["two bytes", { dump: Buffer.from("PG") }, /ends within its table of contents/],
  ["SQL", { dump: Buffer.from("--\n-- PostgreSQL database dump\n--\n".repeat(9)) }, /does not begin as dumps/],
  ["an end within the table of contents", { dump: WHOLE.subarray(0, 120) }, /ends within its table of contents/],
  ["an end within the data", { dump: WHOLE.subarray(0, -9) }, /ends within its data/],
  ["a table of contents alone", { dump: dumpHead([ENCODING, otherData]) }, /data of 1 of its tables/],
  ["a table whose data are missing", { dump: smallDump([otherData]) }, /data of 1 of its tables/],
  ["bytes after its end", { dump: Buffer.concat([WHOLE, Buffer.from("more")]) }, /bytes follow after the end/],
  ["another dump behind it", { dump: Buffer.concat([WHOLE, WHOLE]) }, /bytes follow after the end/],
  ["another encoding", { database: { encoding: "LATIN1" } }, /encoded in UTF8, and the manifest says LATIN1/],
  ["an extension that no plan asks for", { dump: smallDump([extension]) }, /needs the extension "postgis", which/],
  ["a role that no plan asks for", { dump: smallDump([policy]) }, /needs the role "App Reader", which/],
])("noticed: %s", async (_, options, reason) => {
  const [problem, ...others] = await problemsOf(options);
  expect(others).toEqual([]);
  expect(problem).toMatch(reason);
  expect(problem).toMatch(/^The database dump \S+ is as it was stored, and can't be restored: .*\.$/);
});

test.each<[string, (entry: DatabaseEntry) => Partial<DatabaseEntry>, RegExp]>([
  ["a head that ends sooner", ({ head }) => ({ head: { ...must(head), length: must(head).length - 9 } }), /not where/],
  ["a head that ends later", ({ head }) => ({ head: { ...must(head), length: must(head).length + 9 } }), /not where/],
  ["a shorter head", ({ head }) => ({ head: { ...must(head), rawLength: must(head).rawLength - 1 } }), /not where/],
  ["another head", ({ head }) => ({ head: { ...must(head), crc32: 1 } }), /not where/],
  ["other data", () => ({ dataCrc32: 1 }), /another checksum/],
])("noticed, because no archive could be made: %s", async (_, change, reason) => {
  const c = fakeCollaborators();
  const manifest = await sealSnapshot(c, { files: new Map() });
  const database = { ...manifest.database, ...change(dumpOf(manifest)) };
  const changed = { ...manifest, database };
  const { problems } = await verifySnapshot(c.store, c.settings.PRIMARY_BUCKET, changed, { replica: false });
  expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(reason)]);
});

test("noticed wherever the dump is cut (seed 8)", async () => {
  const random = seededRandomness(8);
  for (let tries = 0; tries < 30; tries++) {
    const at = Buffer.from(random(4)).readUInt32LE() % WHOLE.length;
    expect({ at, problems: (await problemsOf({ dump: WHOLE.subarray(0, at) })).length }).toEqual({ at, problems: 1 });
  }
});
