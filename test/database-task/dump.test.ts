import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_REFERENCE_QUERY } from "../../lambda/catalog/registration";
import { withConnection } from "../../lambda/database-task/connection";
import { referencedFiles } from "../../lambda/database-task/reference-query";
import { compareKeys } from "../../lambda/pack/key-order";
import { FILES_BUCKET, PRIMARY_BUCKET } from "../support/collaborators";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { must } from "../support/must";
import { createRoles, createSample, OWNER } from "./sample-database";
import {
  beginAttempt,
  dumpBytes,
  linesOf,
  registerEnvironment,
  run,
  runFailing,
  scenario,
  type Scenario,
  sentence,
  stored,
  withFolder,
} from "./scenario";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await createRoles(server);
  await createSample(server, "shop");
});
afterAll(async () => server.stop());

const fresh = async (
  change: Parameters<typeof registerEnvironment>[3] = {},
  database = "shop",
): Promise<[Scenario, string[]]> => {
  const on = scenario(server);
  on.secrets.set("owner", { username: OWNER.user, password: OWNER.password });
  await registerEnvironment(on, "env", database, change);
  return [on, ["dump", ...(await beginAttempt(on, "env"))]];
};
const resultOf = async (on: Scenario) => {
  const dump = (await on.catalog.getAttempt("attempt-1"))?.dump;
  if (dump === undefined || dump === null) throw new Error("no dump");
  return dump;
};
/** A folder of programs of which pg_dump is the given script. */
const fakePrograms = (folder: string, script: string): { directory: string; majors: number[] } => {
  const bin = join(folder, String(server.major));
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "pg_dump"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, "pg_dump"), 0o755);
  return { directory: join(folder, "{major}"), majors: [server.major] };
};
const realDump = (): string => join(server.programsPattern.replace("{major}", String(server.major)), "pg_dump");

test("a dump is stored with its facts, under a two-day lock, and pg_restore reads it", async () => {
  const [on, args] = await fresh();
  await run(on, ...args);
  const { listCount, listSegments, warnings, ...result } = await resultOf(on);
  const database = must(result.database);

  expect(warnings).toEqual([]);
  expect(database).toMatchObject({ encoding: "UTF8", policyRoles: ["App Reader"] });
  expect(database.extensions.map(({ name }) => name)).toEqual(["plpgsql"]);
  expect(database.serverVersion).toMatch(new RegExp(`^${server.major}\\.\\d+$`));
  expect(database.dumpVersion).toBe(database.serverVersion);
  expect(database.databaseSize).toBeGreaterThan(1_000_000);

  const bytes = await dumpBytes(on, database);
  expect(bytes.length).toBe(database.dumpSize);
  expect(bytes.subarray(0, 5).toString()).toBe("PGDMP");
  // It reads the table of contents only, so it doesn't wait for the rest of its input.
  const listing = spawnSync(realDump().replace("pg_dump", "pg_restore"), ["-l"], {
    input: bytes,
    encoding: "utf8",
  }).stdout;
  expect(listing).toContain("TABLE DATA public customer");
  expect(listing).toContain("BLOB");
  expect(listing).not.toMatch(/^\d+; .* ACL /m);

  const lines = await linesOf(on, listSegments);
  const keys = lines.map(({ key }) => key);
  expect(keys).toHaveLength(54);
  expect(listCount).toBe(54);
  expect(keys).toEqual(keys.toSorted(compareKeys));
  expect(keys.slice(-3)).toEqual(["ä-umlaut", "\uFFFD-bmp", "𝒳-astral"]);
  expect(keys).not.toContain("not-taken");
  for (const { lock } of on.store.versions(PRIMARY_BUCKET))
    expect(lock?.until.getTime()).toBe(on.clock.now().getTime() + 48 * 3_600_000);
  expect((await on.catalog.getLease("env"))?.taskArn).toBe("task/one");
});

test("Rule 9: what is added or taken away while the dump runs is in neither the dump nor the list", async () => {
  await createSample(server, "busy");
  await withFolder(async (folder) => {
    const [on, args] = await fresh({}, "busy");
    // The program waits until the world has changed, after the snapshot was exported.
    const flag = join(folder, "go");
    on.context = {
      ...on.context,
      programs: fakePrograms(
        folder,
        `[ "$1" = --version ] || while [ ! -e ${flag} ]; do sleep 0.05; done; exec ${realDump()} "$@"`,
      ),
    };
    const running = run(on, ...args);
    while (!on.log.lines.some(({ message }) => message === "Dumping the database."))
      await new Promise((resolve) => setTimeout(resolve, 20));
    await server.query(
      "busy",
      "INSERT INTO file VALUES ('new-file'); DELETE FROM file WHERE uuid = 'file-000001'; UPDATE customer SET note = 'new-note'",
    );
    writeFileSync(flag, "");
    await running;
    const { listSegments, ...result } = await resultOf(on);
    const database = must(result.database);
    const keys = (await linesOf(on, listSegments)).map(({ key }) => key);
    expect(keys).not.toContain("new-file");
    expect(keys).toContain("file-000001");
    const dumped = await dumpBytes(on, database);
    expect(dumped.includes("new-file")).toBe(false);
    expect(dumped.includes("new-note")).toBe(false);
    expect(dumped.includes("file-000001")).toBe(true);
  });
});

test("a marker comes with its key; NULL keys are ignored, doubles are listed once", async () => {
  const query =
    "SELECT x, y FROM (VALUES ('b', 2), ('a', 1), ('a', 1), (NULL, 3), ('', 4), ('c', NULL)) AS v (x, y) -- all of them";
  const [on, args] = await fresh({ files: { source: { kind: "reference-query", query } } });
  await run(on, ...args);
  const { listSegments } = await resultOf(on);
  expect(await linesOf(on, listSegments)).toEqual([
    { key: "a", marker: "1" },
    { key: "b", marker: "2" },
    { key: "c", unlisted: true },
  ]);
});

test.each([
  [
    "two markers for one key",
    "SELECT 'a', n FROM generate_series(1, 2) n",
    /ReferenceQueryAmbiguous: .*"a" with more than one marker/,
  ],
  [
    "a table that isn't there",
    "SELECT uuid FROM nothing_here",
    /ReferenceQueryFailed: .*relation "nothing_here" does not exist/,
  ],
  [
    "a failure halfway",
    "SELECT (1 / (n - 5000))::text FROM generate_series(1, 9000) n",
    /ReferenceQueryFailed: .*division by zero/,
  ],
  ["no query", "DELETE FROM file RETURNING uuid", /ReferenceQueryFailed/],
  ["something behind the query", "SELECT 'a') AS x; COMMIT; DROP TABLE file; --", /ReferenceQueryFailed/],
  ["three columns", "SELECT 1, 2, 3", /ReferenceQueryFailed: The reference query gives 3 columns/],
])("a bad reference query (%s) ends in a sentence and leaves no dump", async (_name, query, expected) => {
  const [on, args] = await fresh({ files: { source: { kind: "reference-query", query } } });
  await runFailing(on, ...args);
  expect(await sentence(on, { attempt: "attempt-1" })).toMatch(expected);
  expect(stored(on).filter((key) => key.includes("database"))).toEqual([]);
  expect(on.store.uploads(PRIMARY_BUCKET)).toEqual([]);
  expect((await on.catalog.getAttempt("attempt-1"))?.dump).toBeNull();
  expect(await server.query("shop", "SELECT count(*)::int AS n FROM file")).toEqual([{ n: 55 }]);
});

test("row security fails the reference query instead of leaving files out", async () => {
  await createSample(server, "guarded");
  await server.query(
    "guarded",
    `ALTER TABLE file ENABLE ROW LEVEL SECURITY; CREATE ROLE limited LOGIN PASSWORD 'x'; GRANT SELECT ON file TO limited;
     CREATE POLICY few ON file TO limited USING (uuid < 'file-000003')`,
  );
  const login = { ...server, database: "guarded", user: "limited", password: "x", ssl: "disable" as const };
  await withConnection(login, {}, async (client) => {
    await client.query("BEGIN");
    const first = referencedFiles(client, "SELECT uuid FROM file", login).next();
    await expect(first).rejects.toThrow(/would be affected by row-level security policy for table "file"/);
  });
});

test("a listing gives every object below the prefix, with etag and size", async () => {
  const [on, args] = await fresh({ files: { source: { kind: "listing" }, prefix: "docs/" } });

  for (const key of ["docs/", "docs/b", "docs/a/1", "docs/.nightly-backups-probe", "elsewhere", "docs/é"])
    await on.store.put({ bucket: FILES_BUCKET, key, body: Buffer.from(key) });
  await run(on, ...args);
  const lines = await linesOf(on, (await resultOf(on)).listSegments);
  expect(lines.map(({ key, size }) => [key, size])).toEqual([
    ["a/1", 8],
    ["b", 6],
    ["é", 7],
  ]);
  expect(lines[0]?.marker).toMatch(/^[0-9a-f]{32}\/8\/\d+$/);
});

const PLATFORM = { source: { kind: "reference-query", query: DEFAULT_REFERENCE_QUERY } } as const;
test.each([
  ["a query of one's own", {}, true],
  ["a query of one's own with immutable keys", { immutableKeys: true }, false],
  ["the platform's query", PLATFORM, false],
  ["the platform's query, and keys that are overwritten", { ...PLATFORM, immutableKeys: false }, true],
] as const)("%s: compared by listing is %s", async (name, files, compared) => {
  const database = `shop: ${name}`;
  await createSample(server, database);
  await server.query(
    database,
    `CREATE TABLE "system$filedocument" ("__uuid__" text, hascontents boolean, submetaobjectname text, deleteafterdownload boolean);
     INSERT INTO "system$filedocument" VALUES ('file-000002', true, NULL, false)`,
  );
  const [on, args] = await fresh({ files }, database);
  await on.store.put({ bucket: FILES_BUCKET, key: "env/file-000002", body: Buffer.from("hello") });
  await run(on, ...args);
  const line = (await linesOf(on, (await resultOf(on)).listSegments)).find(({ key }) => key === "file-000002");
  const told = { marker: expect.stringMatching(/^[0-9a-f]{32}\/5\/\d+$/), size: 5 };
  expect(line).toEqual({ key: "file-000002", ...(compared ? told : {}) });
});

test("an extension beyond the default is backed up with a warning", async () => {
  await createSample(server, "extended");
  await server.query("extended", "CREATE EXTENSION pg_trgm");
  const [on, args] = await fresh({}, "extended");
  await run(on, ...args);
  const { warnings, ...result } = await resultOf(on);
  const database = must(result.database);
  expect(warnings).toEqual([
    { code: "ExtensionBeyondDefault", message: expect.stringMatching(/^The database uses the extension "pg_trgm"/) },
  ]);
  expect(database.extensions.map(({ name }) => name)).toEqual(["pg_trgm", "plpgsql"]);
});

test("a pg_dump that breaks off leaves no object, no upload, and its last words", async () => {
  await withFolder(async (folder) => {
    const [on, args] = await fresh();
    on.context = {
      ...on.context,
      programs: fakePrograms(
        folder,
        `[ "$1" = --version ] && exec ${realDump()} --version; head -c 40000000 /dev/zero; echo "pg_dump: error: query failed: the disk is gone" >&2; echo "pg_dump: detail: x" >&2; exit 1`,
      ),
    };
    await runFailing(on, ...args);
    expect(await sentence(on, { attempt: "attempt-1" })).toMatch(
      /^DumpFailed: pg_dump of the database "shop" .* failed: pg_dump: error: query failed: the disk is gone/,
    );
    expect(stored(on).filter((key) => key.includes("database"))).toEqual([]);
    expect(on.store.uploads(PRIMARY_BUCKET)).toEqual([]);
  });
});

test.each(["echo no dump", "exit 0", "printf 'PGDMP\\001\\016\\000\\004\\010\\001'"])(
  "a dump whose table of contents can't be read back is no backup: %s",
  async (script) => {
    await withFolder(async (folder) => {
      const [on, args] = await fresh();
      const programs = fakePrograms(folder, `[ "$1" = --version ] && exec ${realDump()} --version; ${script}`);
      on.context = { ...on.context, programs };
      await runFailing(on, ...args);
      expect(await sentence(on, { attempt: "attempt-1" })).toMatch(
        /^DumpUnreadable: The table of contents of the dump of the database "shop" can't be read back/,
      );
      expect((await on.catalog.getAttempt("attempt-1"))?.dump).toBeNull();
    });
  },
);

test("what is stored is read back: a head that the bucket gives otherwise fails the attempt", async () => {
  const [on, args] = await fresh();
  const get = on.store.get.bind(on.store);
  on.store.get = async (ref, options) => {
    const answer = await get(ref, options);
    if (!ref.key.includes("database")) return answer;
    async function* flipped(): AsyncGenerator<Uint8Array> {
      for await (const chunk of answer.body) yield chunk.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
    }
    return { ...answer, body: flipped() };
  };
  await runFailing(on, ...args);
  expect(await sentence(on, { attempt: "attempt-1" })).toMatch(/ObjectDamaged: The head of the database dump/);
});

test("a second try of the same attempt writes under its own keys; a third after success does nothing", async () => {
  const [on, args] = await fresh();
  let broken = true;
  on.table.onRequest = (operation, { sk }) => {
    if (broken && operation === "update" && sk === "ATTEMPT") throw new Error("the catalog is away");
  };
  await runFailing(on, ...args);
  const first = stored(on);
  expect(first).toHaveLength(2);
  broken = false;
  await run(on, ...args);
  const database = must((await resultOf(on)).database);
  expect(first).not.toContain(database.key);
  expect(new Set(stored(on)).size).toBe(4);
  on.store.resetRequests();
  await run(on, ...args);
  expect(on.store.requests).toEqual([]);
  expect((await on.catalog.getAttempt("attempt-1"))?.failure).toBeNull();
});

test("without its lease the task touches nothing and writes nothing", async () => {
  const [on, args] = await fresh();
  await on.catalog.releaseLease("env", "token-attempt-1");
  await runFailing(on, ...args);
  expect(on.store.requests).toEqual([]);
  expect((await on.catalog.getAttempt("attempt-1"))?.failure).toBeNull();
  expect(on.log.lines.at(-1)?.message).toMatch(/lease of the environment "env" is no longer held/);
});

test("a task that is told to stop ends pg_dump, aborts the upload and says so", async () => {
  await withFolder(async (folder) => {
    const [on, args] = await fresh();
    const script = `[ "$1" = --version ] && exec ${realDump()} --version; echo $$ > ${folder}/pid; head -c 40000000 /dev/zero; sleep 600`;
    on.context = { ...on.context, programs: fakePrograms(folder, script) };
    const running = runFailing(on, ...args);
    while (on.store.uploads(PRIMARY_BUCKET).length === 0 && !existsPid(folder)) await sleep(20);
    on.stop.abort();
    await running;
    expect(await sentence(on, { attempt: "attempt-1" })).toMatch(/^TaskStopped/);
    expect(on.store.uploads(PRIMARY_BUCKET)).toEqual([]);
    const itself = `/proc/${readFileSync(join(folder, "pid"), "utf8").trim()}`;
    for (let tries = 0; existsSync(itself) && tries < 100; tries++) await sleep(50);
    expect(existsSync(itself)).toBe(false);
  });
});
const existsPid = (folder: string): boolean => readdirSync(folder).includes("pid");

const failing = async (
  change: Parameters<typeof registerEnvironment>[3],
  prepare?: (on: Scenario) => void,
): Promise<string> => {
  const [on, args] = await fresh(change);
  prepare?.(on);
  await runFailing(on, ...args);
  expect(on.store.requests).toEqual([]);
  return sentence(on, { attempt: "attempt-1" });
};

describe("each cause of a failed connection has its own sentence", () => {
  test("unreachable", async () => {
    expect(await failing({ database: { port: 1 } })).toMatch(
      /^DatabaseUnreachable: The database server 127\.0\.0\.1:1 can't be reached/,
    );
  });
  test("unknown host", async () => {
    expect(await failing({ database: { host: "no-such-host.invalid" } })).toMatch(
      /^DatabaseUnreachable: .*no-such-host\.invalid/,
    );
  });
  test("wrong password", async () => {
    const said = await failing({}, (on) =>
      on.secrets.set("superuser", { username: server.user, password: "hunter2-wrong" }),
    );
    expect(said).toMatch(/^WrongPassword: .* refuses the password of "postgres"/);
    expect(said).not.toContain("hunter2");
  });
  test("database missing", async () => {
    expect(await failing({ database: { name: "nowhere" } })).toMatch(
      /^DatabaseMissing: The database "nowhere" doesn't exist/,
    );
  });
  test("secret missing", async () => {
    expect(await failing({ database: { secret: "gone" } })).toMatch(/^SecretMissing/);
  });
  test("TLS asked for, not offered", async () => {
    expect(await failing({ database: { ssl: "require" } })).toMatch(/^TlsRefused/);
  });
  test("no permission to connect", async () => {
    await server.query("postgres", "CREATE DATABASE closed");
    await server.query("postgres", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
    const said = await failing({ database: { name: "closed", secret: "stranger" } }, (on) =>
      on.secrets.set("stranger", { username: "stranger", password: "stranger" }),
    );
    expect(said).toMatch(/^PermissionMissing: "stranger" may not connect to the database "closed"/);
  });
  test("no permission to read a table", async () => {
    const [on, args] = await fresh({ database: { secret: "stranger" } });
    on.secrets.set("stranger", { username: "stranger", password: "stranger" });
    await runFailing(on, ...args);
    expect(await sentence(on, { attempt: "attempt-1" })).toMatch(/permission denied for table/);
  });
});

test("client tools older than the server are one clear sentence with both versions", async () => {
  await withFolder(async (folder) => {
    const [on, args] = await fresh();
    const programs = fakePrograms(folder, `echo "pg_dump (PostgreSQL) 12.7"`);
    on.context = { ...on.context, programs };
    await runFailing(on, ...args);
    expect(await sentence(on, { attempt: "attempt-1" })).toMatch(
      /^ToolsTooOld: The PostgreSQL client tools \(version 12\.7\) are older than the server \(version \d+\.\d+\)/,
    );
    on.context = { ...on.context, programs: { ...programs, directory: "/nowhere/{major}" } };
    await runFailing(on, ...args);
    expect(await sentence(on, { attempt: "attempt-1" })).toMatch(/^ToolsMissing/);
  });
});

test("the password stands in no argument, no variable and no log, and its file is gone afterwards", async () => {
  await withFolder(async (folder) => {
    const [on, args] = await fresh();
    const seen = join(folder, "seen");
    on.context = {
      ...on.context,
      programs: fakePrograms(folder, `{ echo "$@"; env; ls -l "$PGPASSFILE"; } >> ${seen}; exec ${realDump()} "$@"`),
    };
    await run(on, ...args);
    const text = readFileSync(seen, "utf8");
    expect(text).not.toContain("cluster:secret");
    expect(text).not.toContain("pass word");
    expect(text).toMatch(/^-rw------- /m);
    expect(JSON.stringify(on.log.lines)).not.toContain("cluster:secret");
    const file = /PGPASSFILE=(\S+)/.exec(text)?.[1] ?? "";
    expect(file).toMatch(new RegExp(`^${tmpdir()}`));
    expect(() => readFileSync(file)).toThrow("ENOENT");
  });
});
