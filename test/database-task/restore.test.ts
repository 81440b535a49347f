import { besideName, replacedName } from "../../lambda/database-task/restore-names";
import { FILES_BUCKET, PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { createRoles, createSample, fingerprint, OWNER } from "./sample-database";
import {
  beginRestore,
  linesOf,
  planRemoval,
  registerEnvironment,
  run,
  runFailing,
  scenario,
  type Scenario,
  sentence,
  takeSnapshot,
} from "./scenario";

let server: PostgresServer;
let number = 0;
let shared: Scenario;
beforeAll(async () => {
  server = await startPostgres();
  await createRoles(server);
  await createSample(server, "source");
  await createSample(server, "old_content", 20);
  await server.query("old_content", "DELETE FROM customer WHERE id > 5; INSERT INTO file VALUES ('only-in-old')");
  shared = await withSnapshot();
});
afterAll(async () => server.stop());

const withSnapshot = async (): Promise<Scenario> => {
  const on = scenario(server);
  on.secrets.set("owner", { username: OWNER.user, password: OWNER.password });
  await registerEnvironment(on, "source-env", "source");
  await takeSnapshot(on, "source-env");
  return on;
};
/** A restore of a sealed snapshot of "source" into a target database of its own with other content. */
const prepared = async (
  on = shared,
  secret = "owner",
): Promise<{ on: Scenario; target: string; environmentId: string; restoreId: string }> => {
  number += 1;
  const [target, environmentId] = [`target_${number}`, `target-${number}`];
  await server.query("postgres", `CREATE DATABASE ${target} TEMPLATE old_content OWNER app_owner`);
  await registerEnvironment(on, environmentId, target, { database: { secret } });
  return {
    on,
    target,
    environmentId,
    restoreId: await beginRestore(on, "source-env", environmentId, { restoreId: `restore-${number}` }),
  };
};
const databases = async (): Promise<string[]> =>
  (await server.query("postgres", "SELECT datname FROM pg_database ORDER BY 1")).map(
    ({ datname }) => datname as string,
  );
const oidOf = async (name: string): Promise<number> =>
  (await server.query("postgres", "SELECT oid FROM pg_database WHERE datname = $1", [name]))[0]?.["oid"] as number;
const progressOf = async (on: Scenario, restoreId: string) => {
  const database = (await on.catalog.getRestore(restoreId))?.database;
  if (database === undefined || database === null) throw new Error("no progress");
  return database;
};

test("preflight gathers the target's facts and leaves our own sessions out", async () => {
  const { on, target, restoreId } = await prepared();
  const client = await server.connect(target);
  await run(on, "preflight", restoreId);
  await client.end();
  const facts = (await on.catalog.getRestore(restoreId))?.preflight;
  expect(facts).toMatchObject({
    databaseOid: await oidOf(target),
    owner: "app_owner",
    encoding: "UTF8",
    collate: "C.UTF-8",
    ctype: "C.UTF-8",
    serverMajor: server.major,
    sessions: 1,
    freeBytes: null,
    canCreateDatabase: true,
    memberOfOwner: true,
    toolMajor: server.major,
  });
  expect(facts?.roles).toEqual(expect.arrayContaining(["app_owner", "App Reader"]));
  expect(facts?.availableExtensions).toContain("pg_trgm");
  expect(await databases()).toEqual(expect.not.arrayContaining([besideName(target, restoreId)]));
});

test("a stranger's preflight says what it may not do", async () => {
  const { on, restoreId } = await prepared(await withSnapshot());
  on.secrets.set("owner", { username: "stranger", password: "stranger" });
  await run(on, "preflight", restoreId);
  expect((await on.catalog.getRestore(restoreId))?.preflight).toMatchObject({
    canCreateDatabase: false,
    memberOfOwner: false,
  });
  await runFailing(on, "restore", restoreId);
  expect(await sentence(on, { restore: restoreId })).toMatch(/^(PermissionMissing|ReferenceQueryFailed): /);
});

test("restore and swap: the target is the source row for row, and keeps what stays with a database", async () => {
  const { on, target, environmentId, restoreId } = await prepared(shared, "superuser");
  await server.query(
    "postgres",
    `
    ALTER DATABASE ${target} SET search_path TO public, "My Schema";
    ALTER DATABASE ${target} SET work_mem TO '9MB';
    ALTER ROLE app_owner IN DATABASE ${target} SET application_name TO 'it''s \\ mine';
    ALTER DATABASE ${target} CONNECTION LIMIT 37;
    REVOKE ALL ON DATABASE ${target} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${target} TO "App Reader" WITH GRANT OPTION;
    COMMENT ON DATABASE ${target} IS 'the shop''s own'`,
  );
  const kept = `SELECT datacl::text, datconnlimit, shobj_description(oid, 'pg_database') AS said, pg_get_userbyid(datdba) AS owner, datcollate, datlocprovider, daticulocale,
    (SELECT json_agg(json_build_array(setrole, setconfig) ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid) AS settings
    FROM pg_database d WHERE datname = '${target}'`;
  const before = await server.query("postgres", kept);
  const oldOid = await oidOf(target);

  // The superuser logs in; what it restores belongs to the database's owner all the same.
  await run(on, "restore", restoreId);
  const progress = await progressOf(on, restoreId);
  expect(progress).toMatchObject({ oldOid, newName: besideName(target, restoreId), restored: true, swappedAt: null });
  expect(await fingerprint(server, target)).not.toBe(await fingerprint(server, "source"));
  const old = (await linesOf(on, progress.oldList)).map(({ key }) => key);
  expect(old).toContain("only-in-old");
  expect(old).toHaveLength(25);

  for (const key of ["only-in-old", "file-000001"])
    await on.store.put({ bucket: FILES_BUCKET, key: `${environmentId}/${key}`, body: Buffer.from(key) });
  await planRemoval(on, restoreId, ["gone-already", "only-in-old"]);
  await run(on, "swap", restoreId);

  expect(await fingerprint(server, target)).toBe(await fingerprint(server, "source"));
  expect(await server.query("postgres", kept)).toEqual(before);
  expect(await oidOf(target)).toBe(progress.newOid);
  expect((await databases()).filter((name) => name.includes(target))).toEqual([target]);
  expect((await on.store.list(FILES_BUCKET, { prefix: `${environmentId}/` })).objects.map(({ key }) => key)).toEqual([
    `${environmentId}/file-000001`,
  ]);
  expect(await progressOf(on, restoreId)).toMatchObject({
    removed: 2,
    oldDropped: true,
    swappedAt: expect.stringMatching(/^2026-/),
  });
  expect(await server.query(target, `SELECT count(*)::int AS n FROM customer`, undefined, OWNER)).toEqual([{ n: 60 }]);

  // Done is done, at any later point.
  const done = await progressOf(on, restoreId);
  for (const verb of ["swap", "undo", "restore"]) await run(on, verb, restoreId);
  expect(await progressOf(on, restoreId)).toEqual(done);
  expect(await oidOf(target)).toBe(progress.newOid);
  expect((await databases()).filter((name) => name.includes(target))).toEqual([target]);
});

test("an extension that owners may create comes back with the restore", async () => {
  const on = scenario(server);
  await createSample(server, "extended");
  await server.query(
    "extended",
    "CREATE EXTENSION pg_trgm; COMMENT ON EXTENSION pg_trgm IS 'similar'",
    undefined,
    OWNER,
  );
  await createSample(server, "extended_target");
  await registerEnvironment(on, "source-env", "extended");
  await registerEnvironment(on, "target-env", "extended_target", { database: { secret: "owner" } });
  on.secrets.set("owner", { username: OWNER.user, password: OWNER.password });
  await takeSnapshot(on, "source-env");
  await beginRestore(on, "source-env", "target-env", { databaseOnly: true });
  await run(on, "restore", "restore-1");
  await run(on, "swap", "restore-1");
  expect(await server.query("extended_target", "SELECT similarity('abc', 'abd') > 0 AS works")).toEqual([
    { works: true },
  ]);
});

test("a finished database beside is kept by a repetition, an unfinished one is made anew", async () => {
  const { on, target, restoreId } = await prepared();
  await run(on, "restore", restoreId);
  const first = await progressOf(on, restoreId);
  await run(on, "restore", restoreId);
  expect(await progressOf(on, restoreId)).toEqual(first);
  await on.catalog.updateRestore(restoreId, { database: { ...first, restored: false } });
  await server.query(besideName(target, restoreId), "DROP TABLE customer CASCADE");
  await run(on, "restore", restoreId);
  const second = await progressOf(on, restoreId);
  expect(second.newOid).not.toBe(first.newOid);
  expect(await fingerprint(server, besideName(target, restoreId))).toBe(await fingerprint(server, "source"));
});

test("undo drops the database beside and leaves the live one", async () => {
  const { on, target, restoreId } = await prepared();
  const live = await fingerprint(server, target);
  await run(on, "undo", restoreId);
  await run(on, "restore", restoreId);
  // As a pg_restore that outlived its task would.
  const lingering = await server.connect(besideName(target, restoreId), OWNER);
  await run(on, "undo", restoreId);
  await run(on, "undo", restoreId);
  await lingering.end().catch(() => undefined);
  expect((await databases()).filter((name) => name.includes(target))).toEqual([target]);
  expect(await fingerprint(server, target)).toBe(live);
  await planRemoval(on, restoreId, []);
  await runFailing(on, "swap", restoreId);
  expect(await sentence(on, { restore: restoreId })).toMatch(/^RestoreUnfinished/);
});

test("a session that the task may not end is waited for, and is a sentence in the end", async () => {
  const { on, target, restoreId } = await prepared();
  await run(on, "restore", restoreId);
  const superuser = await server.connect(besideName(target, restoreId));
  // Each try waits five seconds by itself.
  const hasty = { ...on, context: { ...on.context, patience: { pauseMs: 10, lockTries: 2, busyTries: 1 } } };
  await runFailing(hasty, "undo", restoreId);
  expect(await sentence(on, { restore: restoreId })).toMatch(
    /^DatabaseInUse: The database .* is in use and can't be dropped\. The registered user can't end 1 session in /,
  );
  const undone = run(on, "undo", restoreId);
  setTimeout(() => void superuser.end(), 200);
  await undone;
  expect((await databases()).filter((name) => name.includes(target))).toEqual([target]);
});

test("undo keeps a restored database whose live one is gone, and says so", async () => {
  const { on, target, restoreId } = await prepared();
  await run(on, "restore", restoreId);
  await server.query("postgres", `DROP DATABASE ${target}`);
  await runFailing(on, "undo", restoreId);
  expect(await sentence(on, { restore: restoreId })).toMatch(/^TargetReplaced/);
  expect(await databases()).toContain(besideName(target, restoreId));
});

/** `share`: how far into the dump; the head comes first. */
const damage = async (on: Scenario, bucket = PRIMARY_BUCKET, share = 0.5): Promise<void> => {
  const store = bucket === PRIMARY_BUCKET ? on.store : on.replicaStore;
  const version = store.versions(bucket).find(({ key }) => key.includes("/database"));
  if (version === undefined) throw new Error("no dump");
  const body = Buffer.from(version.body);
  const at = Math.floor(body.length * share);
  // One bit could point at other bytes that are the same.
  for (let byte = at; byte < at + 8; byte++) body.writeUInt8(body.readUInt8(byte) ^ 0xff, byte);
  version.body = body;
};

describe("a damaged dump counts for nothing", () => {
  test.each([0.01, 0.1, 0.5, 0.95])(
    "without a replica, at %d of it: a sentence, and undo leaves the target as it was",
    async (share) => {
      const { on, target, restoreId } = await prepared(await withSnapshot());
      const live = await fingerprint(server, target);
      await damage(on, PRIMARY_BUCKET, share);
      await runFailing(on, "restore", restoreId);
      expect(await sentence(on, { restore: restoreId })).toMatch(/^SnapshotDamaged: /);
      expect(await progressOf(on, restoreId)).toMatchObject({ restored: false });
      await run(on, "undo", restoreId);
      expect(await fingerprint(server, target)).toBe(live);
      expect((await databases()).filter((name) => name.includes(target))).toEqual([target]);
    },
  );
  test("with a replica the restore uses that", async () => {
    const { on, restoreId, target } = await prepared(await withSnapshot());
    on.store.replicateTo(on.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
    await damage(on);
    await run(on, "restore", restoreId);
    expect(await fingerprint(server, besideName(target, restoreId))).toBe(await fingerprint(server, "source"));
  });
});

test("a role that a policy names and the target lacks stops pg_restore with its words; the target stays", async () => {
  const { on, target, environmentId, restoreId } = await prepared();
  const other = await startPostgres();
  try {
    await other.query("postgres", "CREATE ROLE app_owner LOGIN PASSWORD 'owner password' CREATEDB");
    await other.query("postgres", `CREATE DATABASE ${target} OWNER app_owner`);
    await other.query(target, "CREATE TABLE file (uuid text, hascontents boolean)", undefined, OWNER);
    const environment = await on.catalog.getEnvironment(environmentId);
    if (environment === undefined) throw new Error("no target");
    const { registration } = environment;
    await on.catalog.updateEnvironment(environmentId, {
      registration: { ...registration, database: { ...registration.database, port: other.port } },
    });
    await runFailing(on, "restore", restoreId);
    expect(await sentence(on, { restore: restoreId })).toMatch(/^RestoreFailed: .*role "App Reader" does not exist/);
    await run(on, "undo", restoreId);
    expect(await other.query("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'target%'")).toEqual([
      { datname: target },
    ]);
  } finally {
    await other.stop();
  }
});

test("a lost lease stops restore, swap and undo before they touch anything", async () => {
  const { on, target, environmentId, restoreId } = await prepared();
  await run(on, "restore", restoreId);
  await planRemoval(on, restoreId, []);
  await on.catalog.releaseLease(environmentId, `token-${restoreId}`);
  const before = await databases();
  for (const verb of ["preflight", "restore", "swap", "undo"]) await runFailing(on, verb, restoreId);
  expect(await databases()).toEqual(before);
  expect(before).toContain(target);
  expect((await on.catalog.getRestore(restoreId))?.failure).toBeNull();
});

test("names stay within 63 bytes, whatever the target is called", () => {
  for (const name of ["a", "ü".repeat(31), "x".repeat(63), "𝒳".repeat(15)]) {
    for (const made of [besideName(name, "restore-1"), replacedName(name, "restore-1")]) {
      expect(Buffer.byteLength(made)).toBeLessThanOrEqual(63);
      expect(made).not.toContain("\uFFFD");
    }
    expect(besideName(name, "restore-1")).not.toBe(besideName(name, "restore-2"));
  }
});
