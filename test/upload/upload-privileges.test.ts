/** Uploads with and without owners and privileges: what is noted of each, and what is told where something is lost. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { publishedForm } from "../../lambda/dump/published-form";
import { parseToc, writeToc } from "../../lambda/dump/toc";
import { dumpOf as dumpEntryOf } from "../../lambda/snapshot/manifest";
import { warningsOf } from "../../lambda/snapshot/warnings";
import { startPostgres, type PostgresServer } from "../support/postgres";
import { file, tar } from "./tar-maker";
import { dumpOf, manifestOf, runUpload, uploadBytes, uploadWorld } from "./upload-fixture";

let server: PostgresServer;
let number = 0;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", "CREATE ROLE app; CREATE ROLE reader; CREATE ROLE other");
});
afterAll(() => server.stop());

const dumpWith = async (sql: string, ...options: string[]): Promise<Buffer> => {
  const database = `upload${++number}`;
  await server.query("postgres", `CREATE DATABASE ${database} OWNER app`);
  await server.query(database, `SET ROLE app; CREATE TABLE t (a int); INSERT INTO t VALUES (1); ${sql}`);
  return execFileSync(
    join(server.programsPattern.replace("{major}", String(server.major)), "pg_dump"),
    ["-Fc", ...options, database],
    {
      env: { PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, PGPASSWORD: server.password },
      maxBuffer: 1e9,
    },
  );
};
/** As an archive for download holds it. */
const published = (dump: Buffer): Buffer => {
  const toc = parseToc(dump);
  return Buffer.concat([writeToc(publishedForm(toc)), dump.subarray(toc.length)]);
};
const uploaded = async (dump: Buffer, bytes = dump) => {
  const world = await uploadWorld();
  const { snapshot, reason } = await runUpload(world, await uploadBytes(world, bytes));
  expect(reason).toBeUndefined();
  const manifest = await manifestOf(world, snapshot);
  // Kept as it came, in two segments.
  expect(dumpOf(world, manifest).equals(dump)).toBe(true);
  const entry = dumpEntryOf(manifest);
  expect(entry.head?.rawLength).toBe(parseToc(dump).length);
  return { entry, warnings: warningsOf(manifest) };
};

const GRANTS = `GRANT SELECT ON t TO reader; CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM public.t';
  REVOKE ALL ON FUNCTION wipe() FROM PUBLIC;`;

test("a plain pg_dump -Fc with grants has its privileges noted, and nothing is told", async () => {
  const { entry, warnings } = await uploaded(await dumpWith(GRANTS));
  expect(entry).toMatchObject({ privileges: true, roles: ["app", "reader"], tablespaces: [], needsSuperuser: [] });
  expect(warnings).toEqual([]);
});

test("an archive's dump is noted as a dump alone is", async () => {
  const dump = await dumpWith(GRANTS);
  const { entry } = await uploaded(dump, gzipSync(tar(file("db/db.backup", dump))));
  expect(entry.privileges).toBe(true);
});

test.each([["pg_dump -O -x", "-O", "-x"], ["our own download"]])(
  "an ordinary app's dump by %s has nothing to tell",
  async (_name, ...options) => {
    const dump = await dumpWith(
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1 -- SECURITY DEFINER'",
      ...options,
    );
    const { entry, warnings } = await uploaded(options.length > 0 ? dump : published(dump));
    expect(warnings).toEqual([]);
    expect(entry).toMatchObject({ privileges: false, roles: options.length > 0 ? ["app"] : [] });
  },
);

test.each([
  [
    "a function with its owner's rights",
    GRANTS,
    /everybody may run its 1 function\(s\) that act with their owner's rights/,
  ],
  [
    "a procedure with its owner's rights",
    "CREATE PROCEDURE p() LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    /its 1 function\(s\)/,
  ],
  [
    "row-level security",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
    /row-level security (doesn't bind that owner|is for roles without rights)/,
  ],
  ["a policy", "CREATE POLICY p ON t TO reader USING (true)", /row-level security/],
])("%s: its download, and pg_dump -O -x, come without what it relies on, which is told", async (_name, sql, told) => {
  for (const dump of [published(await dumpWith(sql)), await dumpWith(sql, "-O", "-x")]) {
    const { entry, warnings } = await uploaded(dump);
    expect(entry.privileges).toBe(false);
    expect(warnings).toEqual([{ code: "PrivilegesMissing", message: expect.stringMatching(told) }]);
  }
});

test("two owners: pg_dump -O -x in custom format names them all the same, and that nothing is granted between them is told", async () => {
  const dump = await dumpWith(
    "RESET ROLE; CREATE TABLE of_other (a int); ALTER TABLE of_other OWNER TO other",
    "-O",
    "-x",
  );
  const { entry, warnings } = await uploaded(dump);
  expect(entry).toMatchObject({ privileges: false, roles: ["app", "other"] });
  expect(warnings).toEqual([
    {
      code: "PrivilegesMissing",
      message: expect.stringMatching(
        /nobody but owners has rights, and its 2 owners have no rights to each other's objects/,
      ),
    },
  ]);
});

test("what an upload's restore needs is noted from its head", async () => {
  const { entry } = await uploaded(await dumpWith("RESET ROLE; CREATE PUBLICATION p FOR ALL TABLES"));
  expect(entry.needsSuperuser).toEqual(["the publication of all tables p"]);
});

describe("what is no dump in custom format is told for what it is", () => {
  const refused = async (bytes: Buffer): Promise<string> => {
    const world = await uploadWorld();
    return (await runUpload(world, await uploadBytes(world, bytes))).reason ?? "";
  };
  const asCustom = /make the dump with pg_dump --format=custom/;
  test.each<[string, () => Promise<Buffer>, RegExp]>([
    ["tar format", () => dumpWith("", "-Ft"), /it is a dump in tar format/],
    ["tar format in gzip", async () => gzipSync(await dumpWith("", "-Ft")), /dump in tar or directory format/],
    ["plain SQL", () => dumpWith("", "-Fp"), /dump in plain SQL/],
    ["plain SQL in gzip", async () => gzipSync(await dumpWith("", "-Fp")), /dump in plain SQL/],
    [
      "tar format as db.backup",
      async () => gzipSync(tar(file("db/db.backup", await dumpWith("", "-Ft")))),
      /it is in tar format/,
    ],
    [
      "plain SQL as db.backup",
      async () => gzipSync(tar(file("db/db.backup", await dumpWith("", "-Fp")))),
      /it is plain SQL/,
    ],
    [
      "the toc.dat of a directory",
      async () => tocOf(await dumpWith("", "-Ft")),
      /in the tar format instead of the custom one/,
    ],
  ])("%s", async (_name, bytes, expected) => {
    const said = await refused(await bytes());
    expect(said).toMatch(expected);
    expect(said).toMatch(asCustom);
  });
  test("a gzipped dump as db.backup", async () => {
    const said = await refused(gzipSync(tar(file("db/db.backup", gzipSync(await dumpWith(""))))));
    expect(said).toMatch(/it is compressed with gzip; uncompress it, make the archive again/);
  });
});
/** The first entry of a tar, without its header. */
const tocOf = (dump: Buffer): Buffer => dump.subarray(512, 512 + Number.parseInt(dump.toString("latin1", 124, 135), 8));
