/**
 * What a plan says of targets that lack something, have something otherwise, or hold something that is in the way: real
 * servers are looked at by the task, and the rules judge what it found. Each target differs from a good one in one thing.
 */
import { Client } from "pg";
import type { TargetPreflight } from "../../lambda/catalog/items";
import { readDatabase } from "../../lambda/database-task/database-row";
import { ownSettings } from "../../lambda/database-task/database-settings";
import { trySettings } from "../../lambda/database-task/try-settings";
import { openSnapshot } from "../../lambda/restore/open-snapshot";
import { judge } from "../../lambda/restore/plan-rules";
import type { DatabaseEntry } from "../../lambda/snapshot/manifest";
import { must } from "../support/must";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { startStandby } from "./standby";
import {
  beginRestore,
  registerEnvironment,
  run,
  runFailing,
  scenario,
  type Scenario,
  sentence,
  takeSnapshot,
} from "./scenario";

let server: PostgresServer;
let on: Scenario;
let source: DatabaseEntry;
let number = 0;
beforeAll(async () => {
  server = await startPostgres({
    max_prepared_transactions: "5",
    wal_level: "logical",
    max_replication_slots: "8",
    allow_in_place_tablespaces: "on",
  });
  await server.query(
    "postgres",
    `CREATE ROLE master LOGIN PASSWORD 'master' CREATEDB CREATEROLE;
     CREATE ROLE app; CREATE ROLE reader; CREATE ROLE auditor; GRANT app TO master`,
  );
  await server.query("postgres", "CREATE TABLESPACE fast LOCATION ''");
  await server.query("postgres", "CREATE DATABASE source OWNER master");
  await server.query(
    "source",
    "CREATE TABLE file (uuid text, hascontents boolean); GRANT USAGE, CREATE ON SCHEMA public TO app; GRANT SELECT ON file TO reader, master; ALTER TABLE file OWNER TO app",
  );
  on = scenario(server);
  on.secrets.set("master", { username: "master", password: "master" });
  await registerEnvironment(on, "source-env", "source", { database: { secret: "master" } });
  source = await takeSnapshot(on, "source-env");
});
afterAll(async () => server.stop());

interface Given {
  /** Statements for the whole server, and for the target's database: `TARGET` is its name. */
  readonly server?: string;
  readonly target?: string;
  readonly create?: string;
  readonly login?: { readonly username: string; readonly password: string };
  readonly source?: Partial<DatabaseEntry>;
}
const newTarget = async ({ create = "", ...given }: Given): Promise<{ name: string; restoreId: string }> => {
  number += 1;
  const target = { name: `target_${number}`, restoreId: `restore-${number}` };
  await server.query("postgres", `CREATE DATABASE ${target.name} OWNER master ${create}`);
  const as = (sql: string): string => sql.replaceAll("TARGET", target.name);
  if (given.server !== undefined)
    for (const statement of as(given.server).split(";")) await server.query("postgres", statement);
  if (given.target !== undefined)
    for (const statement of as(given.target).split(";")) await server.query(target.name, statement);
  const secret = `secret-${number}`;
  on.secrets.set(secret, given.login ?? { username: "master", password: "master" });
  await registerEnvironment(on, `env-${number}`, target.name, { database: { secret } });
  await beginRestore(on, "source-env", `env-${number}`, { restoreId: target.restoreId });
  return target;
};
const lookAt = async (restoreId: string): Promise<TargetPreflight> => {
  await run(on, "preflight", restoreId);
  return must((await on.catalog.getRestore(restoreId))?.preflight);
};
const judged = async (preflight: TargetPreflight, of: Partial<DatabaseEntry> = {}): Promise<Record<string, string>> => {
  const target = must(await on.catalog.getEnvironment(`env-${number}`));
  const { manifest } = await openSnapshot(on.context, { sourceEnvironmentId: "source-env", snapshotId: "snapshot-1" });
  const { refusals, warnings } = judge({
    manifest: { ...manifest, database: { ...source, ...of } },
    target,
    preflight,
    comparison: null,
    damage: [],
    recovery: { region: "eu-central-1" },
  });
  return Object.fromEntries([
    ...refusals.map(({ code, message }) => [`no: ${code}`, message]),
    ...warnings.map(({ code, message }) => [code, message]),
  ]);
};
const findings = async (given: Given): Promise<Record<string, string>> => {
  const { restoreId } = await newTarget(given);
  return judged(await lookAt(restoreId), given.source);
};

test("an ordinary target gives no finding, and neither does the source itself", async () => {
  expect(await findings({})).toEqual({});
  await beginRestore(on, "source-env", "source-env", { restoreId: "into-itself" });
  const facts = await lookAt("into-itself");
  expect(await judged(facts)).toEqual({});
  expect(facts.details).toMatchObject({
    login: { name: "master", superuser: false, sessionsLeft: null, validUntil: null },
    inRecovery: false,
    tablespace: "pg_default",
    locale: { provider: "libc", name: "C.UTF-8", rules: "" },
    properties: { owner: "master", comment: null, connectionLimit: -1, settings: [], grants: null },
    settingsRefused: [],
  });
  expect(facts.details?.login.mayBecome).toEqual(expect.arrayContaining(["app", "master"]));
  expect(facts.details?.login.mayBecome).not.toContain("reader");
  expect(facts.details?.connectionsLeft).toBeGreaterThan(40);
  expect(facts.details?.extensionVersions["hstore"]).toContain("1.8");
  expect(source).toMatchObject({
    owners: ["app"],
    owner: "master",
    locale: { provider: "libc" },
    properties: { owner: "master" },
  });
});

const expectOnly = (found: Record<string, string>, code: string, said: RegExp): void => {
  expect(found).toEqual({ [code]: expect.stringMatching(said) });
};

describe("refused, before anything is filled", () => {
  test("07-target, t2: a setting that only a superuser may give names itself and who may", async () => {
    const found = await findings({ server: "ALTER DATABASE TARGET SET log_min_duration_statement = 1000" });
    expect(found["no: SettingForbidden"]).toMatch(
      /\(master\) can't give the restored database the setting log_min_duration_statement that the live one has \(permission denied to set parameter "log_min_duration_statement"\): .*superuser.*GRANT SET ON PARAMETER log_min_duration_statement TO master/,
    );
    expect(Object.keys(found)).toEqual(["no: SettingForbidden", "DatabasePropertiesDiffer"]);
  });

  test("07-target, t4: a prepared transaction is named with its owner and what ends it", async () => {
    const { name, restoreId } = await newTarget({});
    await server.query(name, "BEGIN; CREATE TABLE waiting(a int); PREPARE TRANSACTION 'p'");
    expectOnly(
      await judged(await lookAt(restoreId)),
      "no: PreparedTransactions",
      /^Prepared transactions wait in the target's database target_\d+ \("p" of postgres\): .*COMMIT PREPARED or ROLLBACK PREPARED, then restore\.$/,
    );
    await server.query(name, "ROLLBACK PREPARED 'p'");
    expect(await judged(await lookAt(restoreId))).toEqual({});
  });

  test.each<[string, string, RegExp]>([
    ["of a role", "ALTER ROLE app IN DATABASE TARGET SET log_statement = 'all'", /log_statement .* for the role app/],
    ["of an extension that isn't loaded", "ALTER DATABASE TARGET SET shop.tenant = '1'", /setting shop\.tenant/],
    ["that names libraries", "ALTER DATABASE TARGET SET session_preload_libraries = 'auto_explain'", /session_preload/],
    [
      "of a superuser",
      "ALTER ROLE postgres IN DATABASE TARGET SET work_mem = '9MB'",
      /work_mem .* role postgres \(must/,
    ],
    ["that switches triggers off", "ALTER DATABASE TARGET SET session_replication_role = 'replica'", /session_repl/],
  ])("a setting %s", async (_, statement, said) => {
    expect((await findings({ server: statement }))["no: SettingForbidden"]).toMatch(said);
  });

  test("a setting is no hindrance for who was granted it, and for a superuser", async () => {
    const given = { server: "ALTER DATABASE TARGET SET log_lock_waits = on" };
    const superuser = { login: { username: server.user, password: server.password } };
    expect(Object.keys(await findings({ ...given, ...superuser }))).toEqual(["DatabasePropertiesDiffer"]);
    await server.query("postgres", "GRANT SET ON PARAMETER log_lock_waits TO master");
    expect(Object.keys(await findings(given))).toEqual(["DatabasePropertiesDiffer"]);
    const { rows } = { rows: await server.query("postgres", "SELECT count(*)::int AS n FROM pg_db_role_setting") };
    expect(rows[0]?.["n"]).toBeGreaterThan(2); // trying them has taken nothing away
  });

  test("a replication connection, with or without a slot that it reads", async () => {
    const { name, restoreId } = await newTarget({});
    const replication = {
      host: server.host,
      port: server.port,
      user: server.user,
      password: server.password,
      database: name,
      replication: "database",
    };
    const client = new Client(replication);
    await client.connect();
    const superuser = { username: server.user, password: server.password };
    on.secrets.set(`secret-${number}`, superuser);
    expectOnly(
      await judged(await lookAt(restoreId)),
      "no: ReplicationActive",
      /^Logical replication reads .* \(1 connection\)/,
    );
    await client.query("CREATE_REPLICATION_SLOT busy TEMPORARY LOGICAL pgoutput");
    expectOnly(
      await judged(await lookAt(restoreId)),
      "no: ReplicationActive",
      /^Logical replication reads .* \(by busy\)/,
    );
    await client.end();
  });

  test("an enabled subscription, and one that isn't the login's to drop", async () => {
    const subscription = `CREATE SUBSCRIPTION s_${number} CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)`;
    const { name, restoreId } = await newTarget({ target: subscription });
    expectOnly(await judged(await lookAt(restoreId)), "no: SubscriptionsOfOthers", /belong to others .* \(s_\d+\)/);
    on.secrets.set(`secret-${number}`, { username: server.user, password: server.password });
    expectOnly(await judged(await lookAt(restoreId)), "SubscriptionsGo", /go with the old database \(s_\d+\)/);
    const named = subscription.split(" ")[2] ?? "";
    await server.query(name, `ALTER SUBSCRIPTION ${named} ENABLE`);
    const enabled = await judged(await lookAt(restoreId));
    expect(enabled["no: SubscriptionsEnabled"]).toMatch(/^Subscriptions of .* are enabled \(s_\d+\).*DISABLE/);
    await server.query(name, `ALTER SUBSCRIPTION ${named} DISABLE`);
  });

  test("a login whose sessions are limited", async () => {
    await server.query(
      "postgres",
      "CREATE ROLE limited LOGIN PASSWORD 'l' CREATEDB IN ROLE master, app CONNECTION LIMIT 2",
    );
    expectOnly(
      await findings({ login: { username: "limited", password: "l" } }),
      "no: ConnectionLimitLow",
      /\(limited\) may have 2 more sessions and a restore needs 3/,
    );
    await server.query("postgres", "ALTER ROLE limited CONNECTION LIMIT 3");
    expect(await findings({ login: { username: "limited", password: "l" } })).toEqual({});
    await server.query("postgres", "ALTER ROLE limited CONNECTION LIMIT 0");
    const { restoreId } = await newTarget({ login: { username: "limited", password: "l" } });
    await runFailing(on, "preflight", restoreId);
    expect(await sentence(on, { restore: restoreId })).toMatch(
      /^TooManyConnections: .* \(too many connections for role "limited"\); end some, or raise that CONNECTION LIMIT/,
    );
  });

  test("a read replica", async () => {
    const { name } = await newTarget({});
    const standby = await startStandby(server);
    try {
      const database = { secret: "master", port: standby.port };
      await registerEnvironment(on, "replica-env", name, { database });
      await beginRestore(on, "source-env", "replica-env", { restoreId: "into-a-replica" });
      expectOnly(await judged(await lookAt("into-a-replica")), "no: ServerIsReplica", /is a read replica/);
    } finally {
      await standby.stop();
    }
  });

  test("a database in a tablespace where the login may put nothing", async () => {
    const found = await findings({ create: "TABLESPACE fast" });
    expectOnly(found, "no: TablespaceForbidden", /\(master\) may put nothing in its tablespace fast/);
    await server.query("postgres", "GRANT CREATE ON TABLESPACE fast TO master");
    expect(await findings({ create: "TABLESPACE fast" })).toEqual({});
    await server.query("postgres", "REVOKE CREATE ON TABLESPACE fast FROM master");
  });
});

test("seeded: of forty settings the plan refuses exactly those that the login could not copy", async () => {
  const settings = await server.query(
    "postgres",
    "SELECT name, reset_val AS value FROM pg_settings WHERE context IN ('user', 'superuser') AND name <> 'role' ORDER BY md5(name || 'seed 8') LIMIT 40",
  );
  const { name } = await newTarget({});
  for (const setting of settings)
    await server.query("postgres", `ALTER DATABASE ${name} SET ${setting["name"]} TO '${setting["value"]}'`);
  const given = { ...must(on.secrets.get("master")), user: "master" };
  const client = await server.connect("postgres", given);
  const live = must(await readDatabase(client, name));
  const planned = (await trySettings(client, live, name)).map((one) => one.name);
  expect(await readDatabase(client, name)).toEqual(live);
  await server.query("postgres", `CREATE DATABASE ${name}_copy OWNER master`);
  const failed: string[] = [];
  for (const setting of ownSettings(live, `${name}_copy`))
    await client.query(setting.statement).catch(() => failed.push(setting.name));
  await client.end();
  expect(planned).toEqual(failed.slice(0, 20));
  expect(failed.length).toBeGreaterThan(5);
  expect(failed.length).toBeLessThan(30);
});

describe("told, to be acknowledged", () => {
  test("a server with few connections left", async () => {
    const { restoreId } = await newTarget({});
    const clients = await Promise.all(Array.from({ length: 55 }, () => server.connect("source")));
    const found = await judged(await lookAt(restoreId));
    await Promise.all(clients.map((client) => client.end()));
    expectOnly(found, "ConnectionsNearlyUsed", /has 2 connections left and a restore needs 3/);
  });

  test("05-tablespace: a tablespace that the target lacks, or that isn't the login's to use", async () => {
    const found = await findings({ source: { tablespaces: ["fast", "faster"] } });
    expectOnly(
      found,
      "TablespacesMissing",
      /lacks tablespaces .* \(fast, faster\): what lies in them is restored to the default/,
    );
    expect(await findings({ source: { tablespaces: ["pg_default"] } })).toEqual({});
  });

  test("roles that are missing, and owners that the login may not act for", async () => {
    expectOnly(
      await findings({ source: { roles: ["app", "gone", "master"], owners: ["app", "gone"] } }),
      "RightsOfMissingRoles",
      /lacks roles .* \(gone\): what they own goes to the database's owner, master, and what was granted to them is left out/,
    );
    expectOnly(
      await findings({ source: { roles: ["app", "auditor", "reader"], owners: ["app", "auditor"] } }),
      "OwnersOutOfReach",
      /\(master\) may not act for roles .* \(auditor\): .* unless it is granted/,
    );
    // One environment's owner becomes the other's.
    const all = { owner: "owner_of_production", owners: ["owner_of_production"], roles: ["owner_of_production"] };
    expect(await findings({ source: all })).toEqual({});
    expectOnly(
      await findings({ source: { ...all, owners: ["master", "owner_of_production"] } }),
      "RightsOfMissingRoles",
      /\(owner_of_production\)/,
    );
  });

  test.each<[string, string, RegExp]>([
    ["ICU", "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de'", /by libc's C.UTF-8, .* by ICU's de/],
    [
      "bytes alone",
      "TEMPLATE template0 LC_COLLATE 'C'",
      /by libc's C.UTF-8, .* by libc's C \(character classes: C.UTF-8\)/,
    ],
  ])("a target that sorts by %s", async (_, create, said) => {
    expectOnly(await findings({ create }), "CollationDiffers", said);
  });

  test("a source that sorted by ICU, another locale of it, rules, or another version", async () => {
    const icu = { provider: "icu", name: "de", rules: "", version: "153.120" };
    const create = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de'";
    expectOnly(
      await findings({ source: { locale: icu } }),
      "CollationDiffers",
      /by ICU's de \(.*\), .* by libc's C.UTF-8:/,
    );
    const other = { source: { locale: { ...icu, name: "sv" } }, create };
    expectOnly(await findings(other), "CollationDiffers", /by ICU's sv .* by ICU's de/);
    const rules = { source: { locale: { ...icu, rules: "& V < w" } }, create };
    expectOnly(await findings(rules), "CollationDiffers", /ICU's de with the rules & V < w/);
    const older = { source: { locale: { ...icu, version: "1.0" } }, create };
    expectOnly(await findings(older), "CollationVersionDiffers", /by version 1\.0 of ICU's de.* by version [\d.]+:/);
    const spelled = { provider: "libc", name: "C.utf8", rules: "", version: null };
    expect(await findings({ source: { locale: spelled, collate: "C.utf8" } })).toEqual({});
    // What an older snapshot says, or an upload, which says nothing.
    expect(await findings({ source: { locale: undefined } })).toEqual({});
    expect(await findings({ source: { locale: undefined, collate: "", ctype: "" } })).toEqual({});
    expectOnly(await findings({ source: { locale: undefined }, create }), "CollationDiffers", /by ICU's de/);
  });

  test("an extension's version that the server doesn't offer", async () => {
    const of = (version: string): Given => ({ source: { extensions: [{ name: "hstore", version }] } });
    const found = await findings(of("9.9"));
    expect(found["ExtensionVersionsDiffer"]).toMatch(/\(hstore 9\.9, there 1\.4, .*\): its own default version/);
    expect(Object.keys(await findings(of("1.4")))).toEqual(["ExtensionsBeyondDefault"]);
    expect(Object.keys(await findings(of("")))).toEqual(["ExtensionsBeyondDefault"]);
  });

  test.each<[string, string, RegExp]>([
    ["a setting", "ALTER DATABASE TARGET SET work_mem = '9MB'", /the target's has work_mem=9MB/],
    ["a role's setting", "ALTER ROLE app IN DATABASE TARGET SET search_path = shop, public", /search_path=.* for app/],
    ["a connection limit", "ALTER DATABASE TARGET CONNECTION LIMIT 7", /a connection limit of 7/],
    ["a comment", "COMMENT ON DATABASE TARGET IS 'the shop''s'", /the comment "the shop's"/],
    [
      "a privilege",
      "GRANT CREATE ON DATABASE TARGET TO reader WITH GRANT OPTION",
      /CREATE for reader with grant option/,
    ],
    ["a closed door", "REVOKE CONNECT ON DATABASE TARGET FROM PUBLIC", /the snapshot's has CONNECT for everybody/],
  ])("%s of the database that isn't the snapshot's", async (_, statement, said) => {
    expectOnly(await findings({ server: statement }), "DatabasePropertiesDiffer", said);
  });

  test("properties that only the snapshot's database had; none where both are alike or nobody looked", async () => {
    const properties = {
      ...must(source.properties),
      settings: [{ role: null, config: ["work_mem=64MB"] }],
      grants: [{ grantee: "app", privilege: "CONNECT", grantable: false }],
    };
    const found = await findings({ source: { properties } });
    expect(found["DatabasePropertiesDiffer"]).toMatch(
      /the snapshot's has work_mem=64MB, the snapshot's has CONNECT for app/,
    );
    const alike = "ALTER DATABASE TARGET SET work_mem = '64MB'";
    const settings = { ...must(source.properties), settings: properties.settings };
    expect(await findings({ server: alike, source: { properties: settings } })).toEqual({});
    expect(await findings({ server: alike, source: { properties: undefined } })).toEqual({});
    // Defaults that somebody has written down are still the defaults.
    expect(await findings({ server: "GRANT CONNECT ON DATABASE TARGET TO PUBLIC" })).toEqual({});
  });

  test("a replication slot that goes with the old database", async () => {
    expectOnly(
      await findings({ target: "SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')" }),
      "ReplicationSlotsGo",
      /go with the old database \(cdc\)/,
    );
    await server.query("postgres", "SELECT pg_drop_replication_slot('cdc')");
  });

  test("a password that ends soon, what only a superuser restores", async () => {
    await server.query("postgres", "ALTER ROLE limited VALID UNTIL '2026-12-06' CONNECTION LIMIT -1");
    const limited = { login: { username: "limited", password: "l" } };
    expectOnly(await findings(limited), "PasswordEnds", /\(limited\) is valid until 2026-12-06T00:00:00Z/);
    await server.query("postgres", "ALTER ROLE limited VALID UNTIL 'infinity'");
    expect(await findings(limited)).toEqual({});
    const needs = { source: { needsSuperuser: ["the event trigger audit"] } };
    expectOnly(await findings(needs), "SuperuserNeeded", /\(the event trigger audit\), .* \(master\) is none/);
    expect(await findings({ ...needs, login: { username: server.user, password: server.password } })).toEqual({});
  });
});
