/**
 * Other programs read our archives whole: GNU tar, bsdtar, Python's tarfile seeking and streaming, and PostgreSQL's
 * pg_restore, at a server that knows none of the dump's roles. Names, contents and .metadata are exact, in archives that S3 has partly copied from packs with dead
 * segments.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { publishedForm } from "../../lambda/dump/published-form";
import { parseToc, writeToc } from "../../lambda/dump/toc";
import { tarPath } from "../../lambda/pack/tar-path";
import { bytesOf, seeded, uuid } from "../pack/support";
import { fakeCollaborators } from "../support/collaborators";
import { startPostgres, type PostgresServer } from "../support/postgres";
import { testProgram } from "../support/test-programs";
import { make, seal } from "./archive-fixture";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

let server: PostgresServer;
let elsewhere: PostgresServer;
let folder: string;
/** As an archive holds it. */
let published: Buffer;
let programs: string;
/** Parts that S3 copied, for each archive. */
const copies: number[] = [];
/** Path to SHA-256. */
const expected: Record<string, string> = {};
const metadata: Record<string, string> = { duration: "630", modelVersion: "1.2.3", databaseSize: "8000000" };
const file = (name: string): string => join(folder, name);
const connection = ({ host, port, user, password }: PostgresServer): NodeJS.ProcessEnv => ({
  ...process.env,
  PGHOST: host,
  PGPORT: String(port),
  PGUSER: user,
  PGPASSWORD: password,
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "archive-"));
  [server, elsewhere] = await Promise.all([startPostgres(), startPostgres()]);
  programs = server.programsPattern.replace("{major}", String(server.major));
  await server.query("postgres", "CREATE ROLE app; CREATE ROLE reader");
  await server.query("postgres", "CREATE DATABASE source");
  await server.query(
    "source",
    `CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL);
     INSERT INTO item SELECT i, 'item ' || repeat(md5(i::text), 10) FROM generate_series(1, 20000) i;
     CREATE INDEX ON item (name);
     GRANT CREATE ON SCHEMA public TO app; ALTER TABLE item OWNER TO app; GRANT SELECT ON item TO reader;
     ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO reader;`,
  );
  const dump = execFileSync(join(programs, "pg_dump"), ["-Fc", "-Z0", "source"], {
    env: connection(server),
    maxBuffer: 64 * 1024 ** 2,
  });
  const toc = parseToc(dump);
  published = Buffer.concat([writeToc(publishedForm(toc)), dump.subarray(toc.length)]);
  const next = seeded(11);
  const files = new Map<string, Buffer>([
    [uuid(next), bytesOf(next, 11_000_000)],
    ["x".repeat(500), Buffer.from("a long name")],
    ["ü/../%", Buffer.from("a hostile name")],
    [uuid(next), Buffer.alloc(0)],
    ...Array.from({ length: 800 }, (_, i) => [uuid(next), bytesOf(next, i % 700)] as [string, Buffer]),
  ]);
  const isDead = (key: string, number: number): boolean =>
    number % 10 === 3 && key.length === 36 && files.get(key)?.length !== 11_000_000;
  const living = [...files].filter(([key]) => !isDead(key, [...files.keys()].toSorted().indexOf(key)));
  for (const [key, content] of living) expected[tarPath(key)] = sha256(content);
  metadata["filesSize"] = String(living.reduce((sum, [, { length }]) => sum + length, 0));
  metadata["dumpSize"] = String(published.length);
  for (const dataType of ["files_and_database", "files_only", "database_only"] as const) {
    const c = fakeCollaborators();
    await seal(c, { files, isDead, dump, packOf: (_key, number) => number % 3 });
    writeFileSync(file(dataType), await make(c, dataType));
    copies.push(c.store.requests.filter(({ operation }) => operation === "uploadPartCopy").length);
  }
}, 120_000);
afterAll(async () => {
  await Promise.all([server.stop(), elsewhere.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const full = (): Record<string, string> => ({
  ...expected,
  "db/db.backup": sha256(published),
  ".metadata": sha256(readFileSync(join(folder, "gnu", ".metadata"))),
});

/** Every file below a folder, by path. */
const standing = (root: string): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true }) as string[]) {
    const path = join(root, entry);
    if (statSync(path).isFile()) found[relative(root, path)] = sha256(readFileSync(path));
  }
  return found;
};
const extracted = (program: string, name: string): Record<string, string> => {
  mkdirSync(file(name));
  execFileSync(program, ["-xzf", file("files_and_database"), "-C", file(name)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return standing(file(name));
};

test("GNU tar", () => {
  expect(copies).toEqual([1, 1, 0]);
  const found = extracted("tar", "gnu");
  expect(JSON.parse(readFileSync(join(folder, "gnu", ".metadata"), "utf8"))).toEqual(metadata);
  expect(found).toEqual(full());
  const names = execFileSync("tar", ["-tzf", file("files_only")], { encoding: "utf8" })
    .trim()
    .split("\n");
  expect(names[0]).toBe(".metadata");
  expect(names.toSorted()).toEqual([".metadata", ...Object.keys(expected)].toSorted());
});

test("bsdtar", () => {
  expect(extracted(testProgram("bsdtar"), "bsd")).toEqual(full());
});

test.each(["r:gz", "r|gz"])("Python's tarfile, %s", (mode) => {
  const script = `
import hashlib, json, sys, tarfile
found = {}
with tarfile.open(sys.argv[1], sys.argv[2]) as archive:
    for member in archive:
        assert member.isfile(), member.name
        found[member.name] = hashlib.sha256(archive.extractfile(member).read()).hexdigest()
print(json.dumps(found))`;
  const said = execFileSync("python3", ["-c", script, file("files_and_database"), mode], {
    encoding: "utf8",
    maxBuffer: 16 * 1024 ** 2,
  });
  expect(JSON.parse(said)).toEqual(full());
});

test("gzip finds one sound member", () => {
  for (const dataType of ["files_and_database", "files_only"])
    execFileSync("gzip", ["-t"], { input: readFileSync(file(dataType)) });
  expect(() =>
    execFileSync("gzip", ["-t"], { input: readFileSync(file("files_only")).subarray(0, -9), stdio: "pipe" }),
  ).toThrow();
});

test("pg_restore lists and restores the dump, alone and out of the archive", async () => {
  expect(readFileSync(file("database_only")).equals(published)).toBe(true);
  const listing = execFileSync(join(programs, "pg_restore"), ["-l", file("database_only")], { encoding: "utf8" });
  expect(listing).toContain("TABLE DATA public item");
  const inside = execFileSync("tar", ["-xzOf", file("files_and_database"), "db/db.backup"], {
    maxBuffer: 64 * 1024 ** 2,
  });
  writeFileSync(file("inside.backup"), inside);
  for (const [name, source] of [
    ["alone", file("database_only")],
    ["inside", file("inside.backup")],
  ] as const) {
    await elsewhere.query("postgres", `CREATE DATABASE ${name}`);
    execFileSync(join(programs, "pg_restore"), ["--exit-on-error", "-d", name, source], { env: connection(elsewhere) });
    const sum = "SELECT count(*)::int AS count, md5(string_agg(name, ',' ORDER BY id)) AS names FROM item";
    expect(await elsewhere.query(name, sum)).toEqual(await server.query("source", sum));
  }
}, 60_000);
