/**
 * What a dump with owners and privileges says of roles, proven by PostgreSQL itself: the published form is what
 * `pg_dump -O -x` gives, opens where no role is known, and the roles found are those the server knows of.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publishedForm } from "../../lambda/dump/published-form";
import { restoreNeeds } from "../../lambda/dump/restore-needs";
import { parseToc, writeToc } from "../../lambda/dump/toc";
import { startPostgres, type PostgresServer } from "../support/postgres";
import { createRoles, randomOwned, RICH } from "./role-samples";

let server: PostgresServer;
let elsewhere: PostgresServer;
const folder = mkdtempSync(join(tmpdir(), "dumped-roles-"));
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const databases = ["rich", ...SEEDS.map((seed) => `random${seed}`)];

beforeAll(async () => {
  [server, elsewhere] = await Promise.all([startPostgres(), startPostgres()]);
  await server.query("postgres", createRoles);
  for (const name of databases) await server.query("postgres", `CREATE DATABASE ${name} OWNER app`);
  await server.query("rich", RICH);
  await server.query(
    "rich",
    `ALTER ROLE dbset IN DATABASE rich SET work_mem = '8MB'; GRANT CONNECT ON DATABASE rich TO "db con"`,
  );
  for (const seed of SEEDS) {
    // A grantor that has lost its right in between is refused, which makes the mixture only more various.
    for (const statement of randomOwned(seed).split(";\n").reduce<string[]>(joined, []))
      await server.query(`random${seed}`, statement).catch((error: Error) => {
        if (!/permission denied|grant options|must be|already exists/.test(error.message)) throw error;
      });
  }
}, 120_000);
afterAll(async () => {
  await Promise.all([server.stop(), elsewhere.stop()]);
  rmSync(folder, { recursive: true });
});

/** What is granted in another role's name goes in one session. */
const joined = (all: string[], statement: string): string[] => {
  const last = all.at(-1);
  if (last !== undefined && last.includes("SET ROLE") && !last.endsWith("RESET ROLE"))
    return [...all.slice(0, -1), `${last};\n${statement}`];
  return [...all, statement];
};

const program = (at: PostgresServer, name: string, args: readonly string[], input?: Buffer) =>
  spawnSync(join(at.programsPattern.replace("{major}", String(at.major)), name), args, {
    env: { PGHOST: at.host, PGPORT: String(at.port), PGUSER: at.user, PGPASSWORD: at.password },
    maxBuffer: 1e9,
    ...(input === undefined ? {} : { input }),
  });
const dumpOf = (database: string, ...options: string[]): Buffer =>
  program(server, "pg_dump", ["-Fc", "-Z0", ...options, database]).stdout;
const published = (dump: Buffer): Buffer => {
  const toc = parseToc(dump);
  return Buffer.concat([writeToc(publishedForm(toc)), dump.subarray(toc.length)]);
};
/** The whole of a dump as SQL, without what is random or only a comment. */
const sqlOf = (dump: Buffer, ...options: string[]): string =>
  program(server, "pg_restore", ["-f", "-", ...options], dump)
    .stdout.toString()
    .replaceAll(/^\\(un)?restrict .*$/gm, "")
    .replaceAll(/^(-- .*; Owner: ).*$/gm, "$1");

describe.each(databases)("the database %s", (database) => {
  test("in the published form is what pg_dump -O -x gives", () => {
    const full = dumpOf(database);
    const own = published(full);
    expect(sqlOf(own)).toBe(sqlOf(dumpOf(database, "-O", "-x"), "-O"));
    expect(sqlOf(full)).not.toBe(sqlOf(own));
    expect(published(own).equals(own)).toBe(true);
  });

  test("names the roles that its server knows of", async () => {
    const needs = restoreNeeds(parseToc(dumpOf(database)));
    // The server's own register of what depends on roles; settings have none there.
    const known = await server.query(
      database,
      `SELECT r.rolname AS role, bool_or(d.deptype = 'o' AND d.classid NOT IN ('pg_user_mapping'::regclass, 'pg_database'::regclass)) AS owns
         FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid JOIN pg_database b ON b.datname = current_database()
        WHERE d.refclassid = 'pg_authid'::regclass AND NOT starts_with(r.rolname, 'pg_') AND d.deptype <> 'i'
          AND (d.dbid = b.oid OR (d.classid = 'pg_database'::regclass AND d.objid = b.oid AND d.deptype = 'a')
            OR (d.dbid = 0 AND d.classid = 'pg_subscription'::regclass))
        GROUP BY 1`,
    );
    const roles = new Set<string>(known.map(({ role }) => role as string));
    if (database === "rich") for (const more of ["dbset", "postgres"]) roles.add(more);
    // A superuser made the database's objects, and objects of a superuser are in no register.
    expect(needs.roles.filter((role) => role !== "postgres")).toEqual(
      [...roles].filter((role) => role !== "postgres").toSorted(),
    );
    const owners = known.filter(({ owns }) => owns === true).map(({ role }) => role as string);
    expect(needs.owners.filter((role) => role !== "postgres")).toEqual(
      expect.arrayContaining(owners.filter((role) => role !== "postgres")),
    );
    expect(needs.roles.length).toBeGreaterThan(4);
  });
});

test("a server without the roles restores the published form as it does what pg_dump -O -x gives", async () => {
  const restored = async (name: string, dump: Buffer, ...options: string[]): Promise<readonly string[]> => {
    await elsewhere.query("postgres", `CREATE DATABASE ${name}`);
    const { status, stderr } = program(elsewhere, "pg_restore", ["-d", name, ...options], dump);
    return [
      String(status),
      ...stderr
        .toString()
        .split("\n")
        .filter((line) => line.includes("error: could not execute")),
    ];
  };
  // Policies and user mappings name roles inside; those two kinds alone fail, with either.
  const own = await restored("own", published(dumpOf("rich")));
  expect(own).toEqual(await restored("theirs", dumpOf("rich", "-O", "-x"), "-O"));
  expect(own.join("\n")).toMatch(/role "(map ped|pol;icy|reader)" does not exist/);
  // With owners and privileges it is full of errors.
  expect((await restored("with_both", dumpOf("rich"))).length).toBeGreaterThan(own.length + 20);

  await server.query("rich", `DROP POLICY p ON documents; DROP USER MAPPING FOR "map ped" SERVER far`);
  expect(await restored("plain", published(dumpOf("rich")))).toEqual(["0"]);
}, 60_000);

test("a dump to a file, which notes where its data lie, opens from a file in the published form", () => {
  const path = join(folder, "to-file.backup");
  program(server, "pg_dump", ["-Fc", "-f", path, "rich"]);
  const own = join(folder, "published.backup");
  writeFileSync(own, published(readFileSync(path)));
  const { status, stdout } = program(server, "pg_restore", ["-f", "-", "-t", "documents", "--data-only", own]);
  expect(status).toBe(0);
  expect(stdout.toString()).toContain("o1");
});
