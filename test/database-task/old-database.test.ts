/**
 * What keeps the replaced database from being dropped never keeps the restore: it is handled, or named and left, and
 * `drop-old` drops exactly that database later, without the lease.
 */
import type { Client } from "pg";
import { besideName, replacedName } from "../../lambda/database-task/restore-names";
import { finish } from "../../lambda/restore/finish";
import { must } from "../support/must";
import { type PostgresServer, startPostgres } from "../support/postgres";
import {
  beginRestore,
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
let on: Scenario;
let number = 0;
beforeAll(async () => {
  server = await startPostgres({
    max_prepared_transactions: "5",
    wal_level: "logical",
    max_replication_slots: "8",
  });
  await server.query(
    "postgres",
    "CREATE ROLE master LOGIN PASSWORD 'master' CREATEDB; CREATE ROLE guest LOGIN PASSWORD 'guest'",
  );
  await server.query("postgres", "CREATE DATABASE source OWNER master");
  await server.query("source", "CREATE TABLE file (uuid text, hascontents boolean); ALTER TABLE file OWNER TO master");
  on = scenario(server);
  on.secrets.set("master", { username: "master", password: "master" });
  on.context = { ...on.context, patience: { pauseMs: 10, lockTries: 2, busyTries: 2 } };
  await registerEnvironment(on, "source-env", "source");
  await takeSnapshot(on, "source-env");
});
afterAll(async () => server.stop());

interface Target {
  readonly name: string;
  readonly replaced: string;
  readonly restoreId: string;
}
const newTarget = async (secret: "master" | "superuser", statement = "SELECT 1"): Promise<Target> => {
  number += 1;
  const [name, restoreId] = [`target_${number}`, `restore-${number}`];
  await server.query("postgres", `CREATE DATABASE ${name} TEMPLATE source OWNER master`);
  await server.query(name, statement.replaceAll("TARGET", name));
  await registerEnvironment(on, `env-${number}`, name, { database: { secret } });
  await beginRestore(on, "source-env", `env-${number}`, { restoreId, executionArn: `arn:${restoreId}` });
  await run(on, "preflight", restoreId);
  return { name, replaced: replacedName(name, restoreId), restoreId };
};
/** Up to the swap. */
const restoredBeside = async (secret: "master" | "superuser", statement?: string): Promise<Target> => {
  const target = await newTarget(secret, statement);
  await run(on, "restore", target.restoreId);
  await planRemoval(on, target.restoreId, []);
  return target;
};
const databasesOf = async ({ name }: Target): Promise<string[]> =>
  (
    await server.query(
      "postgres",
      String.raw`SELECT datname FROM pg_database WHERE datname = $1 OR datname LIKE $1 || '\_\_%' ORDER BY 1`,
      [name],
    )
  ).map(({ datname }) => datname as string);
const itemOf = async ({ restoreId }: Target) => must(await on.catalog.getRestore(restoreId));
/** Right after the swap, before the old database is dropped. */
const afterSwap = (target: Target, happens: () => Promise<void>): void => {
  let happened = false;
  on.table.onReply = async (operation, { pk }) => {
    if (happened || operation !== "update" || pk !== `RESTORE#${target.restoreId}`) return;
    if (
      (await server.query("postgres", "SELECT 1 FROM pg_database WHERE datname = $1", [target.replaced])).length === 0
    )
      return;
    happened = true;
    await happens();
  };
};
const swapAndFinish = async (target: Target): Promise<void> => {
  await run(on, "swap", target.restoreId);
  on.table.onReply = undefined;
  await finish({ restoreId: target.restoreId }, on);
};

describe("handled", () => {
  test("a template database is restored, tried twice, undone and swapped; the restored one is a template too", async () => {
    const target = await newTarget("master", "ALTER DATABASE TARGET IS_TEMPLATE true");
    await run(on, "restore", target.restoreId);
    await run(on, "undo", target.restoreId);
    expect(await databasesOf(target)).toEqual([target.name]);
    await run(on, "restore", target.restoreId);
    await on.catalog.updateRestore(target.restoreId, {
      database: { ...must((await itemOf(target)).database), restored: false },
    });
    await run(on, "restore", target.restoreId);
    await planRemoval(on, target.restoreId, []);
    await swapAndFinish(target);
    expect(await databasesOf(target)).toEqual([target.name]);
    const [row] = await server.query("postgres", "SELECT datistemplate FROM pg_database WHERE datname = $1", [
      target.name,
    ]);
    expect(row).toEqual({ datistemplate: true });
    expect((await itemOf(target)).dropOldAt).toBeUndefined();
  });

  test("a disabled subscription and an idle slot go with the old database", async () => {
    const target = await restoredBeside(
      "superuser",
      "CREATE SUBSCRIPTION orders CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = 'orders')",
    );
    await server.query(target.name, "SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')");
    const { preflight } = await itemOf(target);
    await run(on, "preflight", target.restoreId); // as the plan would have told it
    await swapAndFinish(target);
    expect(await databasesOf(target)).toEqual([target.name]);
    expect(await server.query("postgres", "SELECT slot_name FROM pg_replication_slots")).toEqual([]);
    expect(preflight?.details?.obstacles.subscriptions).toEqual([{ name: "orders", enabled: false, ours: true }]);
  });
});

describe("refused right before the swap", () => {
  test("what came since the plan and would go with the old database", async () => {
    const target = await restoredBeside("master");
    await server.query(target.name, "SELECT pg_create_logical_replication_slot('late', 'pgoutput')");
    await runFailing(on, "swap", target.restoreId);
    expect(await sentence(on, { restore: target.restoreId })).toMatch(
      /^SwapRefused: Since the plan was made the replication slot late came to the database "target_\d+"/,
    );
    await run(on, "undo", target.restoreId);
    expect(await databasesOf(target)).toEqual([target.name]);
    await server.query("postgres", "SELECT pg_drop_replication_slot('late')");
  });

  test("a prepared transaction is the cause that is named, not clients", async () => {
    const target = await restoredBeside("master");
    await server.query(target.name, "BEGIN; CREATE TABLE waiting(a int); PREPARE TRANSACTION 'late'");
    await runFailing(on, "swap", target.restoreId);
    const said = await sentence(on, { restore: target.restoreId });
    expect(said).toMatch(/^SwapRefused: The database "target_\d+" is in use, so it can't be swapped\. Prepared trans/);
    expect(said).not.toMatch(/[Cc]lients keep/);
    await server.query(target.name, "ROLLBACK PREPARED 'late'");
    await swapAndFinish(target);
    expect(await databasesOf(target)).toEqual([target.name]);
  });
});

/** What holds the old database, and how it lets go. */
const holders: readonly [string, (target: Target) => Promise<() => Promise<unknown>>, RegExp][] = [
  [
    "a prepared transaction",
    async ({ replaced }) => {
      await server.query(replaced, "BEGIN; CREATE TABLE waiting(a int); PREPARE TRANSACTION 'p'");
      return () => server.query(replaced, "ROLLBACK PREPARED 'p'");
    },
    /Prepared transactions wait in "target_\d+__old_\w+" \("p" of postgres\)/,
  ],
  [
    "a superuser's session",
    async ({ replaced }) => {
      const held: Client = await server.connect(replaced);
      return () => held.end();
    },
    /The registered user can't end 1 session in "target_\d+__old_\w+", such as a superuser's/,
  ],
  [
    "a session of a role that is none of ours",
    async ({ replaced }) => {
      const held: Client = await server.connect(replaced, { user: "guest", password: "guest" });
      return () => held.end();
    },
    /The registered user can't end 1 session/,
  ],
  [
    "a subscription that somebody made",
    async ({ replaced }) => {
      const make = `CREATE SUBSCRIPTION late_${number} CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = NONE)`;
      await server.query(replaced, make);
      return () => server.query(replaced, `DROP SUBSCRIPTION late_${number}`);
    },
    /belong to others than the registered user \(late_\d+\)/,
  ],
  [
    "another owner",
    async ({ replaced }) => {
      await server.query("postgres", `ALTER DATABASE ${replaced} OWNER TO postgres`);
      return () => server.query("postgres", `ALTER DATABASE ${replaced} OWNER TO master`);
    },
    /must be owner of database target_\d+__old_/,
  ],
];

describe("left, named, and dropped later", () => {
  test.each(holders)("%s", async (_, hold, cause) => {
    const target = await restoredBeside("master");
    let letGo: (() => Promise<unknown>) | undefined;
    afterSwap(target, async () => {
      letGo = await hold(target);
    });
    await swapAndFinish(target);
    const completed = await itemOf(target);
    expect(completed).toMatchObject({ state: "completed", phase: "done", dropOldAt: completed.finishedAt });
    expect(completed.statusMessage).toMatch(/^The database was restored; .* The old database still stands: /);
    expect(completed.statusMessage).toMatch(cause);
    expect(on.notifier.told.at(-1)?.message).toMatch(cause);
    // The environment is free for whoever waits.
    expect(await on.catalog.getLease(`env-${number}`)).toBeUndefined();
    expect(await databasesOf(target)).toEqual([target.name, target.replaced]);

    await run(on, "drop-old", target.restoreId);
    expect(await itemOf(target)).toMatchObject({
      database: { oldDropped: false, oldLeft: { database: target.replaced } },
    });
    expect((await itemOf(target)).statusMessage).toMatch(cause);
    await must(letGo)();
    await run(on, "drop-old", target.restoreId);
    expect(await databasesOf(target)).toEqual([target.name]);
    const done = await itemOf(target);
    expect(done).toMatchObject({ database: { oldDropped: true, oldLeft: null }, dropOldAt: null, state: "completed" });
    expect(done.statusMessage).not.toMatch(/old database/);
    await run(on, "drop-old", target.restoreId);
  });

  test("nothing but the recorded database is dropped, and nobody's session is ended for it", async () => {
    const target = await restoredBeside("superuser");
    await server.query("postgres", "CREATE DATABASE elsewhere");
    afterSwap(target, async () => {
      await server.query(target.replaced, "BEGIN; CREATE TABLE waiting(a int); PREPARE TRANSACTION 'q'");
    });
    await swapAndFinish(target);
    await server.query(target.replaced, "ROLLBACK PREPARED 'q'");
    // Somebody looks into it: a superuser's login could end that session.
    const looking = await server.connect(target.replaced);
    await run(on, "drop-old", target.restoreId);
    expect(await looking.query("SELECT 1")).toMatchObject({ rowCount: 1 });
    expect((await itemOf(target)).database?.oldLeft?.reason).toMatch(/Clients keep connecting|can't end/);
    await looking.end();
    await server.query("postgres", `ALTER DATABASE ${target.replaced} RENAME TO rescued`);
    await server.query("postgres", `ALTER DATABASE elsewhere RENAME TO ${target.replaced}`);
    await run(on, "drop-old", target.restoreId);
    expect(await itemOf(target)).toMatchObject({ database: { oldDropped: true }, dropOldAt: null });
    expect(await databasesOf(target)).toEqual([target.name, target.replaced]);
    expect(await server.query("postgres", "SELECT 1 AS one FROM pg_database WHERE datname = 'rescued'")).toHaveLength(
      1,
    );
  });

  test("where the restored database isn't live, a missing old one isn't taken for dropped, nor one that stands dropped", async () => {
    const target = await restoredBeside("superuser");
    afterSwap(target, async () => {
      await server.query(target.replaced, "BEGIN; CREATE TABLE waiting(a int); PREPARE TRANSACTION 'r'");
    });
    await swapAndFinish(target);
    await server.query(target.replaced, "ROLLBACK PREPARED 'r'");
    const left = {
      database: { oldDropped: false, oldLeft: { reason: expect.stringContaining("isn't the one that was restored") } },
      dropOldAt: expect.any(String),
    };
    // Somebody prefers the old one, and puts it back.
    await server.query("postgres", `ALTER DATABASE ${target.name} RENAME TO put_away`);
    await run(on, "drop-old", target.restoreId);
    expect(await itemOf(target)).toMatchObject(left);
    expect(await databasesOf(target)).toEqual([target.replaced]);
    await server.query("postgres", `ALTER DATABASE ${target.replaced} RENAME TO ${target.name}`);
    await run(on, "drop-old", target.restoreId);
    expect(await itemOf(target)).toMatchObject(left);
    expect(await databasesOf(target)).toEqual([target.name]);
    await server.query("postgres", "DROP DATABASE put_away");
  });

  test("a restore that has not completed is none of drop-old's", async () => {
    const target = await restoredBeside("master");
    await runFailing(on, "drop-old", target.restoreId);
    expect((await itemOf(target)).failure).toBeNull();
    expect(await databasesOf(target)).toEqual([target.name, besideName(target.name, target.restoreId)]);
  });
});

describe("what a role or a database says for its sessions doesn't hold ours up", () => {
  test.each([
    "ALTER DATABASE TARGET SET default_transaction_read_only = on; ALTER ROLE master SET default_transaction_read_only = on",
    "ALTER ROLE master SET statement_timeout = 1",
    "ALTER ROLE master SET idle_session_timeout = 300",
    "ALTER ROLE master SET idle_in_transaction_session_timeout = 1",
    "ALTER ROLE master SET lock_timeout = 1",
    "ALTER ROLE master SET default_transaction_isolation = 'serializable'; ALTER ROLE master SET default_transaction_deferrable = on",
    "ALTER ROLE master SET client_encoding = 'LATIN1'; ALTER DATABASE TARGET SET client_encoding = 'LATIN1'",
    "ALTER ROLE master SET standard_conforming_strings = off; ALTER ROLE master SET backslash_quote = off",
    "ALTER ROLE master SET DateStyle = 'German'; ALTER ROLE master SET TimeZone = 'Asia/Tokyo'; ALTER ROLE master SET bytea_output = 'escape'",
  ])("%s", async (settings) => {
    const target = await newTarget("master");
    for (const statement of settings.replaceAll("TARGET", target.name).split("; "))
      await server.query("postgres", statement);
    try {
      await run(on, "preflight", target.restoreId);
      await run(on, "restore", target.restoreId);
      await planRemoval(on, target.restoreId, []);
      await swapAndFinish(target);
      expect(await databasesOf(target)).toEqual([target.name]);
    } finally {
      await server.query("postgres", "ALTER ROLE master RESET ALL");
    }
  });
});
