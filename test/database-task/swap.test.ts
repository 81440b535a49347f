import { setTimeout as sleep } from "node:timers/promises";
import { lockKey } from "../../lambda/database-task/restore-names";
import { runVerb } from "../../lambda/database-task/verbs";
import { FILES_BUCKET } from "../support/collaborators";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { breakAt } from "./broken-connections";
import { beginRestore, planRemoval, registerEnvironment, run, runFailing, scenario, type Scenario, sentence, takeSnapshot } from "./scenario";

let server: PostgresServer;
let on: Scenario;
let number = 0;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", "CREATE ROLE plain LOGIN PASSWORD 'plain' CREATEDB");
  for (const name of ["source", "old_content"]) {
    await server.query("postgres", `CREATE DATABASE ${name}`);
    await server.query(name, `CREATE TABLE file (uuid text, hascontents boolean); CREATE TABLE who AS SELECT '${name}' AS me`);
  }
  await server.query("old_content", "INSERT INTO file VALUES ('old-1', true), ('old-2', true)");
  on = scenario(server);
  await registerEnvironment(on, "source-env", "source");
  await takeSnapshot(on, "source-env");
});
afterAll(async () => server.stop());

interface Target {
  readonly name: string;
  readonly environmentId: string;
  readonly restoreId: string;
}
/** A target, live with the old content, with its files in the bucket. */
const newTarget = async (): Promise<Target> => {
  number += 1;
  const target = { name: `target_${number}`, environmentId: `target-${number}`, restoreId: `restore-${number}` };
  await server.query("postgres", `CREATE DATABASE ${target.name} TEMPLATE old_content`);
  await registerEnvironment(on, target.environmentId, target.name);
  await beginRestore(on, "source-env", target.environmentId, { restoreId: target.restoreId });
  for (const key of ["old-1", "old-2", "kept"]) await on.store.put({ bucket: FILES_BUCKET, key: `${target.environmentId}/${key}`, body: Buffer.from(key) });
  return target;
};
const readyToSwap = async (): Promise<Target> => {
  const target = await newTarget();
  await run(on, "restore", target.restoreId);
  await planRemoval(on, target.restoreId, ["old-1", "old-2"]);
  return target;
};
const whoIs = async (name: string): Promise<string> => (await server.query(name, "SELECT me FROM who"))[0]?.["me"] as string;
const databasesOf = async ({ name }: Target): Promise<string[]> =>
  (await server.query("postgres", "SELECT datname FROM pg_database WHERE datname = $1 OR datname LIKE $1 || '\\_\\_%' ORDER BY 1", [name])).map(({ datname }) => datname as string);
const filesOf = async ({ environmentId }: Target): Promise<string[]> =>
  (await on.store.list(FILES_BUCKET, { prefix: `${environmentId}/` })).objects.map(({ key }) => key.split("/")[1] ?? "");
const progressOf = async ({ restoreId }: Target) => (await on.catalog.getRestore(restoreId))?.database;

const expectRestored = async (target: Target): Promise<void> => {
  expect(await whoIs(target.name)).toBe("source");
  expect(await databasesOf(target)).toEqual([target.name]);
  expect(await filesOf(target)).toEqual(["kept"]);
  expect(await progressOf(target)).toMatchObject({ oldDropped: true, removed: 2, swappedAt: expect.any(String) });
};
/** I3: the target is as it was or as it should become, never between. */
const expectWhole = async (target: Target): Promise<"old" | "new"> => {
  const who = await whoIs(target.name);
  const files = await filesOf(target);
  if (who === "old_content") expect(files).toEqual(["kept", "old-1", "old-2"]);
  else expect(files).toContain("kept");
  return who === "old_content" ? "old" : "new";
};

test("the swap succeeds against ten clients that come back at once", async () => {
  const target = await readyToSwap();
  let going = true;
  let served = 0;
  const clients = Array.from({ length: 10 }, async () => {
    while (going) {
      try {
        const client = await server.connect(target.name);
        while (going) {
          const { rows } = await client.query<{ me: string }>("SELECT me FROM who");
          expect(["old_content", "source"]).toContain(rows[0]?.me);
          served++;
        }
        await client.end();
      } catch {
        await sleep(2);
      }
    }
  });
  await sleep(200);
  await run(on, "swap", target.restoreId);
  going = false;
  await Promise.all(clients);
  expect(served).toBeGreaterThan(10);
  await expectRestored(target);
});

test("a database that stays in use ends in one sentence, and nothing has changed", async () => {
  const target = await readyToSwap();
  await server.query("postgres", `ALTER DATABASE ${target.name} OWNER TO plain`);
  // An ordinary login can't end a superuser's session.
  const beside = (await progressOf(target))?.newName ?? "";
  await server.query("postgres", `ALTER DATABASE ${beside} OWNER TO plain`);
  on.secrets.set("superuser", { username: "plain", password: "plain" });
  on.context = { ...on.context, patience: { lockTries: 2, busyTries: 1 } };
  const holder = await server.connect(target.name);
  await runFailing(on, "swap", target.restoreId);
  expect(await sentence(on, { restore: target.restoreId })).toMatch(/^SwapRefused: Clients keep connecting to the database "target_\d+"/);
  await holder.end();
  await run(on, "swap", target.restoreId);
  on.secrets.set("superuser", { username: server.user, password: server.password });
  on.context = { ...on.context, patience: { lockTries: 2, busyTries: 20 } };
  await expectRestored(target);
});

test("a twin is kept out while another task holds the target, and gets its turn afterwards", async () => {
  const target = await readyToSwap();
  const twin = await server.connect("postgres");
  await twin.query("SELECT pg_advisory_lock($1)", [lockKey(target.name)]);
  for (const verb of ["swap", "undo"]) {
    await runFailing(on, verb, target.restoreId);
    expect(await sentence(on, { restore: target.restoreId })).toMatch(/^TwinRunning: Another task .* "target_\d+"/);
  }
  expect(await expectWhole(target)).toBe("old");
  await twin.end();
  await run(on, "swap", target.restoreId);
  await expectRestored(target);
});

test("two swaps at once come to the same end", async () => {
  const target = await readyToSwap();
  on.context = { ...on.context, patience: { lockTries: 30, busyTries: 20 } };
  await Promise.all([run(on, "swap", target.restoreId), run(on, "swap", target.restoreId)]);
  await expectRestored(target);
});

test("nothing is removed or dropped when the live database is another one", async () => {
  const target = await readyToSwap();
  await server.query("postgres", `ALTER DATABASE ${target.name} RENAME TO moved_${number}`);
  await server.query("postgres", `CREATE DATABASE ${target.name} TEMPLATE old_content`);
  await runFailing(on, "swap", target.restoreId);
  expect(await sentence(on, { restore: target.restoreId })).toMatch(/^TargetReplaced: .* is another one since the restore began/);
  expect(await expectWhole(target)).toBe("old");
  expect(await databasesOf(target)).toHaveLength(2);
});

test("the swap waits for the plan of the removal", async () => {
  const target = await newTarget();
  await run(on, "restore", target.restoreId);
  await runFailing(on, "swap", target.restoreId);
  expect(await sentence(on, { restore: target.restoreId })).toMatch(/^RestoreUnfinished/);
  expect(await expectWhole(target)).toBe("old");
});

test("files go in batches of a thousand, each only while the restored database is live", async () => {
  const target = await newTarget();
  await run(on, "restore", target.restoreId);
  const keys = Array.from({ length: 2500 }, (_, n) => `gone-${String(n).padStart(5, "0")}`);
  await planRemoval(on, target.restoreId, keys);
  let batches = 0;
  on.store.onReply = (operation) => {
    // The answer to the second batch is lost.
    if (operation === "deleteBatch" && ++batches === 2) throw new Error("lost");
  };
  await runFailing(on, "swap", target.restoreId);
  on.store.onReply = undefined;
  expect(await progressOf(target)).toMatchObject({ removed: 1000, oldDropped: false });
  on.store.resetRequests();
  await run(on, "swap", target.restoreId);
  expect(on.store.requests.filter(({ operation }) => operation === "deleteBatch").map(({ ref }) => ref.objects?.length)).toEqual([1000, 500]);
  expect(await progressOf(target)).toMatchObject({ removed: 2500, oldDropped: true });
});

describe("I3, I5: whichever statement the connection breaks at, the target is whole and the next run finishes", () => {
  // Each statement in turn, before and after it took effect, until one run has none left to break.
  test.each(["before", "after"] as const)("swap, broken %s the statement", async (when) => {
    let broken = 0;
    for (let statement = 1; ; statement++) {
      const target = await readyToSwap();
      const breaking = breakAt(statement, when);
      const ended = await runVerb(on.context, ["swap", target.restoreId]);
      const seen = breaking.seen();
      breaking.restore();
      const side = await expectWhole(target);
      if (ended !== 0 && statement % 2 === 0) {
        // The workflow gives up instead: undo goes back, or finds that it must go forward.
        await run(on, "undo", target.restoreId);
        expect(await whoIs(target.name)).toBe(side === "old" ? "old_content" : "source");
        if (side === "old") {
          expect(await databasesOf(target)).toEqual([target.name]);
          continue;
        }
        expect((await progressOf(target))?.swappedAt).not.toBeNull();
      }
      await run(on, "swap", target.restoreId);
      await expectRestored(target);
      if (seen < statement) break;
      broken++;
    }
    expect(broken).toBeGreaterThan(10);
  }, 180_000);

  test.each(["before", "after"] as const)("restore, broken %s the statement", async (when) => {
    const target = await newTarget();
    let broken = 0;
    for (let statement = 1; ; statement++) {
      await on.catalog.updateRestore(target.restoreId, { database: null });
      const breaking = breakAt(statement, when);
      const ended = await runVerb(on.context, ["restore", target.restoreId]);
      const seen = breaking.seen();
      breaking.restore();
      expect(await expectWhole(target)).toBe("old");
      if (seen < statement) break;
      expect(ended).toBe(1);
      expect((await progressOf(target))?.restored ?? false).toBe(false);
      broken++;
      if (statement % 4 !== 0) continue;
      await run(on, "undo", target.restoreId);
      expect(await databasesOf(target)).toEqual([target.name]);
    }
    expect(broken).toBeGreaterThan(10);
    await planRemoval(on, target.restoreId, ["old-1", "old-2"]);
    await run(on, "swap", target.restoreId);
    await expectRestored(target);
  }, 180_000);
});

describe("I3, I5: whichever request of the catalog or the store fails, the target is whole and the next run finishes", () => {
  test.each(["onRequest", "onReply"] as const)("swap, %s", async (hook) => {
    for (let request = 1; ; request++) {
      const target = await readyToSwap();
      let seen = 0;
      const fail = (): void => {
        if (++seen === request) throw new Error("killed here");
      };
      on.table[hook] = fail;
      on.store[hook] = fail;
      await runVerb(on.context, ["swap", target.restoreId]);
      on.table[hook] = undefined;
      on.store[hook] = undefined;
      await expectWhole(target);
      await run(on, "swap", target.restoreId);
      await expectRestored(target);
      if (seen < request) break;
    }
  }, 180_000);
});
